//! PostgreSQL.

use super::PATIENCE;
use super::clocks::{self, Between};
use super::database::migrations;
use super::finding::Findings;
use super::hosts::is_loopback;
use crate::kernel::clock::Clock;
use crate::store::postgres::{Inspection, PostgresStore, Settings, Tls};

const AT: &str = "DATABASE_URL";

pub(super) async fn check(
    settings: &Settings,
    migrate: bool,
    online: bool,
    clock: &dyn Clock,
    findings: &mut Findings,
) {
    encryption(settings, findings);
    if !online {
        return findings.info(AT, "not asked (--offline)");
    }
    let before = clock.now();
    let found = match tokio::time::timeout(PATIENCE, PostgresStore::inspect(settings)).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => return unreachable(&error.into(), findings),
        Err(late) => return unreachable(&late.into(), findings),
    };
    let ours = Between(before, clock.now());
    version(&found, findings);
    migrations(AT, &found.missing, migrate, findings);
    clocks::compare("PostgreSQL", Between(found.now, found.now), ours, findings);
}

fn unreachable(error: &anyhow::Error, findings: &mut Findings) {
    let mend = "see that the server runs, that this machine may connect to it, and that user, password and database are right";
    findings.error(AT, format!("{error:#}"), mend);
}

fn version(found: &Inspection, findings: &mut Findings) {
    let version = &found.version;
    if found.too_old {
        findings.error(AT, format!("PostgreSQL {version} is too old"), "use PostgreSQL 15 or newer");
    } else {
        findings.ok(AT, format!("PostgreSQL {version} answers"));
    }
}

/// Whether others on the network could read along.
fn encryption(settings: &Settings, findings: &mut Findings) {
    let far: Vec<_> = settings.hosts().into_iter().filter(|host| !is_loopback(host)).collect();
    if far.is_empty() {
        return;
    }
    let far = far.join(", ");
    let mend = "add sslmode=require; the server's certificate has to be one that this machine's CA certificates vouch for";
    match settings.tls() {
        Tls::Off => {
            let problem = format!("sslmode=disable: password and data travel unencrypted to {far}");
            findings.error(AT, problem, mend);
        }
        Tls::Preferred => {
            let problem = format!(
                "connections to {far} are encrypted only if nobody between prevents it (sslmode=prefer)"
            );
            findings.warning(AT, problem, mend);
        }
        Tls::Required => findings.ok(AT, format!("connections to {far} are encrypted")),
    }
}
