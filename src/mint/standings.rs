//! What is assumed about users, so that a mint needs one round trip to the store and not two.
//!
//! The spend checks the assumption against the table itself: a wrong one costs a second round trip, never a wrong decision.

use chrono::{DateTime, Utc};

use crate::kernel::user::{User, UserKey};
use crate::store::{KeyState, KeyVersion, Standing};

/// Users remembered at most.
const MOST: u64 = 50_000;

/// Remembers how users stood. Only those that an operator has decided something about take room.
#[derive(Debug)]
pub(super) struct Standings(moka::sync::Cache<UserKey, Standing>);

impl Default for Standings {
    fn default() -> Self {
        Self(moka::sync::Cache::new(MOST))
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
