//! A look at a server that changes nothing.

use chrono::{DateTime, Utc};

use super::super::OpenError;
use super::connect::Settings;
use super::{migrate, queries};

/// The oldest version that will do, as PostgreSQL numbers them.
const OLDEST: i32 = 15_00_00;

/// What a look at a PostgreSQL server shows.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// Its version, such as `16.2`.
    pub version: String,
    /// Whether the version is too old.
    pub too_old: bool,
    /// The server's clock.
    pub now: DateTime<Utc>,
    /// This program's migrations that are not applied.
    pub missing: Vec<String>,
}

pub(super) async fn inspect(settings: &Settings) -> Result<Inspection, OpenError> {
    let mut client = settings.connect().await?;
    let row = client.query_one(queries::DESCRIBE, &[]).await.map_err(failed)?;
    let number: i32 = row.try_get("version_number").map_err(failed)?;
    Ok(Inspection {
        version: row.try_get("version").map_err(failed)?,
        too_old: number < OLDEST,
        now: row.try_get("now").map_err(failed)?,
        missing: migrate::missing(&mut client).await?,
    })
}

fn failed(cause: tokio_postgres::Error) -> OpenError {
    OpenError::Unreachable { doing: "asking the server for its version", cause: Box::new(cause) }
}
