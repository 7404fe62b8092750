//! When keys of users were last used. A mint waits for no write of that, and most mints cost none.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::kernel::provider_name::ProviderName;
use crate::kernel::user::UserKey;
use crate::store::{Store, StoreError};

/// Keys that wait at most while they can't be written. Beyond, uses are not noted.
const MOST: usize = 50_000;

/// Filled by whoever uses a key, emptied by a job.
#[derive(Debug)]
pub struct KeyUse {
    store: Arc<dyn Store>,
    used: Mutex<HashSet<(UserKey, ProviderName)>>,
}

impl KeyUse {
    /// Uses of keys that are in this store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, used: Mutex::default() }
    }

    /// A key was used.
    pub fn note(&self, user: UserKey, provider: ProviderName) {
        let mut used = self.used();
        if used.len() < MOST {
            used.insert((user, provider));
        }
    }

    /// Writes down what was noted since the last time; what can't be written waits on.
    pub async fn write(&self) -> Result<(), StoreError> {
        let used: Vec<_> = self.used().drain().collect();
        if used.is_empty() {
            return Ok(());
        }
        let written = self.store.note_key_use(&used).await;
        if written.is_err() {
            used.into_iter().for_each(|(user, provider)| self.note(user, provider));
        }
        written
    }

    fn used(&self) -> MutexGuard<'_, HashSet<(UserKey, ProviderName)>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
