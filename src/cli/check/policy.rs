//! What the policy gives to whom.

use super::finding::Findings;
use crate::config::{Environment, read_policy};
use crate::policy::{Policy, Role};

/// Longer than this, a token that leaks is of use to whoever finds it.
const LONG_LIFE_SECONDS: u32 = 600;

/// More than a person needs.
const MANY_TOKENS: u16 = 100;

pub(super) fn check(environment: &Environment) -> Findings {
    let mut findings = Findings::of("policy");
    let Ok((_, policy)) = read_policy(environment) else {
        return findings;
    };
    let at = environment.get("POLICY_FILE").unwrap_or("the built-in policy");
    findings.ok(at, summary(&policy));
    for role in policy.roles() {
        look_at(role, &mut findings);
    }
    findings
}

fn summary(policy: &Policy) -> String {
    let role = |role: &Role| {
        let default = if role.name() == policy.default_role().name() { ", the default" } else { "" };
        format!("{} ({} tokens an hour{default})", role.name(), role.hourly_limit())
    };
    policy.roles().map(role).collect::<Vec<_>>().join(", ")
}

fn look_at(role: &Role, findings: &mut Findings) {
    let (name, life, tokens) = (role.name(), role.ttl_seconds(), role.hourly_limit());
    if life > LONG_LIFE_SECONDS {
        let problem = format!("tokens live for {life} seconds, and can't be taken back");
        let mend = format!("set {LONG_LIFE_SECONDS} or less; browsers use a token at once, 60 will do");
        findings.warning(format!("roles.{name}.token_ttl_seconds"), problem, mend);
    }
    if tokens > MANY_TOKENS {
        let how = format!("{tokens} tokens an hour for each user; each may open several sessions");
        findings.info(format!("roles.{name}.hourly_tokens"), how);
    }
}
