//! Floor 1: the only place that knows a database.
//!
//! [`Store`] is what the use-cases need, not a method for each table. Two databases answer it alike: PostgreSQL and
//! the embedded SQLite; one conformance suite (`tests/api/conformance`) runs over both.

pub mod postgres;
pub mod sqlite;

mod administration;
mod alerts;
mod audit;
mod error;
mod foreign;
mod model;
mod packed;
mod people;
mod personal_settings;
mod provider_keys;
pub mod reports;
mod services;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

pub use administration::{
    Administration, Decided, ERASED_AT_ONCE, Erased, Erasing, MintPage, OwnLimit, UserPage, UserRecord,
};
pub use alerts::{Alert, AlertRow, Alerting, Attempt, Counted, Failures, HeavyDay, Over, Subject};
pub use audit::{Act, Action, Actor, AuditRow, Named, Origin};
pub use error::{OpenError, StoreError};
pub use foreign::{ForeignRow, ForeignTable};
pub use model::{
    Ask, Batch, Connections, Counts, Entry, Hour, LedgerRow, Load, MintCount, Outcome, RecentMint, Refusal,
    RefusalCount, RefusalRow, Settlement, Spent, Standing, TokenCounts, Usage,
};
pub use personal_settings::{HeldSettings, SettingsOfUsers, SettingsVersion};
pub use provider_keys::{
    HeldKey, Judged, KeyRecord, KeyState, KeyVersion, ProviderKeys, Resealed, SealedKey, SealingCount,
};
pub use reports::Reports;
pub use services::{ServiceRecord, Services};

use crate::kernel::clock::Clock;
use crate::kernel::ids::MintId;
pub use crate::kernel::key_source::KeySource;
use crate::kernel::user::UserKey;

/// The clock that a store decides by: one and the same for everything in a decision.
#[derive(Debug, Clone)]
pub enum StoreClock {
    /// The store's own: the database server's, or this machine's for the embedded store.
    Own,
    /// One that a test sets.
    Set(Arc<dyn Clock>),
}

/// The ledger, the rolling hours, the counts of refusals and the users.
#[async_trait]
pub trait Store:
    Administration
    + Alerting
    + ProviderKeys
    + Reports
    + Services
    + SettingsOfUsers
    + Send
    + Sync
    + std::fmt::Debug
{
    /// Takes mints from the hourly allowances, writes their ledger rows and settles earlier ones, in one round trip.
    ///
    /// Answers each of `batch.asks` in its place. All that one user asks for in a batch must be under one limit.
    /// After an error nobody knows whether the batch took effect; to settle or refund a mint twice does no harm.
    async fn turn(&self, batch: &Batch) -> Result<Vec<Spent>, StoreError>;

    /// Writes the ledger rows of mints that were granted without the store, as pending, and takes them from the rolling
    /// hours, whatever room these have. To enter a mint that has its row does nothing. None is dated after the store's
    /// own time.
    async fn enter(&self, entries: &[Entry]) -> Result<(), StoreError>;

    /// What an operator has decided about a user, the key that they brought, and what they have set for themselves.
    async fn standing(&self, user: &UserKey) -> Result<Standing, StoreError>;

    /// What a user has used, and their newest `recent` mints.
    async fn usage(&self, user: &UserKey, recent: u16) -> Result<Usage, StoreError>;

    /// Adds to the counts of refusals. No user, code and minute may come twice in one call.
    async fn count_refusals(&self, refusals: &[Refusal]) -> Result<(), StoreError>;

    /// Marks mints that have been pending for longer than `age` as unconfirmed, and says how many there were.
    /// Ids are ordered by time: `since` bounds how far back the ledger is read.
    async fn give_up(&self, age: Duration, since: MintId) -> Result<u64, StoreError>;

    /// The newest mints of everybody, newest first.
    async fn newest(&self, limit: u32) -> Result<Vec<LedgerRow>, StoreError>;

    /// The mints of everybody from `from` on, oldest first.
    async fn since(&self, from: MintId, limit: u32) -> Result<Vec<LedgerRow>, StoreError>;

    /// How often users were refused in the minutes from `from` on, at most so many rows, the newest minutes first. Erased
    /// users are left out.
    async fn refusals_since(&self, from: DateTime<Utc>, limit: u32) -> Result<Vec<RefusalRow>, StoreError>;

    /// How many mints and refusals there have been since `then`.
    async fn counts(&self, then: DateTime<Utc>) -> Result<Counts, StoreError>;

    /// Whether the database answers.
    async fn ping(&self) -> Result<(), StoreError>;

    /// How busy the ways to the database are. Asks the database nothing.
    fn load(&self) -> Vec<Load> {
        Vec::new()
    }
}
