//! Whether it is time for other keys: those of users, and the one that seals them.

use super::PATIENCE;
use super::finding::Findings;
use crate::cli::keys::open_store;
use crate::config::{Database, Environment, Sealing, Storage, read_one};
use crate::kernel::clock::Clock;
use crate::vault::Due;

pub(super) async fn check(environment: &Environment, online: bool, clock: &dyn Clock) -> Findings {
    let mut findings = Findings::of("keys");
    let (Ok(storage), Ok(sealing)) =
        (read_one(environment, Storage::read), read_one(environment, Sealing::read))
    else {
        return findings;
    };
    let Some(ages) = sealing.key_ages() else { return findings };
    if !online && matches!(storage.database, Database::Postgres(_)) {
        return findings;
    }
    let look = async { Ok::<_, anyhow::Error>(ages.due(&*open_store(&storage).await?, clock.now()).await?) };
    // Where there is nothing that could be looked at, the check of the database says so.
    if let Ok(Ok(due)) = tokio::time::timeout(PATIENCE, look).await {
        tell(&due, &mut findings);
    }
    findings
}

fn tell(due: &Due, findings: &mut Findings) {
    if let Some(old) = due.of_users() {
        findings.warning(
            "users' keys",
            old,
            "ask their users for fresh ones: the lists of their keys say so",
        );
    }
    if let Some(old) = due.of_sealing() {
        let mend = "put what `ephemint keys new` prints in front of ENCRYPTION_KEYS, start the services anew, then run \
                    `ephemint keys rotate`";
        findings.warning("ENCRYPTION_KEYS", old, mend);
    }
    if findings.is_empty() {
        findings.ok("ENCRYPTION_KEYS", "no key is due to be replaced");
    }
}
