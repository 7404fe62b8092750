//! The table of errors: what each code looks like over HTTP, and how loud it is in the log.

use actix_web::http::StatusCode;
use tracing::Level;

use crate::kernel::code::Code;

/// How a code is presented.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The HTTP status.
    pub status: StatusCode,
    /// A few words that are the same each time.
    pub title: &'static str,
    /// The provider's word for this kind of error, for the SDKs that look at it.
    pub kind: &'static str,
    /// How loud it is in the log.
    pub level: Level,
}

const REQUEST: &str = "invalid_request_error";
const SERVER: &str = "server_error";

/// The row of a code.
pub fn row(code: Code) -> Row {
    let (status, title, kind, level) = match code {
        Code::InvalidRequest => (StatusCode::BAD_REQUEST, "Invalid request", REQUEST, Level::DEBUG),
        Code::Unauthorized => {
            (StatusCode::UNAUTHORIZED, "Not signed in", "authentication_error", Level::DEBUG)
        }
        Code::RoleNotAllowed => (StatusCode::FORBIDDEN, "Role not allowed", REQUEST, Level::DEBUG),
        Code::NotAllowed => (StatusCode::FORBIDDEN, "Not allowed", REQUEST, Level::DEBUG),
        Code::UserDisabled => (StatusCode::FORBIDDEN, "User disabled", REQUEST, Level::DEBUG),
        Code::NotFound => (StatusCode::NOT_FOUND, "Not found", REQUEST, Level::DEBUG),
        Code::MethodNotAllowed => {
            (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", REQUEST, Level::DEBUG)
        }
        Code::NoProviderKey => (StatusCode::CONFLICT, "No provider key", REQUEST, Level::WARN),
        Code::ProviderKeyRefused => (StatusCode::CONFLICT, "Provider key refused", REQUEST, Level::DEBUG),
        Code::ProviderKeyUnreadable => {
            (StatusCode::CONFLICT, "Provider key unreadable", REQUEST, Level::WARN)
        }
        Code::KeysNotStored => (StatusCode::CONFLICT, "Keys not stored", REQUEST, Level::DEBUG),
        Code::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Too large", REQUEST, Level::DEBUG),
        Code::UnsupportedMediaType => {
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type", REQUEST, Level::DEBUG)
        }
        Code::RateLimitExceeded => {
            (StatusCode::TOO_MANY_REQUESTS, "Hourly limit reached", "rate_limit_error", Level::DEBUG)
        }
        Code::BurstLimitExceeded => {
            (StatusCode::TOO_MANY_REQUESTS, "Too many requests at once", "rate_limit_error", Level::DEBUG)
        }
        Code::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Internal error", SERVER, Level::ERROR),
        Code::ProviderRejected => (StatusCode::BAD_GATEWAY, "Provider refused", SERVER, Level::ERROR),
        Code::ProviderError => (StatusCode::BAD_GATEWAY, "Provider failed", SERVER, Level::WARN),
        Code::StoreUnavailable => {
            (StatusCode::SERVICE_UNAVAILABLE, "Store unavailable", SERVER, Level::ERROR)
        }
        Code::KeysUnavailable => (StatusCode::SERVICE_UNAVAILABLE, "Keys unavailable", SERVER, Level::WARN),
        Code::TooManyListeners => {
            (StatusCode::SERVICE_UNAVAILABLE, "Too many listeners", SERVER, Level::WARN)
        }
        Code::ProviderBusy => (StatusCode::SERVICE_UNAVAILABLE, "Provider busy", SERVER, Level::WARN),
        Code::ProviderUnreachable => {
            (StatusCode::SERVICE_UNAVAILABLE, "Provider unreachable", SERVER, Level::WARN)
        }
        Code::ProviderTimeout => (StatusCode::GATEWAY_TIMEOUT, "Provider timed out", SERVER, Level::WARN),
    };
    Row { status, title, kind, level }
}
