//! `POST /v1/service/users/{id}/client_secrets`: a token for a user, on a backend's word for who they are.

use std::sync::Arc;

use actix_web::web::{Data, ReqData};
use actix_web::{HttpRequest, HttpResponse, ResponseError};

use super::super::accept_language::AcceptLanguage;
use super::super::admin::subject;
use super::super::body::Body;
use super::super::problem::Problem;
use super::super::{Edge, client_secrets};
use super::{Purpose, Service};
use crate::auth::Identity;
use crate::kernel::ids::RequestId;
use crate::kernel::service::Scope;
use crate::kernel::user::User;

/// Mints for users.
#[derive(Debug)]
pub(in super::super) struct Mints;

impl Purpose for Mints {
    const SCOPE: Scope = Scope::Mint;
}

pub(in super::super) async fn post(
    body: Body,
    service: Service<Mints>,
    accepted: AcceptLanguage,
    request_id: ReqData<RequestId>,
    request: HttpRequest,
    edge: Data<Edge>,
) -> Result<HttpResponse, Problem> {
    let user = subject::of(&request, &edge).await?;
    let (identity, request_id) = (known_by_name(user.clone()), request_id.into_inner());
    let minted = client_secrets::mint(&edge, body, identity, accepted, request_id).await;
    let origin = &service.origin;
    match &minted {
        Ok(_) => edge.administration.minted_for(origin, &user, None),
        Err(problem) if problem.status_code().is_client_error() => {
            edge.administration.minted_for(origin, &user, Some(problem.code()));
        }
        // A failure is no act. What may have been handed out has its row in the ledger.
        Err(_) => {}
    }
    minted
}

/// No token speaks for the user: their role and name are those that the users table gives them, or the policy's default.
fn known_by_name(user: Arc<User>) -> Arc<Identity> {
    Arc::new(Identity { user, roles: Vec::new(), name: None, language: None })
}
