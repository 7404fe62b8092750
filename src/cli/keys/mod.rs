//! `ephemint keys`: the keys that seal what users bring.

mod import;
mod rotate;
mod status;

use std::sync::Arc;

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
    /// Takes over the keys that an older system kept, and seals them anew; says first what it would do
    ///
    /// It reads plain keys, and with --old-key-file those that were kept as iv:tag:ciphertext (AES-256-GCM, each part in base64 or
    /// hexadecimal digits). What users have entered here is never replaced, so it may be run again. Keys are never printed whole, and
    /// no provider is asked: they are `unvalidated` until their users have them validated.
    ///
    /// Rows must say whose they are: by the `sub` of the user's JWTs, or, with --users, by whatever that file translates to one, such
    /// as a session token. Where a database knows whose a token is, make the file from it, or a view that has the users in it:
    ///
    ///   psql -c "\copy (SELECT token, user_id FROM sessions) TO users.csv CSV"
    ///
    ///   ephemint keys import --postgres old-url.txt --table student_config --user-column session_token --users users.csv
    ///       --key openai_key=openai --key gemini_key=gemini --old-key-file old-key.txt
    #[command(verbatim_doc_comment)]
    Import(Box<import::Arguments>),
}

pub(super) async fn run(command: &Command, environment: &Environment) -> anyhow::Result<()> {
    match command {
        Command::New => new(&SystemClock),
        Command::Status => status::run(&Kept::open(environment).await?, &SystemClock).await,
        Command::Import(arguments) => import::run(arguments, environment).await,
        Command::Rotate => rotate::run(&Kept::open(environment).await?).await,
    }
}

/// Named by its day, which is enough for as long as nobody makes two on one.
fn new(clock: &dyn Clock) -> anyhow::Result<()> {
    let (day, key) = (clock.now().date_naive(), secret::fresh()?);
    report::say(format_args!("{day}:{}", key.expose_secret()));
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
