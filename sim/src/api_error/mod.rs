//! The provider's errors: what they say, and the shape they are sent in. Those of calls are in `calls`.

mod calls;

use std::{borrow::Cow, fmt};

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde_json::json;

use crate::validate::Refusal;

const INVALID_REQUEST: &str = "invalid_request_error";
const SERVER_ERROR: &str = "server_error";

/// An error as the provider answers it.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    kind: &'static str,
    code: &'static str,
    param: Option<Cow<'static, str>>,
    message: Cow<'static, str>,
    retry_after: Option<u64>,
}

impl ApiError {
    /// No key, or one that is not ours. Never says which was sent.
    pub(crate) const INVALID_KEY: Self =
        Self::request(StatusCode::UNAUTHORIZED, "invalid_api_key", "The API key is missing or not valid.");

    /// The key may not do this.
    pub(crate) const FORBIDDEN: Self = Self::request(
        StatusCode::FORBIDDEN,
        "insufficient_permissions",
        "The API key lacks the permission for this request.",
    );

    /// The account has run out of money: waiting does not help, and there is no `Retry-After`.
    pub(crate) const INSUFFICIENT_QUOTA: Self = Self::new(
        StatusCode::TOO_MANY_REQUESTS,
        "insufficient_quota",
        "insufficient_quota",
        Cow::Borrowed("The account's quota is used up."),
    );

    /// The provider has failed.
    pub(crate) const SERVER_ERROR: Self = Self::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        SERVER_ERROR,
        "internal_error",
        Cow::Borrowed("The server could not process the request."),
    );

    /// The provider is overloaded or down.
    pub(crate) const UNAVAILABLE: Self = Self::new(
        StatusCode::SERVICE_UNAVAILABLE,
        SERVER_ERROR,
        "service_unavailable",
        Cow::Borrowed("The server is overloaded or not ready."),
    );

    /// A request in the shape of the beta, which was switched off.
    pub(crate) const BETA_SHAPE: Self = Self::request(
        StatusCode::BAD_REQUEST,
        "beta_api_shape_disabled",
        "The beta of the realtime API is switched off: leave out the header OpenAI-Beta.",
    );

    /// A body that does not claim to be JSON.
    pub(crate) const UNSUPPORTED_CONTENT_TYPE: Self = Self::request(
        StatusCode::BAD_REQUEST,
        "unsupported_content_type",
        "The Content-Type has to be application/json.",
    );

    /// A body that claims to be JSON and is not.
    pub(crate) const INVALID_JSON: Self =
        Self::request(StatusCode::BAD_REQUEST, "invalid_json", "The body is not valid JSON.");

    /// A body too large to be read, or one that broke off.
    pub(crate) const UNREADABLE_BODY: Self = Self::request(
        StatusCode::PAYLOAD_TOO_LARGE,
        "request_too_large",
        "The body is too large or incomplete.",
    );

    /// Too many requests; the next may come after so many seconds.
    pub(crate) fn rate_limited(retry_after: u64) -> Self {
        let message = format!("The rate limit for requests is reached. Try again in {retry_after} s.");
        let (status, kind, code) = (StatusCode::TOO_MANY_REQUESTS, "requests", "rate_limit_exceeded");
        Self { retry_after: Some(retry_after), ..Self::new(status, kind, code, message.into()) }
    }

    /// A path that the API does not have.
    pub(crate) fn unknown_path(method: &str, path: &str) -> Self {
        let message = format!("There is nothing at {method} {path}.");
        Self::new(StatusCode::NOT_FOUND, INVALID_REQUEST, "unknown_url", message.into())
    }

    /// A path that the API has, but not for this method.
    pub(crate) fn method_not_supported(method: &str, path: &str) -> Self {
        let message = format!("{path} does not take {method}.");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, INVALID_REQUEST, "method_not_supported", message.into())
    }

    /// What is wrong with one parameter of a request.
    const fn parameter(code: &'static str, param: &'static str, message: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: INVALID_REQUEST,
            code,
            param: Some(Cow::Borrowed(param)),
            message: Cow::Borrowed(message),
            retry_after: None,
        }
    }

    const fn request(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self::new(status, INVALID_REQUEST, code, Cow::Borrowed(message))
    }

    const fn new(
        status: StatusCode,
        kind: &'static str,
        code: &'static str,
        message: Cow<'static, str>,
    ) -> Self {
        Self { status, kind, code, param: None, message, retry_after: None }
    }
}

impl From<Refusal> for ApiError {
    fn from(Refusal { code, param, message }: Refusal) -> Self {
        Self {
            param: param.map(Cow::from),
            ..Self::new(StatusCode::BAD_REQUEST, INVALID_REQUEST, code, message.into())
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        response.json(json!({
            "error": {
                "message": self.message,
                "type": self.kind,
                "param": self.param,
                "code": self.code,
            }
        }))
    }
}
