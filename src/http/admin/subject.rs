//! The user whom an address names.

use std::sync::Arc;

use actix_web::web::Path;
use actix_web::{FromRequest, HttpRequest};
use serde::Deserialize;

use super::super::problem::Problem;
use super::super::{Edge, query};
use crate::auth::NoSuchUser;
use crate::kernel::code::Code;
use crate::kernel::user::User;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    issuer: Option<String>,
}

#[derive(Deserialize)]
struct Place {
    id: String,
}

/// The user of `/v1/admin/users/{id}?issuer=`, and of addresses below it.
pub(super) async fn of(request: &HttpRequest, edge: &Edge) -> Result<Arc<User>, Problem> {
    let Query { issuer } = query::read(request)?;
    let place = Path::<Place>::extract(request).await;
    let place = place.map_err(|_| Problem::new(Code::InvalidRequest, "The user's id can't be read."))?;
    named(edge, issuer.as_deref(), &place.id, "id")
}

/// The user whom tokens of this issuer call so.
pub(super) fn named(
    edge: &Edge,
    issuer: Option<&str>,
    subject: &str,
    param: &'static str,
) -> Result<Arc<User>, Problem> {
    edge.verifier.user(issuer, subject).map(Arc::new).map_err(|error| match &error {
        NoSuchUser::BadName(_) => Problem::invalid(
            param,
            "A user's id is the `sub` of their tokens: 1 to 255 bytes without control characters.",
        ),
        _ => Problem::invalid("issuer", super::super::problem::sentence(&error)),
    })
}

/// Why an issuer alone says nothing.
pub(super) fn issuer_without_user() -> Problem {
    Problem::invalid("issuer", "It says whose user `user` is: send that too.")
}
