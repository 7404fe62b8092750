//! Looking after what is sealed: what each sealing key holds, and sealing anew under the one that seals now.
//!
//! Batch by batch, each change only if what was sealed before is still there. So it may run beside any number of services, be
//! killed at any point and begun again: whoever enters a key meanwhile wins, and nothing is sealed anew twice.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::kernel::provider_name::ProviderName;
use crate::kernel::user::UserKey;
use crate::store::{KeyRecord, Resealed, SealingCount, Store, StoreError};
use crate::vault::{Due, Place, Reminders, SealError, Vault};

/// Keys in one step.
const STEP: u16 = 200;

/// Why keys could not be sealed anew.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no randomness.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// What is stored, by the state that it is in.
#[derive(Debug, Default)]
pub struct Survey {
    /// What each sealing key holds, by its id.
    pub sealing_keys: Vec<SealingCount>,
    /// Keys that don't open, by the id of the sealing key that they are said to be under.
    pub unreadable: BTreeMap<String, u64>,
    /// Keys that are due to be replaced.
    pub due: Due,
}

impl Survey {
    /// Opens everything that there is, to see whether it opens.
    pub async fn take(
        store: &dyn Store,
        vault: &Vault,
        reminders: Reminders,
        now: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let sealing_keys = store.sealing_keys(reminders.old_until(now)).await?;
        let due = reminders.due(&sealing_keys, vault, now);
        let mut survey = Self { sealing_keys, due, unreadable: BTreeMap::new() };
        let mut pages = Pages::default();
        while let Some(page) = pages.next(store).await? {
            for record in &page {
                if vault.open(&place(record), &record.held.sealed).is_err() {
                    *survey.unreadable.entry(record.sealing_key.clone()).or_default() += 1;
                }
            }
        }
        Ok(survey)
    }
}

/// Seals anew what is under another key than the one that seals.
#[derive(Debug, Default)]
pub struct Rotation {
    pages: Pages,
    /// Keys that were sealed anew.
    pub sealed: u64,
    /// Keys that don't open: they stay as they are.
    pub unreadable: u64,
    /// Keys that were entered anew or deleted at the same moment.
    pub missed: u64,
}

impl Rotation {
    /// The next step. Says whether there may be more to do.
    pub async fn step(&mut self, store: &dyn Store, vault: &Vault) -> Result<bool, UpkeepError> {
        let Some(page) = self.pages.next(store).await? else {
            return Ok(false);
        };
        let mut changes = Vec::new();
        for record in page.iter().filter(|record| record.sealing_key != vault.seals_under().as_str()) {
            match vault.open(&place(record), &record.held.sealed) {
                Ok(key) => {
                    let sealed = vault.seal(&place(record), &key)?;
                    changes.push(Resealed {
                        user: record.user,
                        provider: record.provider.clone(),
                        before: record.held.sealed.clone(),
                        sealed: sealed.bytes,
                        sealing_key: sealed.key_id.as_str().to_owned(),
                    });
                }
                Err(_) => self.unreadable += 1,
            }
        }
        if !changes.is_empty() {
            let done = store.reseal(&changes).await?;
            self.sealed += done;
            self.missed += changes.len() as u64 - done;
        }
        Ok(true)
    }
}

fn place(record: &KeyRecord) -> Place<'_> {
    Place::provider_key(&record.user, &record.provider)
}

/// All keys, page by page.
#[derive(Debug, Default)]
struct Pages {
    after: Option<(UserKey, ProviderName)>,
    ended: bool,
}

impl Pages {
    async fn next(&mut self, store: &dyn Store) -> Result<Option<Vec<KeyRecord>>, StoreError> {
        if self.ended {
            return Ok(None);
        }
        let page = store.provider_keys_after(self.after.as_ref(), STEP).await?;
        self.ended = page.len() < usize::from(STEP);
        self.after = page.last().map(|record| (record.user, record.provider.clone()));
        Ok(Some(page))
    }
}
