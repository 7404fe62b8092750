//! What is assumed about users, so that a mint needs one round trip to the store and not two.
//!
//! The spend checks the assumption against the table itself: a wrong one costs a second round trip, never a wrong decision.

use chrono::{DateTime, Utc};

use crate::kernel::user::{User, UserKey};
use crate::store::{KeyState, KeyVersion, Standing};

/// How much is remembered, in bytes.
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// What a user takes who has set nothing, roughly.
const BYTES: usize = 512;

/// What settings take once they are read, for each byte of them, roughly.
const BYTES_PER_BYTE: usize = 4;

/// Remembers how users stood. Only those take room about whom an operator has decided something, or who have something of
/// their own.
#[derive(Debug)]
pub(super) struct Standings(moka::sync::Cache<UserKey, Standing>);

impl Default for Standings {
    fn default() -> Self {
        Self(
            moka::sync::Cache::builder()
                .max_capacity(MOST_BYTES)
                .weigher(|_, standing| weight(standing))
                .build(),
        )
    }
}

impl Standings {
    pub(super) fn assumed(&self, user: &User) -> Standing {
        self.0.get(&user.key).unwrap_or_default()
    }

    /// The provider said this of the key of this version, at this time.
    pub(super) fn judged(&self, user: &User, version: KeyVersion, state: KeyState, at: DateTime<Utc>) {
        let mut standing = self.assumed(user);
        if let Some(key) = standing.key.as_mut().filter(|key| key.version == version) {
            (key.state, key.refused_at) = (state, Some(at));
            self.0.insert(user.key, standing);
        }
    }

    pub(super) fn remember(&self, user: &User, standing: &Standing) {
        if *standing == Standing::default() {
            self.0.invalidate(&user.key);
        } else {
            self.0.insert(user.key, standing.clone());
        }
    }
}

fn weight(standing: &Standing) -> u32 {
    let settings = standing.settings.as_ref().map_or(0, |own| own.size.saturating_mul(BYTES_PER_BYTE));
    let key = standing.key.as_ref().map_or(0, |key| key.sealed.len());
    u32::try_from(settings.saturating_add(key + BYTES)).unwrap_or(u32::MAX)
}
