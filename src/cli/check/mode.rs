//! Which mode holds, and what in it is not safe.

use super::finding::Findings;
use crate::config::{Deployment, Environment, Mode, local_only};

pub(super) fn check(environment: &Environment) -> Findings {
    let mut findings = Findings::of("mode");
    let Some(deployment) = Deployment::of(environment) else {
        return findings;
    };
    let mode = deployment.mode();
    match (mode, deployment.contradiction()) {
        (_, Some(contradiction)) => {
            let problem = format!("unsafe: {contradiction}. Deployed mode holds");
            findings.warning(contradiction.at(), problem, contradiction.mend());
        }
        (Mode::Local, None) => {
            let how = "local mode: it is not set, and only this machine reaches the service; keys in the environment serve its developer";
            findings.ok("DEPLOY_ENV", how);
        }
        (Mode::Deployed, None) => {
            let name = deployment.name.unwrap_or_default();
            let how = format!("deployed mode, as `{name}`: users' keys come from the database only");
            findings.ok("DEPLOY_ENV", how);
        }
    }
    let is_set =
        |name: &&str| environment.get(name).is_some() || environment.get(&format!("{name}_FILE")).is_some();
    if environment.get("SERVICE_KEY_ACCESS") == Some("on") {
        let how = match mode {
            Mode::Local => {
                "services with the scope keys:read get stored keys in the clear, and those in the environment"
            }
            Mode::Deployed => "services with the scope keys:read get users' keys in the clear",
        };
        findings.info("SERVICE_KEY_ACCESS", how);
        if mode == Mode::Deployed && !["ENCRYPTION_KEYS", "ENCRYPTION_KEY"].iter().any(is_set) {
            let problem = "on, while no keys of users can be stored, so there is none to read";
            findings.warning("SERVICE_KEY_ACCESS", problem, "set ENCRYPTION_KEYS, or turn it off");
        }
    }
    if mode == Mode::Deployed {
        for name in local_only().filter(is_set) {
            findings.info(name, "of use in local mode only: here it serves nobody");
        }
    }
    findings
}
