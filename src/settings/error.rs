//! Why settings are not kept, or not shown.

use crate::policy::{Malformed, NotAllowed, RoleNotAllowed};
use crate::store::StoreError;

/// Settings that are refused, or can't be had.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// An operator has disabled the user.
    #[error("the user is disabled")]
    Disabled,
    /// The role asked for is not the user's, or the policy has none for them.
    #[error(transparent)]
    Role(#[from] RoleNotAllowed),
    /// A setting is good under no policy.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The role does not allow a setting, or has no conversations.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
