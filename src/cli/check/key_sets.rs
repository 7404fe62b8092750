//! The keys that tokens are verified with can be had.

use super::finding::Findings;
use crate::config::{Environment, Identity, read_one};

pub(super) fn check(environment: &Environment) -> Findings {
    let mut findings = Findings::of("key sets");
    if read_one(environment, Identity::tokens).is_ok() {
        findings
            .ok("JWT_SECRET", "tokens are verified by a shared secret (HS256): there is no key set to fetch");
    }
    findings
}
