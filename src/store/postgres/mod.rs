//! The store for anything with more than one replica: PostgreSQL 15 or newer.

mod administration;
mod alerts;
mod as_reports;
mod connect;
mod erasure;
mod facts;
mod inspect;
mod lane;
mod ledger;
mod migrate;
mod packing;
mod people;
mod personal_settings;
mod provider_keys;
mod queries;
mod reports;
mod rollup;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use tokio_postgres::SimpleQueryMessage;

use super::{
    Batch, Counts, Entry, LedgerRow, Load, OpenError, Refusal, RefusalRow, Spent, Standing, Store,
    StoreClock, StoreError, Usage,
};
use crate::kernel::ids::MintId;
use crate::kernel::user::UserKey;

pub use connect::{HOT_SESSION, Settings, Tls};
pub use inspect::Inspection;

use self::lane::Lane;

/// Connections to a PostgreSQL database.
#[derive(Debug)]
pub struct PostgresStore {
    /// For the statements that every mint waits for.
    hot: Lane,
    /// For everything else, so that reports never stand in a mint's way.
    calm: Lane,
    clock: StoreClock,
}

impl PostgresStore {
    /// Connects, and brings the schema up to date or, without `migrate`, checks that it is.
    pub async fn open(settings: &Settings, migrate: bool, clock: StoreClock) -> Result<Self, OpenError> {
        if migrate {
            migrate::apply(settings).await?;
        } else {
            migrate::check(settings).await?;
        }
        let (hot, calm) = settings.lanes()?;
        Ok(Self { hot, calm, clock })
    }

    /// Brings the schema up to date and says which migrations that took.
    pub async fn migrate(settings: &Settings) -> Result<Vec<String>, OpenError> {
        migrate::apply(settings).await
    }

    /// Looks at the server without changing anything.
    pub async fn inspect(settings: &Settings) -> Result<Inspection, OpenError> {
        inspect::inspect(settings).await
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn turn(&self, batch: &Batch) -> Result<Vec<Spent>, StoreError> {
        let now = self.now();
        self.hot.run("spending", async |db| ledger::turn(db, batch, now).await).await
    }

    async fn enter(&self, entries: &[Entry]) -> Result<(), StoreError> {
        let now = self.now();
        self.hot.run("entering mints", async |db| ledger::enter(db, entries, now).await).await
    }

    async fn standing(&self, user: &UserKey) -> Result<Standing, StoreError> {
        let now = self.now();
        self.hot.run("reading a user's standing", async |db| ledger::standing(db, user, now).await).await
    }

    async fn usage(&self, user: &UserKey, recent: u16) -> Result<Usage, StoreError> {
        let now = self.now();
        self.calm.run("reading a user's usage", async |db| ledger::usage(db, user, recent, now).await).await
    }

    async fn count_refusals(&self, refusals: &[Refusal]) -> Result<(), StoreError> {
        let now = self.now();
        self.hot.run("counting refusals", async |db| ledger::count_refusals(db, refusals, now).await).await
    }

    async fn give_up(&self, age: Duration, since: MintId) -> Result<u64, StoreError> {
        let now = self.now();
        self.calm
            .run("giving up on pending mints", async |db| ledger::give_up(db, age, since, now).await)
            .await
    }

    async fn newest(&self, limit: u32) -> Result<Vec<LedgerRow>, StoreError> {
        self.calm.run("reading the ledger", async |db| reports::newest(db, limit).await).await
    }

    async fn since(&self, from: MintId, limit: u32) -> Result<Vec<LedgerRow>, StoreError> {
        self.calm.run("reading the ledger", async |db| reports::since(db, from, limit).await).await
    }

    async fn refusals_since(&self, from: DateTime<Utc>, limit: u32) -> Result<Vec<RefusalRow>, StoreError> {
        self.calm.run("reading the refusals", async |db| reports::refusals_since(db, from, limit).await).await
    }

    async fn counts(&self, then: DateTime<Utc>) -> Result<Counts, StoreError> {
        self.calm.run("counting the ledger", async |db| reports::counts(db, then).await).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let doing = "asking whether it can be written";
        // On the way of the mints: this is asked to know whether these get through.
        let said =
            self.hot.run(doing, async |db| db.simple_query("SHOW transaction_read_only").await).await?;
        let says_no = |message: &SimpleQueryMessage| match message {
            SimpleQueryMessage::Row(row) => row.get(0) == Some("off"),
            _ => false,
        };
        if said.iter().any(says_no) {
            return Ok(());
        }
        self.hot.close_idle();
        Err(StoreError::Unavailable { doing, cause: "the server only reads, as a standby does".into() })
    }

    fn load(&self) -> Vec<Load> {
        vec![self.hot.load("hot"), self.calm.load("calm")]
    }
}

impl PostgresStore {
    fn now(&self) -> Option<DateTime<Utc>> {
        match &self.clock {
            StoreClock::Own => None,
            StoreClock::Set(clock) => Some(clock.now()),
        }
    }
}
