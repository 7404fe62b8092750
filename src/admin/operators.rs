//! Users who are operators, by their role.

use std::sync::Arc;

use super::error::NotOperator;
use crate::auth::Identity;
use crate::policy::{CurrentPolicy, Rights};
use crate::store::Store;

/// Knows which users are operators.
#[derive(Debug, Clone)]
pub struct Operators {
    roles: Arc<[String]>,
    store: Arc<dyn Store>,
    policy: CurrentPolicy,
}

impl Operators {
    pub(super) fn new(roles: Vec<String>, store: Arc<dyn Store>, policy: CurrentPolicy) -> Self {
        Self { roles: roles.into(), store, policy }
    }

    /// Whether users can be operators at all.
    pub fn may_be_users(&self) -> bool {
        !self.roles.is_empty()
    }

    /// Lets operators pass: users whom an operator, or their token, has given one of the roles. The table is asked each
    /// time, so whoever is disabled or loses the role is none at once.
    pub async fn check(&self, identity: &Identity) -> Result<(), NotOperator> {
        if !self.may_be_users() {
            return Err(NotOperator::NoRoles);
        }
        let standing = self.store.standing(&identity.user.key).await?;
        if standing.disabled {
            return Err(NotOperator::Disabled);
        }
        let policy = self.policy.take();
        let (assigned, claimed) = (standing.role.as_deref(), identity.roles.as_slice());
        match policy.given_role(&Rights { assigned, claimed, requested: None })? {
            Some(role) if self.roles.iter().any(|name| name == role.name()) => Ok(()),
            _ => Err(NotOperator::OtherRole),
        }
    }
}
