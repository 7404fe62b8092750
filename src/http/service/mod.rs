//! The operator's own backends. A handler that takes a [`Service`] can't be reached without the secret of one that may do
//! what the handler does. Whoever else tries is noted in the audit trail.

pub(super) mod client_secrets;
pub(super) mod key;

use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

use super::Edge;
use super::body::let_arrive;
use super::caller::bearer;
use super::noted::noted;
use super::problem::Problem;
use crate::kernel::code::Code;
use crate::kernel::service::{self, Scope, SecretDigest};
use crate::store::{Actor, Origin};

/// What a handler does with a backend's credential.
pub(super) trait Purpose: 'static {
    /// The scope that it takes.
    const SCOPE: Scope;
}

/// A backend that has the scope for this purpose, and where it is.
#[derive(Debug)]
pub(super) struct Service<P> {
    pub(super) service: service::Service,
    pub(super) origin: Origin,
    purpose: PhantomData<P>,
}

impl<P: Purpose> FromRequest for Service<P> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { let_arrive(known(&request).await).await })
    }
}

async fn known<P: Purpose>(request: &HttpRequest) -> Result<Service<P>, Problem> {
    let permit = async |edge: &Edge, origin: &mut Origin| permitted(request, edge, P::SCOPE, origin).await;
    let (service, origin) = noted(request, permit).await?;
    Ok(Service { service, origin, purpose: PhantomData })
}

/// Finds out which backend it is, and whether it may do this.
async fn permitted(
    request: &HttpRequest,
    edge: &Edge,
    scope: Scope,
    origin: &mut Origin,
) -> Result<service::Service, Problem> {
    let refused = || {
        let detail = "Send the secret of a service: `Authorization: Bearer eph_svc_…`.";
        Problem::new(Code::Unauthorized, detail)
    };
    let sent = bearer(request.headers()).map_err(|_| refused())?;
    let secret = SecretDigest::of(sent).ok_or_else(refused)?;
    let service = edge.administration.service_by(&secret).await?.ok_or_else(refused)?;
    origin.actor = Actor::Backend(service.name.clone());
    edge.door.service(&service.name)?;
    if !service.scopes.contains(&scope) {
        let detail = format!("This service may not do that: its credential lacks the scope `{scope}`.");
        return Err(Problem::new(Code::NotAllowed, detail));
    }
    Ok(service)
}
