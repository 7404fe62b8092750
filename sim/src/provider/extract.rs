//! What a request has to bring before a handler sees it.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    web::{Bytes, Data},
};
use serde_json::Value;

use crate::{Standing, api_error::ApiError, credential::Credential, simulation::Simulation};

/// The body as it came. `observe` reads it first, and leaves it here for the handlers.
pub(crate) struct SentBody(pub(crate) Bytes);

/// Proof that the request carried an API key that is known and was not withdrawn.
pub(super) struct Authorized;

/// Proof that it may make client secrets, too: the account that pays.
pub(super) struct MayMint(pub(super) String);

impl FromRequest for Authorized {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(account(request).map(|_| Self))
    }
}

impl FromRequest for MayMint {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(account(request).and_then(|(name, standing)| standing.opens_sessions().map(|()| Self(name))))
    }
}

/// Whose key the request has and what it is worth, if it is worth anything.
fn account(request: &HttpRequest) -> Result<(String, Standing), ApiError> {
    let simulation = request.app_data::<Data<Simulation>>();
    match simulation.and_then(|simulation| simulation.account(request.headers())) {
        Some((_, Standing::Revoked)) | None => Err(ApiError::INVALID_KEY),
        Some(account) => Ok(account),
    }
}

/// What opens the request: an API key that was not withdrawn, or a client secret that has not expired.
pub(crate) struct Bearer(pub(crate) Credential);

impl FromRequest for Bearer {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let simulation = request.app_data::<Data<Simulation>>();
        let credential = simulation.and_then(|simulation| simulation.credential(request.headers()));
        ready(credential.map(Self).ok_or(ApiError::INVALID_CREDENTIAL))
    }
}

/// Proof that the request does not ask for the beta of the API.
pub(crate) struct CurrentShape;

impl FromRequest for CurrentShape {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asked = listed(request, "openai-beta", "realtime=v1")
            || listed(request, "sec-websocket-protocol", "openai-beta.realtime-v1");
        ready(if asked { Err(ApiError::BETA_SHAPE) } else { Ok(Self) })
    }
}

/// Whether a header, which may come more than once, lists that value.
fn listed(request: &HttpRequest, header: &str, value: &str) -> bool {
    let mut lists = request.headers().get_all(header).filter_map(|list| list.to_str().ok());
    lists.any(|list| list.split(',').any(|one| one.trim() == value))
}

/// A body that is JSON and says so.
pub(super) struct Json(pub(super) Value);

impl FromRequest for Json {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(json(request).map(Self))
    }
}

fn json(request: &HttpRequest) -> Result<Value, ApiError> {
    if !request.content_type().eq_ignore_ascii_case("application/json") {
        return Err(ApiError::UNSUPPORTED_CONTENT_TYPE);
    }
    let extensions = request.extensions();
    let body = extensions.get::<SentBody>().map_or(&[][..], |body| &body.0);
    serde_json::from_slice(body).map_err(|_| ApiError::INVALID_JSON)
}
