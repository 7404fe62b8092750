//! The keys that tokens are verified with can be had.

use super::finding::Findings;
use crate::config::Environment;

pub(super) fn check(environment: &Environment) -> Findings {
    let mut findings = Findings::of("key sets");
    if environment.has_secret("JWT_SECRET") {
        findings
            .ok("JWT_SECRET", "tokens are verified by a shared secret (HS256): there is no key set to fetch");
    }
    findings
}
