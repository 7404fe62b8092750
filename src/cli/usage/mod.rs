//! `ephemint usage`: the ledger, for whoever runs the service. Reads only, also beside a running server.

mod show;
mod text;
mod view;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use self::show::Ledger;
use self::view::{View, Wanted};
use crate::cli::paint::Paint;
use crate::cli::report;
use crate::config::{Database, Environment, Storage, read_one, read_policy};
use crate::kernel::clock::{Clock, SystemClock};
use crate::policy::{CurrentPolicy, Policy};
use crate::store::postgres::PostgresStore;
use crate::store::reports::midnight;
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreClock};
use crate::usage::Tail;
use crate::usage::reports::{Kind, UsageReports};

/// How often the ledger is looked at for new mints.
const POLL: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// What to look at
    #[arg(value_enum, default_value = "today")]
    view: View,
    /// Reports: from this day or time on, such as 2026-11-01 or 2026-11-20T12:00:00Z; 30 days with today unless told, for `hourly` yesterday and today
    #[arg(long, value_name = "WHEN")]
    from: Option<String>,
    /// Reports: before this day or time; the end of today unless told
    #[arg(long, value_name = "WHEN")]
    to: Option<String>,
    /// Reports: whose days and hours are meant, such as Europe/Madrid; UTC unless told
    #[arg(long, value_name = "ZONE")]
    tz: Option<String>,
    /// Reports: only mints of this role
    #[arg(long)]
    role: Option<String>,
    /// Reports: only mints of this user, by the id in the ledger
    #[arg(long, value_name = "ID")]
    user: Option<String>,
    /// Reports: what rows are told apart by, such as role or model
    #[arg(long, value_name = "WHAT")]
    group_by: Option<String>,
    /// How many of the newest mints to show, 20 unless told; `users`: how many of them, 100 unless told
    #[arg(long, value_name = "N")]
    limit: Option<String>,
    /// `users`: where the next page begins, as the page before says
    #[arg(long)]
    cursor: Option<String>,
    /// Print JSON; with --follow, an object a line
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Reports: print CSV, as the API has it
    #[arg(long)]
    csv: bool,
    /// Show it again every 3 seconds, until Ctrl-C
    #[arg(long, conflicts_with = "follow")]
    watch: bool,
    /// Go on with every mint as it ends, until Ctrl-C; with `mints` or alone
    #[arg(long)]
    follow: bool,
}

pub(super) async fn run(arguments: &Arguments, environment: &Environment) -> anyhow::Result<()> {
    let wanted = arguments.wanted()?;
    if let Wanted::Report(kind) = wanted {
        // Mistakes in what is asked are told before the database is.
        arguments.query(kind, SystemClock.now())?;
    }
    let storage = read_one(environment, Storage::read).map_err(report::mistakes)?;
    let store = open(&storage).await?;
    match wanted {
        Wanted::Ledger { rows, .. } if arguments.follow => {
            follow(arguments.json, rows, &*store, &SystemClock).await
        }
        Wanted::Ledger { with_counts, rows } => {
            show_it(arguments, async || ledger(arguments.json, with_counts, rows, &*store).await).await
        }
        Wanted::Report(kind) => {
            let reports = UsageReports::new(store, prices(kind, environment)?);
            let paint = Paint::of_output(environment);
            show_it(arguments, async || report_of(arguments, kind, &reports, paint).await).await
        }
    }
}

/// Once, or again and again.
async fn show_it(
    arguments: &Arguments,
    draw: impl AsyncFn() -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    if arguments.watch {
        return watch::watch(&SystemClock, draw).await;
    }
    // A reader that has gone away is no error of ours.
    let _ = report::try_write(&draw().await?);
    Ok(())
}

/// The policy that has the prices. Other reports need none, and so nothing of what a policy may need.
fn prices(kind: Kind, environment: &Environment) -> anyhow::Result<CurrentPolicy> {
    let policy = match kind {
        Kind::Costs => read_policy(environment).map_err(report::mistakes)?.1,
        _ => Policy::load(Policy::BUILT_IN).map_err(report::mistakes)?,
    };
    Ok(CurrentPolicy::new(Arc::new(policy)))
}

async fn report_of(
    arguments: &Arguments,
    kind: Kind,
    reports: &UsageReports,
    paint: Paint,
) -> anyhow::Result<String> {
    let query = arguments.query(kind, SystemClock.now())?;
    let table = reports.report(&query).await?;
    Ok(match (arguments.csv, arguments.json) {
        (true, _) => table.csv(),
        (_, true) => format!("{}\n", table.json(&query)),
        _ => format!("{}\n", text::text(&query, &table, paint)),
    })
}

async fn ledger(json: bool, with_counts: bool, rows: u32, store: &dyn Store) -> anyhow::Result<String> {
    let at = SystemClock.now();
    let newest = store.newest(rows).await?;
    if !with_counts {
        let mut ledger = Ledger::new(json);
        return Ok(ledger.first(&newest)?.join("\n") + "\n");
    }
    let since = midnight(at);
    let today = store.counts(since).await?;
    let shown = match json {
        true => show::summary_json(at, since, &today, &newest)?,
        false => show::summary(since, &today, &newest),
    };
    Ok(shown + "\n")
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

async fn follow(json: bool, rows: u32, store: &dyn Store, clock: &dyn Clock) -> anyhow::Result<()> {
    let (mut tail, first) = Tail::start_with_newest(store, rows, clock.now()).await?;
    let mut ledger = Ledger::new(json);
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
