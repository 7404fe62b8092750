//! The database is there, and fit to be served from.

use super::finding::Findings;
use super::{postgres, sqlite};
use crate::config::{Database, Environment, Storage, read_one};
use crate::kernel::clock::Clock;

pub(super) async fn check(environment: &Environment, online: bool, clock: &dyn Clock) -> Findings {
    let mut findings = Findings::of("database");
    let Ok(storage) = read_one(environment, Storage::read) else {
        return findings;
    };
    match &storage.database {
        Database::Sqlite(directory) => sqlite::check(directory, storage.migrate, &mut findings),
        Database::Postgres(settings) => {
            postgres::check(settings, storage.migrate, online, clock, &mut findings).await;
        }
    }
    findings
}

/// Says which migrations are missing.
pub(super) fn migrations(at: &str, missing: &[String], migrate: bool, findings: &mut Findings) {
    if missing.is_empty() {
        return findings.ok(at, "the schema is up to date");
    }
    let problem = format!("the schema lacks {}", missing.join(", "));
    if migrate {
        findings.info(at, format!("{problem}; `ephemint serve` brings it up to date"));
    } else {
        findings.error(
            at,
            format!("{problem}, and MIGRATE is off"),
            "run `ephemint migrate`, or set MIGRATE=on",
        );
    }
}
