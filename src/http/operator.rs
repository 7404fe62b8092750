//! Operators. A handler that takes an [`Operator`] can't be reached without the operator's token; a user's JWT is never
//! enough.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Digest, SHA256, digest};
use secrecy::{ExposeSecret, SecretString};

use super::Edge;
use super::caller::bearer;
use super::problem::Problem;
use crate::kernel::code::Code;

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

/// Somebody who sent the operator's token.
#[derive(Debug)]
pub(super) struct Operator;

impl FromRequest for Operator {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(known(request))
    }
}

fn known(request: &HttpRequest) -> Result<Operator, Problem> {
    let edge = request.app_data::<Data<Edge>>().ok_or_else(|| Problem::new(Code::Internal, "No service."))?;
    // Guesses come no faster than anything else.
    edge.door.address(request)?;
    let Some(admin_token) = &edge.admin_token else {
        return Err(refusal("This service has no operators. Set ADMIN_TOKEN to have one."));
    };
    match bearer(request.headers()) {
        Ok(sent) if admin_token.is(sent) => Ok(Operator),
        _ => Err(refusal("Send the operator's token: `Authorization: Bearer <ADMIN_TOKEN>`.")),
    }
}

fn refusal(detail: &'static str) -> Problem {
    Problem::new(Code::Unauthorized, detail)
}
