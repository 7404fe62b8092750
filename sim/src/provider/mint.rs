//! Client secrets: the ephemeral tokens.

use actix_web::{HttpResponse, web::Data};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::extract::{CurrentShape, Json, MayMint};
use crate::{api_error::ApiError, echo, random, secrets::Secret, simulation::Simulation, validate};

/// How long a secret lives that was asked for without a time.
const DEFAULT_SECONDS: i64 = 600;

/// `POST /v1/realtime/client_secrets`.
pub(super) async fn client_secret(
    MayMint(account): MayMint,
    _: CurrentShape,
    Json(body): Json,
    simulation: Data<Simulation>,
) -> Result<HttpResponse, ApiError> {
    validate::client_secret(&body)?;
    mint(&simulation, account, &body, echo::session)
}

/// `POST /v1/realtime/translations/client_secrets`.
pub(super) async fn translation_secret(
    MayMint(account): MayMint,
    _: CurrentShape,
    Json(body): Json,
    simulation: Data<Simulation>,
) -> Result<HttpResponse, ApiError> {
    validate::translation_secret(&body)?;
    mint(&simulation, account, &body, echo::translation)
}

fn mint(
    simulation: &Simulation,
    account: String,
    body: &Value,
    echo: fn(&str, &Value) -> Value,
) -> Result<HttpResponse, ApiError> {
    let seconds = body.pointer("/expires_after/seconds").and_then(Value::as_i64).unwrap_or(DEFAULT_SECONDS);
    let value = random::token::<43>("ek_").map_err(|_| ApiError::SERVER_ERROR)?;
    let session_id = random::token::<24>("sess_").map_err(|_| ApiError::SERVER_ERROR)?;
    let session = echo(&session_id, body.get("session").unwrap_or(&Value::Null));
    let now = simulation.clock.now();
    let expires = now + TimeDelta::seconds(seconds);
    let answer = json!({ "value": value, "expires_at": expires.timestamp(), "session": session });
    simulation.secrets.put(value, Secret { account, session, expires }, now);
    simulation.count_mint();
    Ok(HttpResponse::Ok().json(answer))
}
