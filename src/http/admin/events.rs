//! `GET /v1/admin/events`: mints and refusals as they happen, on whichever replica, as server-sent events.

mod stream;

use actix_web::http::header::{CONTENT_TYPE, HeaderName};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use uuid::Uuid;

use self::stream::{Filter, Stream};
use super::super::operator::{Credential, Operator};
use super::super::problem::Problem;
use super::super::{Edge, query};
use super::subject;
use crate::kernel::ids::MintId;

const MEDIA_TYPE: &str = "text/event-stream; charset=utf-8";

/// Tells nginx, and those who do as it does, to pass events on as they come.
const DO_NOT_BUFFER: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// Where somebody who listened before wants to go on.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    user: Option<String>,
    issuer: Option<String>,
    role: Option<String>,
}

pub(in super::super) async fn get(
    _: Operator,
    request: HttpRequest,
    edge: Data<Edge>,
) -> Result<HttpResponse, Problem> {
    let filter = filter(query::read(&request)?, &edge)?;
    let listener = edge.events.listen(last_event_id(&request)?).await?;
    let stream = Stream::new(listener, filter, Credential::of(&request)?, edge);
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, MEDIA_TYPE)).insert_header(DO_NOT_BUFFER);
    Ok(response.streaming(stream.pieces()))
}

fn filter(asked: Query, edge: &Edge) -> Result<Filter, Problem> {
    let user = match (&asked.user, &asked.issuer) {
        (Some(user), issuer) => Some(subject::named(edge, issuer.as_deref(), user, "user")?),
        (None, Some(_)) => return Err(subject::issuer_without_user()),
        (None, None) => None,
    };
    Ok(Filter { user, role: asked.role })
}

fn last_event_id(request: &HttpRequest) -> Result<Option<MintId>, Problem> {
    let Some(value) = request.headers().get(&LAST_EVENT_ID) else { return Ok(None) };
    let id = value.to_str().ok().and_then(|text| text.parse::<Uuid>().ok());
    let bad = || Problem::invalid("Last-Event-ID", "Send the `id` of the last event, as it came.");
    id.map(|id| Some(MintId(id))).ok_or_else(bad)
}
