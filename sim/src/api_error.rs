//! The provider's errors: what they say, and the shape they are sent in.

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

    /// Neither a key nor a client secret of ours. An expired secret is none.
    pub(crate) const INVALID_CREDENTIAL: Self = Self::request(
        StatusCode::UNAUTHORIZED,
        "invalid_api_key",
        "The API key or client secret is missing, not valid or expired.",
    );

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

    /// A call that never was, is over, or was made with another credential.
    pub(crate) const CALL_NOT_FOUND: Self = Self::request(
        StatusCode::NOT_FOUND,
        "call_id_not_found",
        "There is no such call for this credential, or it is over.",
    );

    /// A plain request where there is nothing but a WebSocket.
    pub(crate) const NOT_A_WEBSOCKET: Self = Self::request(
        StatusCode::UPGRADE_REQUIRED,
        "upgrade_required",
        "This address speaks WebSocket only: the request has to ask for the upgrade.",
    );

    /// An offer that is neither SDP nor a form.
    pub(crate) const NOT_AN_OFFER: Self = Self::request(
        StatusCode::BAD_REQUEST,
        "unsupported_content_type",
        "The Content-Type has to be application/sdp, or multipart/form-data with the parts sdp and session.",
    );

    /// A form that cannot be read.
    pub(crate) const INVALID_FORM: Self =
        Self::request(StatusCode::BAD_REQUEST, "invalid_form", "The body is not valid multipart/form-data.");

    /// A form without an offer.
    pub(crate) const NO_OFFER: Self =
        Self::parameter("missing_required_parameter", "sdp", "`sdp` is required.");

    /// A client secret carries its session.
    pub(crate) const SECRET_WITH_SESSION: Self = Self::parameter(
        "unknown_parameter",
        "session",
        "A client secret has its session: send the offer by itself, as application/sdp.",
    );

    /// An API key does not.
    pub(crate) const KEY_WITHOUT_SESSION: Self = Self::parameter(
        "missing_required_parameter",
        "session",
        "With an API key, `session` is required: send a form with the parts sdp and session.",
    );

    /// The model is the session's to name.
    pub(crate) const MODEL_IN_QUERY: Self = Self::parameter(
        "unknown_parameter",
        "model",
        "`model` does not belong in the query of a call: its session names the model.",
    );

    /// Translations have calls of their own.
    pub(crate) const OTHER_KIND_OF_CALL: Self = Self::request(
        StatusCode::BAD_REQUEST,
        "invalid_value",
        "The client secret is for another kind of call: translations go to /v1/realtime/translations/calls.",
    );

    /// An offer that cannot be answered, and what is wrong with it.
    pub(crate) fn bad_offer(fault: &'static str) -> Self {
        let message = format!("The SDP offer {fault}.");
        Self { message: message.into(), ..Self::parameter("invalid_offer", "sdp", "") }
    }

    /// A part that the form of a call does not have.
    pub(crate) fn unknown_part(name: &str) -> Self {
        let message = format!("`{name}` is not a part of this form: it has sdp and session.");
        let error = Self::new(StatusCode::BAD_REQUEST, INVALID_REQUEST, "unknown_parameter", message.into());
        Self { param: Some(name.to_owned().into()), ..error }
    }

    /// A part of the wrong content type.
    pub(crate) fn wrong_part(part: &'static str, content_type: &str) -> Self {
        let message = format!("The Content-Type of `{part}` has to be {content_type}.");
        Self { message: message.into(), ..Self::parameter("unsupported_content_type", part, "") }
    }

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
