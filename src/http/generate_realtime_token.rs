//! `POST /functions/v1/generate-realtime-token`: the same tokens for older front ends, in the form that they know.
//!
//! Errors there are one sentence; see [`super::presentation`].

use actix_web::HttpResponse;
use actix_web::web::{Data, ReqData};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::accept_language::{AcceptLanguage, languages};
use super::body::Body;
use super::caller::Caller;
use super::problem::Problem;
use super::{Edge, rate_limit};
use crate::kernel::ids::RequestId;
use crate::mint::{AskedRole, Order};
use crate::policy::Asked;

/// The address, as those front ends have it.
pub(super) const PATH: &str = "/functions/v1/generate-realtime-token";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Request {
    user_role: Option<String>,
    language: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    token: &'a str,
    /// In milliseconds since 1970.
    expires_at: i64,
}

pub(super) async fn post(
    body: Body,
    caller: Caller,
    accepted: AcceptLanguage,
    request_id: ReqData<RequestId>,
    edge: Data<Edge>,
) -> Result<HttpResponse, Problem> {
    let (identity, request) = (caller.0, body.json::<Request>()?);
    let languages = languages(request.language, &identity, accepted.0)?;
    // Those front ends send a role that nobody checked, and would not know what to do about a refusal.
    let role = request.user_role.map_or(AskedRole::Own, AskedRole::Rather);
    let request_id = request_id.into_inner();
    let order = Order { identity, request_id, role, languages, asked: Asked::default() };
    let issued = edge.mint(order).await?;
    let answer =
        Answer { token: issued.value.expose_secret(), expires_at: issued.expires_at.timestamp_millis() };
    let mut response = HttpResponse::Ok().json(answer);
    rate_limit::write(&issued.decision, response.headers_mut());
    Ok(response)
}
