//! What goes wrong with calls.

use actix_web::http::StatusCode;

use super::{ApiError, INVALID_REQUEST};

impl ApiError {
    /// Neither a key nor a client secret of ours. An expired secret is none.
    pub(crate) const INVALID_CREDENTIAL: Self = Self::request(
        StatusCode::UNAUTHORIZED,
        "invalid_api_key",
        "The API key or client secret is missing, not valid or expired.",
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
}
