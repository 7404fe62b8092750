//! What happens to every request: an id, a log span, headers of caution, and one place that presents and logs errors.

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, ResponseError};
use tracing::{Instrument, Level};

use super::presentation::Presentation;
use super::problem::Problem;
use super::{Edge, table};
use crate::kernel::code::Code;
use crate::kernel::ids::RequestId;
use crate::traces;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const CAUTION: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Wraps everything else.
pub async fn finish(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = request_id(&request);
    request.extensions_mut().insert(id.clone());
    let route = request.match_pattern();
    let (method, path) = (request.method().as_str(), route.as_deref().unwrap_or("unknown"));
    let parent = request.headers().get(traces::TRACEPARENT).and_then(|value| value.to_str().ok());
    let span = traces::request(method, path, id.as_str(), parent);
    let outcome = answer(request, next).instrument(span.clone()).await?;
    let _entered = span.enter();
    let mut response = present(outcome, &id);
    write_headers(response.headers_mut(), &id);
    traces::answered(&span, response.status().as_u16());
    Ok(response)
}

fn request_id(request: &ServiceRequest) -> RequestId {
    let given = request.headers().get(&REQUEST_ID).and_then(|value| value.to_str().ok());
    let fresh = || match request.app_data::<Data<Edge>>() {
        Some(edge) => RequestId::new(edge.clock.now()),
        None => RequestId::new(chrono::DateTime::UNIX_EPOCH),
    };
    given.and_then(RequestId::given).unwrap_or_else(fresh)
}

async fn answer(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let edge = request.app_data::<Data<Edge>>().cloned();
    if let Some(own) = edge.as_ref().and_then(|edge| edge.own_host.as_ref())
        && let Err(problem) = own.check(request.headers())
    {
        return Ok(request.error_response(problem));
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

/// Writes the body of an error, and logs it.
fn present(response: ServiceResponse<BoxBody>, id: &RequestId) -> ServiceResponse<BoxBody> {
    let Some(error) = response.response().error() else {
        return response;
    };
    let stand_in;
    let problem = match error.as_error::<Problem>() {
        Some(problem) => problem,
        None => {
            stand_in = foreign(error.as_response_error());
            &stand_in
        }
    };
    log(problem);
    if let Some(edge) = response.request().app_data::<Data<Edge>>() {
        edge.metrics.refusal(problem.code());
    }
    let presentation = Presentation::at(response.request().match_pattern().as_deref());
    let body = presentation.body(problem, id);
    response.map_body(|head, _| {
        let media_type = HeaderValue::from_static(presentation.media_type());
        head.headers_mut().insert(header::CONTENT_TYPE, media_type);
        BoxBody::new(body)
    })
}

/// An error of the framework's own, such as a preflight that asks for too much.
fn foreign(error: &dyn ResponseError) -> Problem {
    if error.status_code().is_client_error() {
        return Problem::new(Code::InvalidRequest, error.to_string());
    }
    Problem::new(Code::Internal, super::problem::constant(Code::Internal))
}

fn log(problem: &Problem) {
    let (code, cause) = (problem.code().as_str(), problem.cause());
    match table::row(problem.code()).level {
        Level::ERROR => tracing::error!(code, cause, "request failed"),
        Level::WARN => tracing::warn!(code, cause, "request failed"),
        _ => tracing::debug!(code, cause, "request refused"),
    }
}

fn write_headers(headers: &mut HeaderMap, id: &RequestId) {
    for (name, value) in CAUTION {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if !headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        // The CORS layer says to strangers as well what they could read if they were none.
        headers.remove(header::ACCESS_CONTROL_EXPOSE_HEADERS);
    }
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        headers.insert(REQUEST_ID, value);
    }
}
