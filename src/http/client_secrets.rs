//! `POST /v1/realtime/client_secrets`: a token for a voice session, in the provider's own form.

mod answer;
mod request;
mod session;

use actix_web::HttpResponse;
use actix_web::web::{Data, ReqData};

use self::answer::Answer;
use self::request::Request;
use super::accept_language::AcceptLanguage;
use super::body::Body;
use super::caller::Caller;
use super::problem::Problem;
use super::{Edge, rate_limit};
use crate::kernel::ids::RequestId;

pub(super) async fn post(
    body: Body,
    caller: Caller,
    accepted: AcceptLanguage,
    request_id: ReqData<RequestId>,
    edge: Data<Edge>,
) -> Result<HttpResponse, Problem> {
    let order = body.json::<Request>()?.order(caller.0, accepted.0, request_id.into_inner())?;
    let issued = edge.mint(order).await?;
    let mut response = HttpResponse::Ok().json(Answer::from(&issued));
    rate_limit::write(&issued.decision, response.headers_mut());
    Ok(response)
}
