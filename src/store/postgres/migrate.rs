//! The schema's history, applied under a lock of our own: replicas that start together take turns.

use refinery::Runner;
use tokio_postgres::Client;

use super::super::OpenError;
use super::connect::Settings;

mod embedded {
    refinery::embed_migrations!("sql/postgres/migrations");
}

/// Names our advisory lock in the database: "ephemint" in ASCII.
const LOCK: i64 = 0x6570_6865_6d69_6e74;

fn runner() -> Runner {
    // A newer version may have added migrations already; they only ever add, so this version still runs on them.
    embedded::migrations::runner().set_abort_missing(false)
}

/// Applies what is missing and names it.
pub(super) async fn apply(settings: &Settings) -> Result<Vec<String>, OpenError> {
    let mut client = settings.connect().await?;
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.map_err(failed)?;
    let report = runner().run_async(&mut client).await.map_err(failed)?;
    client.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await.map_err(failed)?;
    Ok(report.applied_migrations().iter().map(ToString::to_string).collect())
}

/// Refuses a schema that lacks migrations.
pub(super) async fn check(settings: &Settings) -> Result<(), OpenError> {
    match missing(&mut settings.connect().await?).await?.len() {
        0 => Ok(()),
        missing => Err(OpenError::Outdated { missing }),
    }
}

/// The migrations that are not applied, by name.
pub(super) async fn missing(client: &mut Client) -> Result<Vec<String>, OpenError> {
    let applied = applied(client).await?;
    let all = runner();
    let lacking = all.get_migrations().iter().filter(|migration| !applied.contains(&migration.version()));
    Ok(lacking.map(ToString::to_string).collect())
}

async fn applied(client: &mut Client) -> Result<Vec<refinery::SchemaVersion>, OpenError> {
    let history = "SELECT to_regclass('refinery_schema_history') IS NOT NULL";
    let exists: bool = client.query_one(history, &[]).await.and_then(|row| row.try_get(0)).map_err(failed)?;
    if !exists {
        return Ok(Vec::new());
    }
    let migrations = runner().get_applied_migrations_async(client).await.map_err(failed)?;
    Ok(migrations.iter().map(refinery::Migration::version).collect())
}

fn failed(cause: impl Into<super::super::error::Cause>) -> OpenError {
    OpenError::Migration(cause.into())
}
