//! What every request to the provider's API passes through: it is recorded, meets the fault of the hour if there is
//! one, and is logged.

use actix_web::{
    Error, HttpMessage, ResponseError,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, UPGRADE},
    middleware::Next,
    web::{Bytes, Data},
};

use crate::{
    Fault, Recorded, Standing, api_error::ApiError, faults, provider::SentBody, simulation::Simulation,
};

/// Records, spoils and logs one request.
pub(crate) async fn observe(
    simulation: Data<Simulation>,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, Error> {
    let body = body(&mut request).await;
    let fault = body.as_ref().and_then(|_| simulation.faults.take());
    let sequence = simulation
        .journal
        .open(|sequence| arrival(sequence, &simulation, &request, body.as_ref(), fault.clone()));
    let (method, path) = (request.method().clone(), request.path().to_owned());

    if let Some(fault) = &fault {
        tracing::info!(%method, path, ?fault, "meets a fault");
    }

    let mut response = answer(body, fault.as_ref(), request, next).await?;
    if let Ok(id) = HeaderValue::try_from(request_id(sequence)) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    }

    let status = (fault != Some(Fault::Reset)).then(|| response.status().as_u16());
    simulation.journal.close(sequence, status);
    tracing::info!(%method, path, status, "request");
    Ok(response)
}

/// The body; none if it cannot be read. What follows a request to speak WebSocket is no body, and never ends.
async fn body(request: &mut ServiceRequest) -> Option<Bytes> {
    if request.headers().contains_key(UPGRADE) {
        return Some(Bytes::new());
    }
    request.extract::<Bytes>().await.ok()
}

async fn answer(
    body: Option<Bytes>,
    fault: Option<&Fault>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, Error> {
    let Some(body) = body else {
        return Ok(request.into_response(ApiError::UNREADABLE_BODY.error_response()));
    };
    request.extensions_mut().insert(SentBody(body));
    match fault {
        Some(fault) => faults::meet(fault, request, next).await,
        None => next.call(request).await,
    }
}

fn arrival(
    sequence: u64,
    simulation: &Simulation,
    request: &ServiceRequest,
    body: Option<&Bytes>,
    fault: Option<Fault>,
) -> Recorded {
    let headers = request.headers();
    let account = simulation.account(headers);
    let secret = simulation.secret(headers);
    Recorded {
        sequence,
        at: simulation.clock.now(),
        method: request.method().to_string(),
        path: request.path().to_owned(),
        query: Some(request.query_string().to_owned()).filter(|query| !query.is_empty()),
        key_ok: account.as_ref().is_some_and(|(_, standing)| *standing != Standing::Revoked),
        secret_ok: secret.is_some(),
        account: account.map(|(name, _)| name).or_else(|| secret.map(|secret| secret.account.clone())),
        content_type: text(headers, CONTENT_TYPE.as_str()),
        organization: text(headers, "openai-organization"),
        project: text(headers, "openai-project"),
        safety_identifier: text(headers, "openai-safety-identifier"),
        traceparent: text(headers, "traceparent"),
        header_names: names(headers),
        body_bytes: body.map_or(0, Bytes::len),
        body: body.and_then(|body| serde_json::from_slice(body).ok()),
        fault,
        request_id: request_id(sequence),
        status: None,
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn names(headers: &HeaderMap) -> Vec<String> {
    let mut names: Vec<String> = headers.keys().map(|name| name.as_str().to_owned()).collect();
    names.sort_unstable();
    names
}

fn request_id(sequence: u64) -> String {
    format!("req_{sequence:016x}")
}
