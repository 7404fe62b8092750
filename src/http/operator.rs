//! Operators. A handler that takes an [`Operator`] can't be reached without `ADMIN_TOKEN`, or the JWT of a user who was given
//! one of the roles of `ADMIN_ROLES`. Whoever else tries is noted in the audit trail.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Digest, SHA256, digest};
use futures_util::future::LocalBoxFuture;
use secrecy::{ExposeSecret, SecretString};

use super::Edge;
use super::body::let_arrive;
use super::caller::bearer;
use super::noted::noted;
use super::problem::Problem;
use crate::kernel::code::Code;
use crate::store::{Actor, Origin};

/// What operators are known by: a digest of `ADMIN_TOKEN`.
#[derive(Clone)]
pub struct AdminToken(Digest);

impl AdminToken {
    /// The token that operators send.
    pub fn new(token: &SecretString) -> Self {
        Self(digest(&SHA256, token.expose_secret().as_bytes()))
    }

    /// Compares digests, so that neither the time nor the length tells anything of the token.
    fn is(&self, sent: &str) -> bool {
        verify_slices_are_equal(self.0.as_ref(), digest(&SHA256, sent.as_bytes()).as_ref()).is_ok()
    }
}

impl std::fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AdminToken(…)")
    }
}

/// Somebody who may do what operators do, and where they are.
#[derive(Debug)]
pub(super) struct Operator(pub Origin);

impl FromRequest for Operator {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { let_arrive(known(&request).await).await })
    }
}

/// What an operator came with, to be checked again while an answer lasts.
pub(super) struct Credential(SecretString);

impl Credential {
    /// Of a request that an [`Operator`] made.
    pub(super) fn of(request: &HttpRequest) -> Result<Self, Problem> {
        bearer(request.headers()).map(|sent| Self(sent.into()))
    }

    /// Whether its holder is still an operator: a JWT expires, and roles are taken away.
    pub(super) async fn check(&self, edge: &Edge) -> Result<(), Problem> {
        let mut nowhere = Origin { actor: Actor::Stranger, address: None, request_id: None };
        check(self.0.expose_secret(), edge, &mut nowhere).await
    }
}

async fn known(request: &HttpRequest) -> Result<Operator, Problem> {
    let identify = async |edge: &Edge, origin: &mut Origin| identified(request, edge, origin).await;
    noted(request, identify).await.map(|((), origin)| Operator(origin))
}

/// Finds out who it is, as far as that can be known, and whether they are an operator.
async fn identified(request: &HttpRequest, edge: &Edge, origin: &mut Origin) -> Result<(), Problem> {
    let sent = bearer(request.headers()).map_err(|_| refusal(edge))?;
    check(sent, edge, origin).await
}

async fn check(sent: &str, edge: &Edge, origin: &mut Origin) -> Result<(), Problem> {
    let operators = &edge.administration.operators;
    if edge.admin_token.as_ref().is_some_and(|token| token.is(sent)) {
        origin.actor = Actor::AdminToken;
        return Ok(());
    }
    if !operators.may_be_users() {
        return Err(refusal(edge));
    }
    let identity = edge.verifier.verify(sent).await?;
    origin.actor = Actor::User(identity.user.clone());
    Ok(operators.check(&identity).await?)
}

fn refusal(edge: &Edge) -> Problem {
    let detail = match (edge.admin_token.is_some(), edge.administration.operators.may_be_users()) {
        (true, true) => {
            "Send the operator's token, or the JWT of an operator: `Authorization: Bearer <ADMIN_TOKEN or JWT>`."
        }
        (true, false) => "Send the operator's token: `Authorization: Bearer <ADMIN_TOKEN>`.",
        (false, true) => "Send the JWT of an operator: `Authorization: Bearer <JWT>`.",
        (false, false) => "This service has no operators. Set ADMIN_TOKEN or ADMIN_ROLES to have one.",
    };
    Problem::new(Code::Unauthorized, detail)
}
