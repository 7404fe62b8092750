//! `GET /healthz` and `GET /readyz`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

use super::Edge;
use super::problem::Problem;
use crate::limit::SpendError;
use crate::mint::MintError;
use crate::usage::UsageError;

/// Alive; touches nothing.
pub(super) async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "alive" }))
}

/// Ready to mint: the store answers, or the limiter does without it; and tokens can be checked. Not while stopping.
pub(super) async fn ready(edge: Data<Edge>) -> Result<HttpResponse, Problem> {
    if edge.minting.is_stopping() {
        return Err(MintError::from(SpendError::Stopping).into());
    }
    edge.verifier.ready()?;
    let answer = edge.store.ping().await;
    // A database that answers may still be unable to do its work; then the limiter knows better.
    let works = answer.is_ok() && !edge.limiter.is_without_store();
    edge.metrics.store_answered(works);
    let status = match answer {
        Ok(()) if works => "ready",
        Err(error) if !edge.limiter.can_do_without_store() => return Err(UsageError::Store(error).into()),
        _ => "degraded",
    };
    Ok(HttpResponse::Ok().json(json!({ "status": status })))
}
