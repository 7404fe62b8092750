//! A store for the tests of this module: it takes entries and outcomes, remembers how they came, and fails on command.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::kernel::ids::{ActId, AlertId, MintId};
use crate::kernel::provider_name::ProviderName;
use crate::kernel::service::{SecretDigest, Service, ServiceName};
use crate::kernel::session::PersonalSettings;
use crate::kernel::user::{User, UserKey};
use crate::store::reports::{
    DayPart, LatencyFact, MintFact, RefusalFact, Reports, RolledUp, RollupState, TopUsers, UserFact, Which,
};
use crate::store::{
    Act, Administration, Alert, AlertRow, Alerting, Attempt, AuditRow, Batch, Counted, Counts, Decided,
    Entry, Erased, Erasing, Failures, HeavyDay, HeldSettings, Judged, KeyRecord, LedgerRow, MintPage, Over,
    ProviderKeys, Refusal, RefusalRow, Resealed, SealedKey, SealingCount, ServiceRecord, Services,
    SettingsOfUsers, Spent, Standing, Store, StoreError, Usage, UserPage, UserRecord,
};

#[derive(Debug, Default)]
pub(super) struct Double {
    pub(super) entered: Mutex<Vec<MintId>>,
    /// How many outcomes came with each turn.
    pub(super) turns: Mutex<Vec<usize>>,
    /// How many counts of refusals came with each statement.
    pub(super) counted: Mutex<Vec<usize>>,
    /// A mint that no statement goes through with.
    pub(super) poisoned: Option<MintId>,
    /// Whether a turn with less than everything fails too.
    pub(super) fails: bool,
}

fn gone() -> StoreError {
    StoreError::Unavailable { doing: "anything", cause: "gone".into() }
}

fn poison() -> StoreError {
    StoreError::Data { doing: "anything", cause: "poison".into() }
}

#[async_trait]
impl Administration for Double {
    async fn users(&self, _: &UserPage) -> Result<Vec<UserRecord>, StoreError> {
        Err(gone())
    }

    async fn user(&self, _: &UserKey) -> Result<Option<UserRecord>, StoreError> {
        Err(gone())
    }

    async fn put_user(&self, _: &User, _: &Decided, _: &Act) -> Result<UserRecord, StoreError> {
        Err(gone())
    }

    async fn erase(&self, _: &User, _: Erasing, _: &Act) -> Result<Erased, StoreError> {
        Err(gone())
    }

    async fn anonymise(&self) -> Result<u64, StoreError> {
        Err(gone())
    }

    async fn mints(&self, _: &MintPage) -> Result<Vec<LedgerRow>, StoreError> {
        Err(gone())
    }

    async fn record(&self, _: &[Act]) -> Result<(), StoreError> {
        Err(gone())
    }

    async fn acts(&self, _: ActId, _: u16) -> Result<Vec<AuditRow>, StoreError> {
        Err(gone())
    }
}

#[async_trait]
impl Store for Double {
    async fn turn(&self, batch: &Batch) -> Result<Vec<Spent>, StoreError> {
        self.turns.lock().unwrap().push(batch.settlements.len());
        if batch.settlements.iter().any(|end| Some(end.id) == self.poisoned) {
            return Err(poison());
        }
        if self.fails { Err(gone()) } else { Ok(Vec::new()) }
    }

    async fn enter(&self, entries: &[Entry]) -> Result<(), StoreError> {
        if entries.iter().any(|entry| Some(entry.ask.id) == self.poisoned) {
            return Err(poison());
        }
        self.entered.lock().unwrap().extend(entries.iter().map(|entry| entry.ask.id));
        Ok(())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn standing(&self, _: &UserKey) -> Result<Standing, StoreError> {
        Err(gone())
    }

    async fn usage(&self, _: &UserKey, _: u16) -> Result<Usage, StoreError> {
        Err(gone())
    }

    async fn count_refusals(&self, refusals: &[Refusal]) -> Result<(), StoreError> {
        self.counted.lock().unwrap().push(refusals.len());
        Ok(())
    }

    async fn give_up(&self, _: Duration, _: MintId) -> Result<u64, StoreError> {
        Err(gone())
    }

    async fn newest(&self, _: u32) -> Result<Vec<LedgerRow>, StoreError> {
        Err(gone())
    }

    async fn since(&self, _: MintId, _: u32) -> Result<Vec<LedgerRow>, StoreError> {
        Err(gone())
    }

    async fn refusals_since(&self, _: DateTime<Utc>, _: u32) -> Result<Vec<RefusalRow>, StoreError> {
        Err(gone())
    }

    async fn counts(&self, _: DateTime<Utc>) -> Result<Counts, StoreError> {
        Err(gone())
    }
}

#[async_trait]
impl Reports for Double {
    async fn roll_up(&self) -> Result<RolledUp, StoreError> {
        Err(gone())
    }

    async fn rollup_state(&self) -> Result<RollupState, StoreError> {
        Err(gone())
    }

    async fn pending_from(&self) -> Result<DateTime<Utc>, StoreError> {
        Err(gone())
    }

    async fn forget(&self, _: DateTime<Utc>, _: u32) -> Result<u64, StoreError> {
        Err(gone())
    }

    async fn mint_facts(&self, _: &[DateTime<Utc>], _: &Which) -> Result<Vec<MintFact>, StoreError> {
        Err(gone())
    }

    async fn refusal_facts(&self, _: &[DateTime<Utc>]) -> Result<Vec<RefusalFact>, StoreError> {
        Err(gone())
    }

    async fn latency_facts(
        &self,
        _: DateTime<Utc>,
        _: DateTime<Utc>,
        _: Option<&str>,
    ) -> Result<Vec<LatencyFact>, StoreError> {
        Err(gone())
    }

    async fn active_users(&self, _: &[DayPart], _: Option<&str>) -> Result<Vec<(usize, i64)>, StoreError> {
        Err(gone())
    }

    async fn top_users(&self, _: &TopUsers) -> Result<Vec<UserFact>, StoreError> {
        Err(gone())
    }
}

#[async_trait]
impl SettingsOfUsers for Double {
    async fn put_settings(
        &self,
        _: &UserKey,
        _: &PersonalSettings,
        _: &Act,
    ) -> Result<HeldSettings, StoreError> {
        Err(gone())
    }

    async fn delete_settings(&self, _: &UserKey, _: &Act) -> Result<(), StoreError> {
        Err(gone())
    }
}

#[async_trait]
impl ProviderKeys for Double {
    async fn provider_keys(&self, _: &UserKey) -> Result<Vec<KeyRecord>, StoreError> {
        Err(gone())
    }

    async fn put_provider_key(&self, _: &UserKey, _: &SealedKey, _: &Act) -> Result<(), StoreError> {
        Err(gone())
    }

    async fn add_provider_key(&self, _: &UserKey, _: &SealedKey, _: &Act) -> Result<bool, StoreError> {
        Err(gone())
    }

    async fn judge_provider_key(&self, _: &UserKey, _: &Judged, _: &Act) -> Result<bool, StoreError> {
        Err(gone())
    }

    async fn delete_provider_key(&self, _: &UserKey, _: &ProviderName, _: &Act) -> Result<bool, StoreError> {
        Err(gone())
    }

    async fn note_key_use(&self, _: &[(UserKey, ProviderName)]) -> Result<(), StoreError> {
        Err(gone())
    }

    async fn sealing_keys(&self, _: Option<DateTime<Utc>>) -> Result<Vec<SealingCount>, StoreError> {
        Err(gone())
    }

    async fn provider_keys_after(
        &self,
        _: Option<&(UserKey, ProviderName)>,
        _: u16,
    ) -> Result<Vec<KeyRecord>, StoreError> {
        Err(gone())
    }

    async fn reseal(&self, _: &[Resealed]) -> Result<u64, StoreError> {
        Err(gone())
    }
}

#[async_trait]
impl Alerting for Double {
    async fn raise(&self, _: &Alert) -> Result<bool, StoreError> {
        Err(gone())
    }

    async fn alerts(&self, _: AlertId, _: u16) -> Result<Vec<AlertRow>, StoreError> {
        Err(gone())
    }

    async fn take_due_alert(&self, _: Duration) -> Result<Option<AlertRow>, StoreError> {
        Err(gone())
    }

    async fn attempted(&self, _: AlertId, _: Attempt) -> Result<(), StoreError> {
        Err(gone())
    }

    async fn count_failures(&self, _: &[Failures]) -> Result<(), StoreError> {
        Err(gone())
    }

    async fn failing_addresses(&self, _: Over) -> Result<Vec<Counted>, StoreError> {
        Err(gone())
    }

    async fn frequent_users(&self, _: Over) -> Result<Vec<Counted>, StoreError> {
        Err(gone())
    }

    async fn heavy_users(&self, _: HeavyDay) -> Result<Vec<Counted>, StoreError> {
        Err(gone())
    }

    async fn unusual_users(&self, _: HeavyDay, _: f64) -> Result<Vec<(Counted, i64)>, StoreError> {
        Err(gone())
    }

    async fn usual_day(&self, _: DateTime<Utc>) -> Result<Option<i64>, StoreError> {
        Err(gone())
    }

    async fn forget_failures(&self, _: DateTime<Utc>) -> Result<(), StoreError> {
        Err(gone())
    }

    async fn forget_alerts(&self, _: DateTime<Utc>) -> Result<(), StoreError> {
        Err(gone())
    }
}

#[async_trait]
impl Services for Double {
    async fn services(&self) -> Result<Vec<ServiceRecord>, StoreError> {
        Err(gone())
    }

    async fn add_service(
        &self,
        _: &Service,
        _: &SecretDigest,
        _: &Act,
    ) -> Result<Option<ServiceRecord>, StoreError> {
        Err(gone())
    }

    async fn rotate_service(
        &self,
        _: &ServiceName,
        _: &SecretDigest,
        _: Duration,
        _: &Act,
    ) -> Result<Option<ServiceRecord>, StoreError> {
        Err(gone())
    }

    async fn revoke_service(&self, _: &ServiceName, _: &Act) -> Result<bool, StoreError> {
        Err(gone())
    }

    async fn service_by(&self, _: &SecretDigest) -> Result<Option<Service>, StoreError> {
        Err(gone())
    }
}
