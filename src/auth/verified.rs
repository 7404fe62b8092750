//! Tokens that were verified, so that a token that comes again costs a look instead of a signature.
//!
//! Only what passed every check is kept, under a digest of the whole token: no token is kept itself. What may change is
//! asked again each time: the time of day, and whether the keys are still those that the signature was checked with.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};

use super::issuer::{Identity, Lifetime};
use super::keys::KeySet;

/// Tokens remembered at most: some six megabytes.
const MOST: u64 = 4_000;

/// The digest of a token.
type Key = [u8; 32];

/// What is known of a token.
#[derive(Clone)]
pub(super) struct Known {
    /// Which of the issuers signed it.
    pub(super) door: usize,
    /// Who it is for.
    pub(super) identity: Arc<Identity>,
    /// When it holds.
    pub(super) lifetime: Lifetime,
    /// The key set that the signature was checked with; none for a shared secret.
    pub(super) keys: Option<Arc<KeySet>>,
}

/// The tokens that were verified.
pub(super) struct Verified(moka::sync::Cache<Key, Known>);

impl Default for Verified {
    fn default() -> Self {
        Self(moka::sync::Cache::new(MOST))
    }
}

impl Verified {
    pub(super) fn find(&self, key: &Key) -> Option<Known> {
        self.0.get(key)
    }

    pub(super) fn remember(&self, key: Key, known: Known) {
        self.0.insert(key, known);
    }

    /// Forgets a token that is no good any more.
    pub(super) fn forget(&self, key: &Key) {
        self.0.invalidate(key);
    }
}

/// What a token is kept under.
pub(super) fn key(token: &str) -> Key {
    let mut key = Key::default();
    key.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    key
}

impl std::fmt::Debug for Verified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Verified({})", self.0.entry_count())
    }
}
