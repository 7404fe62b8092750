//! Whose tokens are believed, and who is an operator.

use super::finding::Findings;
use crate::config::{Environment, Identity, read_one};

pub(super) fn check(environment: &Environment) -> Findings {
    let mut findings = Findings::of("identity");
    if read_one(environment, Identity::tokens).is_err() {
        return findings;
    }
    if environment.get("JWT_AUDIENCE").is_none() {
        let problem = "not set, so a token that your sign-in made for another application is taken here too";
        findings.warning("JWT_AUDIENCE", problem, "set it to the `aud` that your sign-in writes");
    } else {
        findings.ok("JWT_AUDIENCE", "tokens of other applications are refused");
    }
    if environment.get("ADMIN_TOKEN").or(environment.get("ADMIN_TOKEN_FILE")).is_none() {
        findings.info("ADMIN_TOKEN", "not set, so nobody is an operator by a token");
    }
    findings
}
