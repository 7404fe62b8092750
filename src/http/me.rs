//! `DELETE /v1/me`: a user erases what is held about them.

use actix_web::HttpResponse;
use actix_web::web::{Data, ReqData};

use super::Edge;
use super::caller::Caller;
use super::problem::Problem;
use crate::kernel::ids::RequestId;
use crate::store::{Actor, Origin};

pub(super) async fn delete(
    caller: Caller,
    request_id: ReqData<RequestId>,
    edge: Data<Edge>,
) -> Result<HttpResponse, Problem> {
    let user = &caller.0.user;
    let origin = Origin {
        actor: Actor::User(user.clone()),
        // It would stay, and say more of them than is left.
        address: None,
        request_id: Some(request_id.into_inner()),
    };
    edge.administration.erase_oneself(&origin, user).await?;
    Ok(HttpResponse::NoContent().finish())
}
