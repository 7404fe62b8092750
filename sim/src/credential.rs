//! Who asks: by an API key, or by a client secret.

use std::sync::Arc;

use crate::{Standing, secrets::Secret};

/// What a request was opened with.
#[derive(Clone, Debug)]
pub(crate) enum Credential {
    /// An API key that was not withdrawn.
    Key {
        /// Whose it is.
        account: String,
        /// What it is worth.
        standing: Standing,
    },
    /// A client secret that has not expired.
    Secret(Arc<Secret>),
}

impl Credential {
    /// The account that pays.
    pub(crate) fn account(&self) -> &str {
        match self {
            Self::Key { account, .. } => account,
            Self::Secret(secret) => &secret.account,
        }
    }

    /// Whether a call that was begun with the one is seen by the other: a key of the same account, or the same secret.
    pub(crate) fn opens_what(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Key { account, .. }, Self::Key { account: other, .. }) => account == other,
            (Self::Secret(secret), Self::Secret(other)) => Arc::ptr_eq(secret, other),
            _ => false,
        }
    }
}
