//! The store for anything with more than one replica: PostgreSQL 15 or newer.

mod connect;
mod inspect;
mod ledger;
mod migrate;
mod queries;
mod reports;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use deadpool_postgres::{Object, Pool};
use tokio_postgres::error::Error as PgError;

use super::{
    Batch, Counts, Entry, LedgerRow, OpenError, Refusal, Spent, Standing, Store, StoreClock, StoreError,
    Usage,
};
use crate::kernel::ids::MintId;
use crate::kernel::user::UserKey;

pub use connect::{HOT_SESSION, Settings, Tls};
pub use inspect::Inspection;

/// What a statement may take before the client gives up on it: a little more than the server allows it, so that the
/// server's answer is heard where there is one.
const STATEMENT_PATIENCE: Duration = Duration::from_secs(5);

/// Connections to a PostgreSQL database.
#[derive(Debug)]
pub struct PostgresStore {
    /// For the statements that every mint waits for.
    hot: Pool,
    /// For everything else, so that reports never stand in a mint's way.
    calm: Pool,
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
        Ok(Self { hot: settings.hot_pool()?, calm: settings.calm_pool()?, clock })
    }

    /// Brings the schema up to date and says which migrations that took.
    pub async fn migrate(settings: &Settings) -> Result<Vec<String>, OpenError> {
        migrate::apply(settings).await
    }

    /// Looks at the server without changing anything.
    pub async fn inspect(settings: &Settings) -> Result<Inspection, OpenError> {
        inspect::inspect(settings).await
    }

    /// Runs `work` on a connection of `pool`, with a bound on the whole.
    ///
    /// A connection that was given up on in the middle of a statement is closed, never reused.
    async fn on<T>(
        &self,
        pool: &Pool,
        doing: &'static str,
        work: impl AsyncFnOnce(&Object) -> Result<T, PgError>,
    ) -> Result<T, StoreError> {
        let connection =
            pool.get().await.map_err(|cause| StoreError::Unavailable { doing, cause: Box::new(cause) })?;
        match tokio::time::timeout(STATEMENT_PATIENCE, work(&connection)).await {
            Ok(result) => result.map_err(|cause| failure(doing, cause)),
            Err(late) => {
                drop(Object::take(connection));
                Err(StoreError::Unavailable { doing, cause: Box::new(late) })
            }
        }
    }
}

/// SQLSTATE classes 22 and 23 are about values; everything else is about the database.
fn failure(doing: &'static str, cause: PgError) -> StoreError {
    let class = cause.code().map(|state| state.code().get(..2).unwrap_or_default().to_owned());
    match class.as_deref() {
        Some("22" | "23") => StoreError::Data { doing, cause: Box::new(cause) },
        _ => StoreError::Unavailable { doing, cause: Box::new(cause) },
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn turn(&self, batch: &Batch) -> Result<Vec<Spent>, StoreError> {
        let now = self.now();
        self.on(&self.hot, "spending", async |db| ledger::turn(db, batch, now).await).await
    }

    async fn enter(&self, entries: &[Entry]) -> Result<(), StoreError> {
        let now = self.now();
        self.on(&self.hot, "entering mints", async |db| ledger::enter(db, entries, now).await).await
    }

    async fn standing(&self, user: &UserKey) -> Result<Standing, StoreError> {
        self.on(&self.hot, "reading a user's standing", async |db| ledger::standing(db, user).await).await
    }

    async fn usage(&self, user: &UserKey, recent: u16) -> Result<Usage, StoreError> {
        let now = self.now();
        self.on(&self.calm, "reading a user's usage", async |db| ledger::usage(db, user, recent, now).await)
            .await
    }

    async fn count_refusals(&self, refusals: &[Refusal]) -> Result<(), StoreError> {
        self.on(&self.hot, "counting refusals", async |db| ledger::count_refusals(db, refusals).await).await
    }

    async fn give_up(&self, age: Duration, since: MintId) -> Result<u64, StoreError> {
        let now = self.now();
        self.on(&self.calm, "giving up on pending mints", async |db| {
            ledger::give_up(db, age, since, now).await
        })
        .await
    }

    async fn newest(&self, limit: u32) -> Result<Vec<LedgerRow>, StoreError> {
        self.on(&self.calm, "reading the ledger", async |db| reports::newest(db, limit).await).await
    }

    async fn since(&self, from: MintId, limit: u32) -> Result<Vec<LedgerRow>, StoreError> {
        self.on(&self.calm, "reading the ledger", async |db| reports::since(db, from, limit).await).await
    }

    async fn counts(&self, then: DateTime<Utc>) -> Result<Counts, StoreError> {
        self.on(&self.calm, "counting the ledger", async |db| reports::counts(db, then).await).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.on(&self.calm, "asking whether it is there", async |db| db.simple_query("SELECT 1").await)
            .await?;
        Ok(())
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
