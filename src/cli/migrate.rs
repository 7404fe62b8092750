//! `ephemint migrate`

use crate::cli::report;
use crate::config::{Database, Environment, Storage, read_one};
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::SqliteStore;

pub(super) async fn run(environment: &Environment) -> anyhow::Result<()> {
    let storage = read_one(environment, Storage::read).map_err(report::mistakes)?;
    let applied = match &storage.database {
        Database::Postgres(settings) => PostgresStore::migrate(settings).await?,
        Database::Sqlite(directory) => SqliteStore::migrate(directory)?,
    };
    for migration in &applied {
        report::say(format_args!("applied {migration}"));
    }
    if applied.is_empty() {
        report::say("the schema is up to date");
    }
    Ok(())
}
