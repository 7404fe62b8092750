//! Who calls. A handler that takes a [`Caller`] can't be reached without a valid token of a user, nor by too many requests
//! at once.

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

use super::Edge;
use super::body::let_arrive;
use super::problem::Problem;
use crate::auth::Identity;
use crate::kernel::code::Code;

/// A user whose token was verified.
#[derive(Debug)]
pub(super) struct Caller(pub Arc<Identity>);

impl FromRequest for Caller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { let_arrive(verified(&request).await).await })
    }
}

async fn verified(request: &HttpRequest) -> Result<Caller, Problem> {
    let edge = request.app_data::<Data<Edge>>().ok_or_else(|| Problem::new(Code::Internal, "No service."))?;
    // Before anything else: it protects the verification too.
    edge.door.address(request)?;
    let identity = identified(request, edge).await.inspect_err(|problem| edge.refused(request, problem))?;
    edge.door.user(&identity.user)?;
    Ok(Caller(identity))
}

async fn identified(request: &HttpRequest, edge: &Edge) -> Result<Arc<Identity>, Problem> {
    let token = bearer(request.headers())?;
    Ok(edge.verifier.verify(token).await?)
}

pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut values = headers.get_all(AUTHORIZATION);
    let value = values.next().ok_or_else(missing)?;
    if values.next().is_some() {
        return Err(unauthorized("Send one Authorization header, not several."));
    }
    let (scheme, token) = value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or_else(missing)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(missing()) }
}

fn missing() -> Problem {
    unauthorized("Send the user's JWT: `Authorization: Bearer <token>`.")
}

fn unauthorized(detail: &'static str) -> Problem {
    Problem::new(Code::Unauthorized, detail)
}
