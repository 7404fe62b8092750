//! The embedded store: one file, nothing to install.
//!
//! One connection writes, in order of arrival and a whole batch in one transaction: competing writers stall each other
//! for seconds. Another one reads.

mod ledger;
mod open;
mod queries;
mod worker;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use self::worker::Worker;
use super::{Batch, Entry, OpenError, Refusal, Spent, Standing, Store, StoreClock, StoreError, Usage};
use crate::kernel::clock::{Clock, SystemClock};
use crate::kernel::ids::MintId;
use crate::kernel::user::UserKey;

/// A database file under a data directory.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Worker,
    reader: Worker,
    clock: Arc<dyn Clock>,
    _lock: File,
}

impl SqliteStore {
    /// Opens `directory`, which it creates if need be, and brings the schema up to date or, without `migrate`, checks
    /// that it is. A directory that another server has open is refused.
    pub fn open(directory: &Path, migrate: bool, clock: StoreClock) -> Result<Self, OpenError> {
        let lock = open::lock(directory)?;
        let mut writer = open::writer(directory)?;
        if migrate {
            open::migrate(&mut writer)?;
        } else {
            open::check(&mut writer)?;
        }
        let reader = open::reader(directory)?;
        Ok(Self {
            writer: Worker::start("sqlite-writer", writer)?,
            reader: Worker::start("sqlite-reader", reader)?,
            clock: match clock {
                StoreClock::Own => Arc::new(SystemClock),
                StoreClock::Set(clock) => clock,
            },
            _lock: lock,
        })
    }

    /// Brings the schema up to date and says which migrations that took.
    pub fn migrate(directory: &Path) -> Result<Vec<String>, OpenError> {
        let _lock = open::lock(directory)?;
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
        let user = *user;
        self.reader.run("reading a user's standing", move |db| ledger::standing(db, &user)).await
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

    async fn ping(&self) -> Result<(), StoreError> {
        self.reader.run("asking whether it is there", |db| db.query_row("SELECT 1", [], |_| Ok(()))).await
    }
}
