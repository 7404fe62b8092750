//! What a user sees of their own use.

use std::sync::Arc;

use crate::auth::Identity;
use crate::limit::Decision;
use crate::policy::{CurrentPolicy, Rights, RoleNotAllowed};
use crate::store::{RecentMint, Store, StoreError, TokenCounts};

/// Mints that a user is shown of their history.
const RECENT: u16 = 20;

/// Tells users what they have used and what is left.
#[derive(Debug, Clone)]
pub struct OwnUsage {
    store: Arc<dyn Store>,
    policy: CurrentPolicy,
}

/// A user's own use.
#[derive(Debug, Clone)]
pub struct Report {
    /// The role that the user has without asking for one.
    pub role: String,
    /// What is left of the hour.
    pub decision: Decision,
    /// Tokens handed out.
    pub tokens: TokenCounts,
    /// The newest mints.
    pub recent: Vec<RecentMint>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// An operator has disabled the user.
    #[error("the user is disabled")]
    Disabled,
    /// The policy has no role for the user.
    #[error(transparent)]
    Role(#[from] RoleNotAllowed),
    /// The store does not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OwnUsage {
    /// Reports out of this store, under this policy.
    pub fn new(store: Arc<dyn Store>, policy: CurrentPolicy) -> Self {
        Self { store, policy }
    }

    /// What this user has used.
    pub async fn report(&self, identity: &Identity) -> Result<Report, UsageError> {
        let usage = self.store.usage(&identity.user.key, RECENT).await?;
        if usage.standing.disabled {
            return Err(UsageError::Disabled);
        }
        let policy = self.policy.take();
        let role = policy.role(&Rights {
            assigned: usage.standing.role.as_deref(),
            claimed: &identity.roles,
            requested: None,
        })?;
        let limit = usage.standing.hourly_limit.unwrap_or_else(|| role.hourly_limit());
        Ok(Report {
            role: role.name().to_owned(),
            decision: Decision::between(usage.at, &usage.stamps, limit),
            tokens: usage.tokens,
            recent: usage.recent,
        })
    }
}
