//! `GET`, `PUT` and `DELETE /v1/me/settings`: what a user sets for their own conversations; and
//! `POST /v1/me/settings/preview`: what comes of it.

mod answer;
mod request;

use actix_web::web::{Data, Json, ReqData};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use self::answer::{Previewed, Shown};
use self::request::{PreviewRequest, Settings};
use super::accept_language::{AcceptLanguage, languages};
use super::body::Body;
use super::caller::Caller;
use super::problem::Problem;
use super::{Edge, query};
use crate::kernel::ids::RequestId;
use crate::settings::Asking;

/// The parameters of an address that is about one role.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    role: Option<String>,
}

pub(super) async fn get(
    caller: Caller,
    request: HttpRequest,
    edge: Data<Edge>,
) -> Result<Json<Shown>, Problem> {
    let Parameters { role } = query::read(&request)?;
    let kept = edge.settings.read(Asking { identity: &caller.0, role: role.as_deref() }).await?;
    Ok(Json(kept.into()))
}

pub(super) async fn put(
    body: Body,
    caller: Caller,
    request: HttpRequest,
    request_id: ReqData<RequestId>,
    edge: Data<Edge>,
) -> Result<Json<Shown>, Problem> {
    let Parameters { role } = query::read(&request)?;
    let asking = Asking { identity: &caller.0, role: role.as_deref() };
    let settings = body.required_json::<Settings>()?.into();
    let kept = edge.settings.put(asking, settings, request_id.into_inner()).await?;
    Ok(Json(kept.into()))
}

pub(super) async fn delete(
    caller: Caller,
    request_id: ReqData<RequestId>,
    edge: Data<Edge>,
) -> Result<HttpResponse, Problem> {
    let asking = Asking { identity: &caller.0, role: None };
    edge.settings.delete(asking, request_id.into_inner()).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(super) async fn preview(
    body: Body,
    caller: Caller,
    accepted: AcceptLanguage,
    edge: Data<Edge>,
) -> Result<Json<Previewed>, Problem> {
    let PreviewRequest { role, language, settings } = body.json()?;
    let languages = languages(language, &caller.0, accepted.0)?;
    let asking = Asking { identity: &caller.0, role: role.as_deref() };
    let preview = edge.settings.preview(asking, &languages, settings.map(|own| own.0.into())).await?;
    Ok(Json(preview.into()))
}
