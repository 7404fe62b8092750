//! Sessions over WebSockets, and the sidebands of calls: `GET /v1/realtime`.
//!
//! `target` is what the query asks for, `pump` carries events between a socket and a session.

mod pump;
mod target;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};

use crate::{
    api_error::ApiError,
    calls::Peer,
    conversation::{Session, Side},
    credential::Credential,
    provider::{Bearer, CurrentShape},
    random,
    simulation::Simulation,
};
use target::Target;

/// The subprotocol that is selected. Those beside it carry what a browser cannot put into headers, and are not repeated.
const PROTOCOL: &str = "realtime";

/// Opens a session of its own, or the sideband of a call.
pub(crate) async fn open(
    Bearer(credential): Bearer,
    _: CurrentShape,
    request: HttpRequest,
    body: Payload,
    simulation: Data<Simulation>,
) -> Result<HttpResponse, ApiError> {
    let target = Target::parse(request.query_string())?;
    let (response, session, messages) = actix_ws::handle_with_protocols(&request, body, &[PROTOCOL])
        .map_err(|_| ApiError::NOT_A_WEBSOCKET)?;
    let peer = match target {
        Target::Call(id) => sideband(&simulation, &id, &credential).await?,
        _ => speaker(&simulation, target, credential).await?,
    };
    actix_web::rt::spawn(pump::run(peer, session, messages));
    Ok(response)
}

async fn sideband(simulation: &Simulation, id: &str, credential: &Credential) -> Result<Peer, ApiError> {
    let hub = simulation.calls.sideband(id, credential).ok_or(ApiError::CALL_NOT_FOUND)?;
    hub.join(Side::Sideband).await.ok_or(ApiError::CALL_NOT_FOUND)
}

async fn speaker(simulation: &Simulation, target: Target, credential: Credential) -> Result<Peer, ApiError> {
    let id = random::token::<24>("sess_").map_err(|_| ApiError::SERVER_ERROR)?;
    let object = target.session(&id, &credential)?;
    let session = Session { id, object };
    let hub = simulation.calls.open(session, credential, simulation.clock.now());
    hub.join(Side::Speaker).await.ok_or(ApiError::SERVER_ERROR)
}
