//! What a request gets that meets a fault.

use std::{future::pending, time::Duration};

use actix_web::{
    Error, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody as _, to_bytes},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
    web::Bytes,
};
use serde_json::{Map, Value, json};
use tokio::time::sleep;

use super::{Fault, broken_body::BrokenBody};
use crate::{api_error::ApiError, connection};

/// Answers a request that meets `fault`.
pub(crate) async fn meet(
    fault: &Fault,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, Error> {
    let stand_in = match fault {
        Fault::Slow { millis } => {
            let answer = next.call(request).await;
            sleep(Duration::from_millis(*millis)).await;
            return answer;
        }
        Fault::Cut => return with_body(next.call(request).await?, cut).await,
        Fault::NoValue => return with_body(next.call(request).await?, without_value).await,
        Fault::Hang => pending().await,
        Fault::Reset => {
            connection::reset_when_dropped(request.request());
            HttpResponse::Ok().body(BrokenBody::unsent())
        }
        Fault::Unauthorized => ApiError::INVALID_KEY.error_response(),
        Fault::Forbidden => ApiError::FORBIDDEN.error_response(),
        Fault::RateLimited { retry_after } => ApiError::rate_limited(*retry_after).error_response(),
        Fault::InsufficientQuota => ApiError::INSUFFICIENT_QUOTA.error_response(),
        Fault::ServerError => ApiError::SERVER_ERROR.error_response(),
        Fault::Unavailable => ApiError::UNAVAILABLE.error_response(),
        Fault::Garbage => HttpResponse::Ok().content_type("application/json").body("<html>{\"value\":"),
        Fault::Redirect { location } => {
            HttpResponse::Found().insert_header((header::LOCATION, location.as_str())).finish()
        }
        Fault::Oversized { bytes } => oversized(*bytes),
    };
    Ok(request.into_response(stand_in))
}

/// The same answer with another body. What becomes a WebSocket has none.
async fn with_body(answer: ServiceResponse, change: fn(Bytes) -> BoxBody) -> Result<ServiceResponse, Error> {
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        return Ok(answer);
    }
    let (request, response) = answer.into_parts();
    let (head, body) = response.into_parts();
    let body = to_bytes(body).await.map_err(|_| ApiError::SERVER_ERROR)?;
    Ok(ServiceResponse::new(request, head.set_body(change(body))))
}

fn cut(body: Bytes) -> BoxBody {
    BrokenBody::half(&body).boxed()
}

fn without_value(body: Bytes) -> BoxBody {
    match serde_json::from_slice::<Map<String, Value>>(&body) {
        Ok(mut answer) => {
            answer.remove("value");
            BoxBody::new(Value::Object(answer).to_string())
        }
        // SDP, or no body at all: nothing has a value there.
        Err(_) => BoxBody::new(body),
    }
}

/// A good answer but for its size, so that only a limit on the size refuses it.
fn oversized(bytes: usize) -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "value": "ek_oversized",
        "expires_at": 4_102_444_800_i64,
        "session": { "type": "realtime", "instructions": " ".repeat(bytes) },
    }))
}
