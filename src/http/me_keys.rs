//! `/v1/me/keys`: the keys that a user brings.

use actix_web::web::{Data, Json, ReqData};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::Edge;
use super::body::Body;
use super::caller::Caller;
use super::problem::Problem;
use super::provider_keys::{Holder, provider_of};
use crate::kernel::ids::RequestId;
use crate::store::{Actor, Origin};

/// The user, for their own keys.
fn holder(caller: Caller, request_id: ReqData<RequestId>) -> Holder {
    let user = caller.0.user.clone();
    let origin = Origin {
        actor: Actor::User(user.clone()),
        // As with everything that users do to their own data.
        address: None,
        request_id: Some(request_id.into_inner()),
    };
    Holder { origin, user }
}

pub(super) async fn list(
    caller: Caller,
    request_id: ReqData<RequestId>,
    edge: Data<Edge>,
) -> Result<Json<impl Serialize + use<>>, Problem> {
    Ok(Json(holder(caller, request_id).list(&edge).await?))
}

pub(super) async fn put(
    body: Body,
    caller: Caller,
    request: HttpRequest,
    request_id: ReqData<RequestId>,
    edge: Data<Edge>,
) -> Result<Json<impl Serialize + use<>>, Problem> {
    let provider = provider_of(&request).await?;
    let body = body.required_json()?;
    Ok(Json(holder(caller, request_id).put(&edge, provider, body).await?))
}

pub(super) async fn validate(
    caller: Caller,
    request: HttpRequest,
    request_id: ReqData<RequestId>,
    edge: Data<Edge>,
) -> Result<Json<impl Serialize + use<>>, Problem> {
    let provider = provider_of(&request).await?;
    Ok(Json(holder(caller, request_id).validate(&edge, &provider).await?))
}

pub(super) async fn delete(
    caller: Caller,
    request: HttpRequest,
    request_id: ReqData<RequestId>,
    edge: Data<Edge>,
) -> Result<HttpResponse, Problem> {
    let provider = provider_of(&request).await?;
    holder(caller, request_id).delete(&edge, &provider).await?;
    Ok(HttpResponse::NoContent().finish())
}
