//! `ephemint usage`: the ledger, for whoever runs the service. Reads only, also beside a running server.

mod show;
mod tail;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, NaiveTime, Utc};
use clap::Args;

use self::show::Ledger;
use self::tail::Tail;
use crate::cli::report;
use crate::config::{Database, Environment, Storage, read_one};
use crate::kernel::clock::{Clock, SystemClock};
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreClock};

/// How often the ledger is looked at for new mints.
const POLL: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// How many of the newest mints to show
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    limit: u32,
    /// Print JSON; with --follow, an object a line
    #[arg(long)]
    json: bool,
    /// Go on with every mint as it ends, until Ctrl-C
    #[arg(long)]
    follow: bool,
}

pub(super) async fn run(arguments: &Arguments, environment: &Environment) -> anyhow::Result<()> {
    let storage = read_one(environment, Storage::read).map_err(report::mistakes)?;
    let store = open(&storage).await?;
    if arguments.follow {
        return follow(arguments, &*store, &SystemClock).await;
    }
    let at = SystemClock.now();
    let since = midnight(at);
    let (today, newest) = (store.counts(since).await?, store.newest(arguments.limit).await?);
    if arguments.json {
        report::say(show::summary_json(at, since, &today, &newest)?);
    } else {
        report::say(show::summary(since, &today, &newest));
    }
    Ok(())
}

/// Opens the database to read from: no migration, no lock.
pub(super) async fn open(storage: &Storage) -> anyhow::Result<Arc<dyn Store>> {
    Ok(match &storage.database {
        Database::Postgres(settings) => {
            Arc::new(PostgresStore::open(settings, false, StoreClock::Own).await?)
        }
        Database::Sqlite(directory) => {
            let opened = SqliteStore::open_to_read(directory);
            let hint = || format!("there is no ledger to read in {} (DATA_DIR)", directory.display());
            Arc::new(opened.with_context(hint)?)
        }
    })
}

/// When the day began, in UTC.
fn midnight(now: DateTime<Utc>) -> DateTime<Utc> {
    now.with_time(NaiveTime::MIN).single().unwrap_or(now)
}

async fn follow(arguments: &Arguments, store: &dyn Store, clock: &dyn Clock) -> anyhow::Result<()> {
    let (mut tail, first) = Tail::start(store, arguments.limit, clock.now()).await?;
    let mut ledger = Ledger::new(arguments.json);
    let mut ticks = tokio::time::interval(POLL);
    let mut rows = first;
    let mut lines = ledger.first(&rows)?;
    loop {
        for line in lines {
            // Whoever read this has gone: so can we.
            if report::try_say(line).is_err() {
                return Ok(());
            }
        }
        ticks.tick().await;
        rows = tail.ended(store, clock.now()).await?;
        lines = ledger.lines(&rows)?;
    }
}
