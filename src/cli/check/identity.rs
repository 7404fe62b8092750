//! Whose tokens are believed, and who is an operator.

use super::finding::Findings;
use crate::config::Environment;

pub(super) fn check(environment: &Environment) -> Findings {
    let mut findings = Findings::of("identity");
    if environment.get("JWT_AUDIENCE").is_some() {
        findings.ok("JWT_AUDIENCE", "tokens of other applications are refused");
    } else if environment.has_secret("JWT_SECRET") {
        let problem = "not set, so a token that your sign-in made for another application is taken here too";
        findings.warning("JWT_AUDIENCE", problem, "set it to the `aud` that your sign-in writes");
    }
    if !environment.has_secret("ADMIN_TOKEN") {
        findings.info("ADMIN_TOKEN", "not set, so nobody is an operator by a token");
    }
    findings
}
