//! What holds requests back, and whom it takes for one client.

use super::finding::Findings;
use crate::config::{Environment, Limits, read_one};
use crate::limit::OnStoreError;

pub(super) fn check(environment: &Environment) -> Findings {
    let mut findings = Findings::of("limits");
    let Ok(limits) = read_one(environment, Limits::read) else {
        return findings;
    };
    match limits.store.on_store_error {
        OnStoreError::Deny => {
            findings.ok("RATE_LIMIT_ON_STORE_ERROR", "without the database nothing is handed out");
        }
        OnStoreError::Allow => {
            let problem = "without the database, each replica holds the hourly limit by its own memory alone";
            let mend = "set it to deny, unless handing out too much is better than handing out nothing";
            findings.warning("RATE_LIMIT_ON_STORE_ERROR", problem, mend);
        }
    }
    if limits.proxies.is_empty() && limits.bursts.per_address.is_some() {
        let how = "not set: behind a proxy, all clients would count as one address and share BURST_PER_IP";
        findings.info("TRUSTED_PROXIES", how);
    }
    findings
}
