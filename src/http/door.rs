//! What stands before every route that wants a credential: bursts are held here, before a token is verified and before
//! the store is asked for anything.

use std::sync::Arc;

use actix_web::HttpRequest;

use super::client_address::TrustedProxies;
use super::problem::Problem;
use crate::kernel::code::Code;
use crate::kernel::service::ServiceName;
use crate::kernel::user::User;
use crate::limit::{Bursts, Limiter};

/// Lets requests in, unless there are too many at once.
#[derive(Debug)]
pub struct Door {
    /// How many at once.
    pub bursts: Arc<Bursts>,
    /// Whose word on a request's origin is believed.
    pub proxies: TrustedProxies,
    /// Counts refusals of users.
    pub limiter: Limiter,
}

impl Door {
    /// The first check of all, by the address that the request comes from.
    pub(super) fn address(&self, request: &HttpRequest) -> Result<(), Problem> {
        Ok(self.bursts.address(self.proxies.client(request))?)
    }

    /// The check that follows the look-up of a backend.
    pub(super) fn service(&self, service: &ServiceName) -> Result<(), Problem> {
        Ok(self.bursts.service(service)?)
    }

    /// The check that follows a token's verification.
    pub(super) fn user(&self, user: &Arc<User>) -> Result<(), Problem> {
        self.bursts.user(&user.key).map_err(|burst| {
            self.limiter.refused(user, Code::BurstLimitExceeded);
            burst.into()
        })
    }
}
