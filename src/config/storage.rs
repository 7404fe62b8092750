//! The database.

use std::path::PathBuf;

use super::reader::Reader;
use crate::store::{OpenError, postgres};

/// Which database, and who takes care of its schema.
#[derive(Debug, Clone)]
pub struct Storage {
    /// `DATABASE_URL`, or `DATA_DIR` where that is unset.
    pub database: Database,
    /// `MIGRATE`: whether `serve` brings the schema up to date, or only checks it.
    pub migrate: bool,
    /// `LEDGER_RETENTION_DAYS`: how long mints and refusals are kept, in days; none for ever.
    pub keep_days: Option<u32>,
}

/// A database.
#[derive(Debug, Clone)]
pub enum Database {
    /// PostgreSQL, for any number of replicas.
    Postgres(Box<postgres::Settings>),
    /// SQLite in a file under this directory, for one server.
    Sqlite(PathBuf),
}

impl Storage {
    /// Reads where the database is.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let migrate = reader.choice("MIGRATE", &[("on", true), ("off", false)]);
        let keep_days = keep_days(reader);
        let database = match reader.secret("DATABASE_URL", 1)? {
            None => Database::Sqlite(PathBuf::from(reader.text("DATA_DIR").unwrap_or("./data"))),
            Some(url) => match postgres::Settings::parse(&url) {
                Ok(settings) => Database::Postgres(Box::new(settings)),
                Err(error @ OpenError::Unreachable { .. }) => {
                    let mend = "install the package ca-certificates: without it no server's certificate can be checked";
                    return reader.wrong("DATABASE_URL", error.to_string(), mend);
                }
                Err(error) => {
                    let mend = "write postgres://user:password@host:5432/database, or unset it for the embedded store";
                    return reader.wrong("DATABASE_URL", error.to_string(), mend);
                }
            },
        };
        Some(Self { database, migrate: migrate?, keep_days: keep_days? })
    }
}

/// Users are shown their last 30 days, so these are always kept.
fn keep_days(reader: &mut Reader<'_>) -> Option<Option<u32>> {
    const NAME: &str = "LEDGER_RETENTION_DAYS";
    if reader.text(NAME).is_none() {
        return Some(None);
    }
    reader.number(NAME, 31..=36_500, 0).map(|days| u32::try_from(days).ok())
}
