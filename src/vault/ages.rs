//! When it is time for other keys: those that users bring, and the one that seals them.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::Vault;
use crate::store::{SealingCount, Store, StoreError};

/// When keys have become old; none: never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reminders {
    /// `PROVIDER_KEY_ROTATION_DAYS`: keys of users.
    pub provider_keys: Option<TimeDelta>,
    /// `KEY_ROTATION_DAYS`: the key that seals.
    pub sealing_key: Option<TimeDelta>,
}

/// Keys that are due to be replaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Due {
    /// Keys of users, how many.
    pub provider_keys: i64,
    /// For how many days the sealing key has sealed, where that is long enough.
    pub sealing_days: Option<i64>,
    /// What was compared with.
    reminders: Reminders,
}

impl Reminders {
    /// Keys of users that were entered until then are old.
    pub fn old_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.provider_keys.and_then(|limit| now.checked_sub_signed(limit))
    }

    /// What is due, where sealing keys hold this, counted with [`Reminders::old_until`].
    pub fn due(&self, held: &[SealingCount], vault: &Vault, now: DateTime<Utc>) -> Due {
        let seals = held.iter().find(|key| key.sealing_key == vault.seals_under().as_str());
        let age = seals.map(|key| now - key.sealing_since);
        let is_due = |age: &TimeDelta| self.sealing_key.is_some_and(|limit| *age >= limit);
        Due {
            provider_keys: held.iter().map(|key| key.old).sum(),
            sealing_days: age.filter(is_due).map(|age| age.num_days()),
            reminders: *self,
        }
    }
}

impl Due {
    /// How many keys, the sealing key among them.
    pub fn count(&self) -> i64 {
        self.provider_keys + i64::from(self.sealing_days.is_some())
    }

    /// Of users' keys, in words that name nobody.
    pub fn of_users(&self) -> Option<String> {
        let limit = self.reminders.provider_keys.filter(|_| self.provider_keys > 0)?;
        Some(format!(
            "{} of users' keys were entered more than {} days ago (PROVIDER_KEY_ROTATION_DAYS)",
            self.provider_keys,
            limit.num_days()
        ))
    }

    /// Of the sealing key, in words.
    pub fn of_sealing(&self) -> Option<String> {
        self.sealing_days
            .map(|days| format!("the sealing key has sealed for {days} days (KEY_ROTATION_DAYS)"))
    }
}

/// Looks at the ages of keys.
#[derive(Debug, Clone)]
pub struct KeyAges {
    /// The sealing keys.
    pub vault: Arc<Vault>,
    /// When keys have become old.
    pub reminders: Reminders,
}

impl KeyAges {
    /// What is due now, among the keys that are in this store.
    pub async fn due(&self, store: &dyn Store, now: DateTime<Utc>) -> Result<Due, StoreError> {
        let held = store.sealing_keys(self.reminders.old_until(now)).await?;
        Ok(self.reminders.due(&held, &self.vault, now))
    }
}
