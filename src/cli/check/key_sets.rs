//! The keys that tokens are verified with can be had.

use super::PATIENCE;
use super::finding::Findings;
use crate::auth::{Issuer, Keys, look_at_keys};
use crate::config::{Environment, read_identity};

pub(super) async fn check(environment: &Environment, online: bool) -> Findings {
    let mut findings = Findings::of("key sets");
    let Ok(identity) = read_identity(environment) else {
        return findings;
    };
    for issuer in &identity.tokens.issuers {
        look(issuer, online, &mut findings).await;
    }
    findings
}

async fn look(issuer: &Issuer, online: bool, findings: &mut Findings) {
    let name = issuer.name.as_deref().unwrap_or("JWT_SECRET");
    if !online && !issuer.shares_a_secret() {
        return findings.info(name, "its key set was not fetched (--offline)");
    }
    let mend =
        "see that this machine reaches the issuer, and that its name and JWT_JWKS_URL or jwks_url are right";
    match tokio::time::timeout(PATIENCE, look_at_keys(issuer)).await {
        Ok(Ok(Keys::SharedSecret)) => {
            let how = "tokens are verified by a shared secret (HS256): there is no key set to fetch";
            findings.ok(name, how);
        }
        Ok(Ok(Keys::Fetched(0))) => {
            let problem = "its key set has no key that can be used, so every token would be refused";
            findings.error(name, problem, "see that the algorithms allowed are those that it signs with");
        }
        Ok(Ok(Keys::Fetched(count))) => {
            findings.ok(name, format!("its key set has {count} that can be used"));
        }
        Ok(Err(error)) => findings.error(name, format!("{:#}", anyhow::Error::from(error)), mend),
        Err(_) => findings.error(name, "its key set did not come in time", mend),
    }
}
