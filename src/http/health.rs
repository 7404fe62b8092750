//! `GET /healthz` and `GET /readyz`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

use super::Edge;
use super::problem::Problem;
use crate::usage::UsageError;

/// Alive; touches nothing.
pub(super) async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "alive" }))
}

/// Ready to mint: the store answers, and tokens can be checked.
pub(super) async fn ready(edge: Data<Edge>) -> Result<HttpResponse, Problem> {
    edge.store.ping().await.map_err(UsageError::Store)?;
    edge.verifier.ready()?;
    Ok(HttpResponse::Ok().json(json!({ "status": "ready" })))
}
