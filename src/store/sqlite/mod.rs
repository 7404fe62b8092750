//! The embedded store: one file, nothing to install.
//!
//! One connection writes, in order of arrival and a whole batch in one transaction: competing writers stall each other
//! for seconds. Another one reads.

mod administration;
mod alerts;
mod as_reports;
mod erasure;
mod examine;
mod facts;
mod inspect;
mod ledger;
mod open;
mod opened;
mod packing;
mod people;
mod personal_settings;
mod provider_keys;
mod queries;
mod reports;
mod rollup;
mod worker;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::Connection;

pub use inspect::Inspection;

use self::opened::OpenedFile;
use self::worker::Worker;
use super::{
    Batch, Counts, Entry, LedgerRow, Load, OpenError, Refusal, RefusalRow, Spent, Standing, Store,
    StoreClock, StoreError, Usage,
};
use crate::kernel::clock::{Clock, SystemClock};
use crate::kernel::ids::MintId;
use crate::kernel::user::UserKey;

/// A database file under a data directory.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Worker,
    reader: Worker,
    clock: Arc<dyn Clock>,
    /// Held by the server; those who only read need none.
    _lock: Option<File>,
}

impl SqliteStore {
    /// Opens `directory`, which it creates if need be, and brings the schema up to date or, without `migrate`, checks
    /// that it is. A directory that another server has open is refused.
    pub fn open(directory: &Path, migrate: bool, clock: StoreClock) -> Result<Self, OpenError> {
        let lock = open::lock(directory)?;
        examine::examine(directory)?;
        let mut writer = open::writer(directory)?;
        if migrate {
            open::migrate(&mut writer)?;
        } else {
            open::check(&mut writer)?;
        }
        let reader = open::reader(directory)?;
        let file = Arc::new(OpenedFile::of(directory)?);
        Ok(Self {
            writer: Worker::start("sqlite-writer", writer, file.clone())?,
            reader: Worker::start("sqlite-reader", reader, file)?,
            clock: match clock {
                StoreClock::Own => Arc::new(SystemClock),
                StoreClock::Set(clock) => clock,
            },
            _lock: Some(lock),
        })
    }

    /// Opens `directory` beside a server that may be running on it. Nothing can be written this way.
    pub fn open_to_read(directory: &Path) -> Result<Self, OpenError> {
        let mut reader = open::reader(directory)?;
        open::check(&mut reader)?;
        let file = Arc::new(OpenedFile::of(directory)?);
        let reader = Worker::start("sqlite-reader", reader, file)?;
        Ok(Self { writer: reader.clone(), reader, clock: Arc::new(SystemClock), _lock: None })
    }

    /// Opens `directory` to write to as well, beside a server that may be running on it: for short transactions, for which
    /// the server waits.
    pub fn open_beside(directory: &Path) -> Result<Self, OpenError> {
        // Before the writer, which would make a file where there is none.
        let mut reader = open::reader(directory)?;
        open::check(&mut reader)?;
        let writer = open::writer(directory)?;
        let file = Arc::new(OpenedFile::of(directory)?);
        Ok(Self {
            writer: Worker::start("sqlite-writer", writer, file.clone())?,
            reader: Worker::start("sqlite-reader", reader, file)?,
            clock: Arc::new(SystemClock),
            _lock: None,
        })
    }

    /// Looks at `directory` without changing anything; a server may be running on it.
    pub fn inspect(directory: &Path) -> Result<Inspection, OpenError> {
        inspect::inspect(directory)
    }

    /// Brings the schema up to date and says which migrations that took.
    pub fn migrate(directory: &Path) -> Result<Vec<String>, OpenError> {
        let _lock = open::lock(directory)?;
        examine::examine(directory)?;
        open::migrate(&mut open::writer(directory)?)
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn turn(&self, batch: &Batch) -> Result<Vec<Spent>, StoreError> {
        let (batch, clock) = (batch.clone(), self.clock.clone());
        self.writer.run("spending", move |db| ledger::turn(db, &batch, &*clock)).await
    }

    async fn enter(&self, entries: &[Entry]) -> Result<(), StoreError> {
        let (entries, clock) = (entries.to_vec(), self.clock.clone());
        self.writer.run("entering mints", move |db| ledger::enter(db, &entries, &*clock)).await
    }

    async fn standing(&self, user: &UserKey) -> Result<Standing, StoreError> {
        let (user, clock) = (*user, self.clock.clone());
        let read =
            move |db: &mut Connection| ledger::standing(db, &user, clock.now().timestamp_millis(), None);
        self.reader.run("reading a user's standing", read).await
    }

    async fn usage(&self, user: &UserKey, recent: u16) -> Result<Usage, StoreError> {
        let (user, clock) = (*user, self.clock.clone());
        self.reader.run("reading a user's usage", move |db| ledger::usage(db, &user, recent, &*clock)).await
    }

    async fn count_refusals(&self, refusals: &[Refusal]) -> Result<(), StoreError> {
        let refusals = refusals.to_vec();
        self.writer.run("counting refusals", move |db| ledger::count_refusals(db, &refusals)).await
    }

    async fn give_up(&self, age: Duration, since: MintId) -> Result<u64, StoreError> {
        let clock = self.clock.clone();
        self.writer
            .run("giving up on pending mints", move |db| ledger::give_up(db, age, since, &*clock))
            .await
    }

    async fn newest(&self, limit: u32) -> Result<Vec<LedgerRow>, StoreError> {
        self.reader.run("reading the ledger", move |db| reports::newest(db, limit)).await
    }

    async fn since(&self, from: MintId, limit: u32) -> Result<Vec<LedgerRow>, StoreError> {
        self.reader.run("reading the ledger", move |db| reports::since(db, from, limit)).await
    }

    async fn refusals_since(&self, from: DateTime<Utc>, limit: u32) -> Result<Vec<RefusalRow>, StoreError> {
        self.reader.run("reading the refusals", move |db| reports::refusals_since(db, from, limit)).await
    }

    async fn counts(&self, then: DateTime<Utc>) -> Result<Counts, StoreError> {
        self.reader.run("counting the ledger", move |db| reports::counts(db, then)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.reader.run("asking whether it is there", |db| db.query_row("SELECT 1", [], |_| Ok(()))).await
    }

    fn load(&self) -> Vec<Load> {
        vec![self.writer.load("writer"), self.reader.load("reader")]
    }
}
