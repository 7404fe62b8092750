//! Calls over WebRTC: an offer comes by HTTP, and the answer says where the sound goes.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path},
};
use serde_json::Value;

use super::{
    extract::{Bearer, CurrentShape},
    offer::{Form, Offer},
};
use crate::{
    api_error::ApiError, calls::NoAnswer, connection, conversation::Session, credential::Credential, echo,
    random, simulation::Simulation, validate,
};

/// `POST /v1/realtime/calls`: realtime and transcription sessions.
pub(super) async fn call(
    bearer: Bearer,
    _: CurrentShape,
    offer: Offer,
    request: HttpRequest,
    simulation: Data<Simulation>,
) -> Result<HttpResponse, ApiError> {
    begin(bearer, offer, &request, &simulation, &CALL).await
}

/// `POST /v1/realtime/translations/calls`.
pub(super) async fn translation_call(
    bearer: Bearer,
    _: CurrentShape,
    offer: Offer,
    request: HttpRequest,
    simulation: Data<Simulation>,
) -> Result<HttpResponse, ApiError> {
    begin(bearer, offer, &request, &simulation, &TRANSLATION).await
}

/// `POST /v1/realtime/calls/{id}/hangup`.
pub(super) async fn hang_up(
    Bearer(credential): Bearer,
    id: Path<String>,
    simulation: Data<Simulation>,
) -> Result<HttpResponse, ApiError> {
    if simulation.calls.hang_up(&id, &credential) {
        Ok(HttpResponse::Ok().finish())
    } else {
        Err(ApiError::CALL_NOT_FOUND)
    }
}

/// What differs between the two kinds of calls.
struct Kind {
    path: &'static str,
    validate: fn(&Value) -> Result<(), validate::Refusal>,
    echo: fn(&str, &Value) -> Value,
    translates: bool,
}

const CALL: Kind =
    Kind { path: "/v1/realtime/calls", validate: validate::call, echo: echo::session, translates: false };

const TRANSLATION: Kind = Kind {
    path: "/v1/realtime/translations/calls",
    validate: validate::translation_call,
    echo: echo::translation,
    translates: true,
};

async fn begin(
    Bearer(credential): Bearer,
    Offer { sdp, form }: Offer,
    request: &HttpRequest,
    simulation: &Simulation,
    kind: &Kind,
) -> Result<HttpResponse, ApiError> {
    if request.uri().query().is_some_and(|query| query.split('&').any(|pair| pair.starts_with("model="))) {
        return Err(ApiError::MODEL_IN_QUERY);
    }
    let session = session(&credential, form, kind)?;
    let addresses = addresses(request, simulation);
    let id = random::token::<24>("rtc_").map_err(|_| ApiError::SERVER_ERROR)?;
    let now = simulation.clock.now();
    let answer = simulation.calls.call(&id, &sdp, &addresses, session, credential, now).await;
    let answer = answer.map_err(|reason| match reason {
        NoAnswer::Offer(fault) => ApiError::bad_offer(fault),
        NoAnswer::Port(error) => {
            tracing::warn!(%error, ?addresses, "no port for a call");
            ApiError::SERVER_ERROR
        }
    })?;
    Ok(HttpResponse::Created()
        .content_type("application/sdp")
        .insert_header((header::LOCATION, format!("{}/{id}", kind.path)))
        .body(answer))
}

/// Where a browser can reach a call: where it was told to, and where this request came in, if it was told nothing or is on this machine.
fn addresses(request: &HttpRequest, simulation: &Simulation) -> Vec<IpAddr> {
    let here = connection::local_address(request).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    match simulation.media_address {
        Some(given) if here.is_loopback() && here != given => vec![given, here],
        Some(given) => vec![given],
        None => vec![here],
    }
}

/// The session that a credential opens in this form.
fn session(credential: &Credential, form: Form, kind: &Kind) -> Result<Session, ApiError> {
    let id = random::token::<24>("sess_").map_err(|_| ApiError::SERVER_ERROR)?;
    let object = match (credential, form) {
        (Credential::Secret(_), Form::WithSession(_)) => return Err(ApiError::SECRET_WITH_SESSION),
        (Credential::Secret(secret), Form::Alone) => {
            if secret.translates() != kind.translates {
                return Err(ApiError::OTHER_KIND_OF_CALL);
            }
            secret.session_as(&id)
        }
        (Credential::Key { standing, .. }, form) => {
            standing.opens_sessions()?;
            let Form::WithSession(body) = form else { return Err(ApiError::KEY_WITHOUT_SESSION) };
            (kind.validate)(&body)?;
            (kind.echo)(&id, body.get("session").unwrap_or(&Value::Null))
        }
    };
    Ok(Session { id, object })
}
