//! Who is told when something is wrong.

use super::finding::Findings;
use crate::config::{Alerting, Environment, read_one, read_policy};

pub(super) fn check(environment: &Environment) -> Findings {
    let mut findings = Findings::of("alerts");
    let (Ok(alerting), Ok((_, policy))) = (read_one(environment, Alerting::read), read_policy(environment))
    else {
        return findings;
    };
    let rules = policy.alerts().len();
    match (&alerting.webhook, rules) {
        (None, 0) => findings.info("[[alerts]]", "the policy has no rules, so nobody is told of anything"),
        (None, _) => {
            let how = format!(
                "not set: what the {rules} rules of the policy raise is shown and logged, and sent nowhere"
            );
            findings.info("ALERT_WEBHOOK_URL", how);
        }
        (Some(_), 0) => {
            let mend = "add [[alerts]] to the policy file, or unset ALERT_WEBHOOK_URL";
            findings.warning("[[alerts]]", "there is a webhook, but the policy has no rules", mend);
        }
        (Some(webhook), _) => {
            let host = webhook.url.host_str().unwrap_or_default();
            let how = format!("{rules} rules, delivered to {host}; `ephemint alerts test` sends a sample");
            findings.ok("ALERT_WEBHOOK_URL", how);
        }
    }
    findings
}
