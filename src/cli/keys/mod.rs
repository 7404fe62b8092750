//! `ephemint keys`: the keys that seal what users bring.

mod rotate;
mod status;

use std::sync::Arc;

use chrono::SecondsFormat;
use clap::Subcommand;
use secrecy::ExposeSecret;

use crate::cli::report;
use crate::config::{Database, Environment, Sealing, Storage, read_one};
use crate::kernel::clock::{Clock, SystemClock};
use crate::kernel::secret;
use crate::policy::Mistake;
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::SqliteStore;
use crate::store::{OpenError, Store, StoreClock};
use crate::vault::Vault;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Prints a fresh sealing key, to be put in front of ENCRYPTION_KEYS
    New,
    /// Says what each sealing key holds, and which of users' keys don't open or are old
    Status,
    /// Seals users' keys anew under the first of ENCRYPTION_KEYS; also beside running services, and again where it was cut off
    Rotate,
}

pub(super) async fn run(command: &Command, environment: &Environment) -> anyhow::Result<()> {
    match command {
        Command::New => new(&SystemClock),
        Command::Status => status::run(&Kept::open(environment).await?, &SystemClock).await,
        Command::Rotate => rotate::run(&Kept::open(environment).await?).await,
    }
}

/// Named by its day, which is enough for as long as nobody makes two on one.
fn new(clock: &dyn Clock) -> anyhow::Result<()> {
    let day = clock.now().to_rfc3339_opts(SecondsFormat::Secs, true);
    let key = secret::fresh()?;
    report::say(format_args!("{}:{}", day.get(..10).unwrap_or("new"), key.expose_secret()));
    Ok(())
}

/// What is kept, and what opens it.
struct Kept {
    store: Arc<dyn Store>,
    vault: Arc<Vault>,
    sealing: Sealing,
}

impl Kept {
    async fn open(environment: &Environment) -> anyhow::Result<Self> {
        let (storage, sealing) =
            match (read_one(environment, Storage::read), read_one(environment, Sealing::read)) {
                (Ok(storage), Ok(sealing)) => (storage, sealing),
                (storage, sealing) => {
                    let all = [storage.err(), sealing.err()].into_iter().flatten().flatten().collect();
                    return Err(report::mistakes(all));
                }
            };
        let vault = sealing.vault.clone().ok_or_else(no_keys)?;
        Ok(Self { store: open_store(&storage).await?, vault, sealing })
    }
}

/// Opens the database as it is, beside services that may be running on it.
pub(super) async fn open_store(storage: &Storage) -> Result<Arc<dyn Store>, OpenError> {
    Ok(match &storage.database {
        Database::Postgres(settings) => {
            Arc::new(PostgresStore::open(settings, false, StoreClock::Own).await?)
        }
        Database::Sqlite(directory) => Arc::new(SqliteStore::open_beside(directory)?),
    })
}

fn no_keys() -> anyhow::Error {
    report::mistakes(vec![Mistake {
        at: "ENCRYPTION_KEYS".to_owned(),
        problem: "not set, so no keys of users are stored".to_owned(),
        mend: "set it to what `ephemint keys new` prints, and keep a copy in a safe place".to_owned(),
    }])
}
