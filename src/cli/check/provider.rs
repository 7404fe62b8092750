//! The provider is there, takes the key, and has the models of the policy. Costs nothing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::PATIENCE;
use super::clocks::{self, Between};
use super::finding::Findings;
use super::hosts::is_loopback;
use crate::config::{Environment, Sealing, Upstream, read_one, read_policy};
use crate::kernel::clock::Clock;
use crate::kernel::session::Session;
use crate::policy::{Asked, AskedSession, Policy, Role};
use crate::provider::{Look, Model, Provider, ProviderError, Settings};

const ADDRESS: &str = "OPENAI_BASE_URL";
const KEY: &str = "OPENAI_API_KEY";

/// How early it is said that a model goes.
const NOTICE: TimeDelta = TimeDelta::days(90);

pub(super) async fn check(environment: &Environment, online: bool, clock: &dyn Clock) -> Findings {
    let mut findings = Findings::of("provider");
    let Ok(settings) = read_one(environment, Upstream::provider) else {
        return findings;
    };
    if settings.api_key.is_none() {
        no_key(environment, &mut findings);
    }
    let safe = is_safe(&settings, &mut findings);
    if !online {
        findings.info(ADDRESS, "not asked (--offline)");
    } else if safe {
        let policy = read_policy(environment).ok().map(|(_, policy)| policy);
        look(&settings, policy.as_ref(), clock, &mut findings).await;
    }
    findings
}

/// Without a key of the operator's: who can't mint then.
fn no_key(environment: &Environment, findings: &mut Findings) {
    // Where the sealing keys can't be understood, that is said elsewhere.
    let Ok(sealing) = read_one(environment, Sealing::read) else { return };
    if sealing.vault.is_some() {
        let how =
            "not set: users mint with keys of their own, and without one are refused with no_provider_key";
        return findings.info(KEY, how);
    }
    let problem = "not set, so every mint is refused with no_provider_key";
    let mend =
        "set it to the key that pays for the tokens, or let users bring their own: set ENCRYPTION_KEYS";
    findings.warning(KEY, problem, mend);
}

/// Whether the key may be sent there.
fn is_safe(settings: &Settings, findings: &mut Findings) -> bool {
    if settings.base_url.scheme() != "http" {
        return true;
    }
    if settings.base_url.host_str().is_some_and(is_loopback) {
        findings.info(ADDRESS, "without TLS, to this machine itself");
        return true;
    }
    findings.error(ADDRESS, "without TLS: the provider key would travel unencrypted", "write https://");
    false
}

async fn look(settings: &Settings, policy: Option<&Policy>, clock: &dyn Clock, findings: &mut Findings) {
    let provider = match Provider::new(settings) {
        Ok(provider) => provider,
        Err(error) => {
            return findings.error(ADDRESS, told(error), "mend that first: the provider could not be asked");
        }
    };
    let before = clock.now();
    let look = match tokio::time::timeout(PATIENCE, provider.look()).await {
        Ok(Ok(look)) => look,
        Ok(Err(error)) => return unreachable(told(error), findings),
        Err(_) => return unreachable("the provider did not answer in time".to_owned(), findings),
    };
    let now = clock.now();
    if let Some(date) = look.date {
        // Dates are cut off to the second.
        let theirs = Between(date, date + TimeDelta::seconds(1));
        clocks::compare("the provider", theirs, Between(before, now), findings);
    }
    answered(look, settings, policy, now, findings);
}

fn told(error: impl Into<anyhow::Error>) -> String {
    format!("{:#}", error.into())
}

fn unreachable(problem: String, findings: &mut Findings) {
    let mend =
        "see that the address is right, and that this machine may connect to it (firewall, DNS, proxy)";
    findings.error(ADDRESS, problem, mend);
}

fn answered(
    look: Look,
    settings: &Settings,
    policy: Option<&Policy>,
    now: DateTime<Utc>,
    findings: &mut Findings,
) {
    let error = match look.models {
        Ok(models) => {
            findings.ok(ADDRESS, format!("answers, and lists {} models", models.len()));
            return policy
                .into_iter()
                .for_each(|policy| compare(policy, &models, now.date_naive(), findings));
        }
        Err(error) => error,
    };
    let status = if let ProviderError::Rejected { status, .. } = &error { Some(*status) } else { None };
    match status {
        Some(401) if settings.api_key.is_none() => findings.ok(ADDRESS, "answers, and wants a key"),
        Some(401) => findings.error(KEY, told(error), "set it to a key that is valid: this one is not"),
        Some(403) => {
            let mend = "let the key list models, so that they can be compared; to mint, it has to be allowed Realtime";
            findings.warning(KEY, told(error), mend);
        }
        Some(429) => {
            findings.error(KEY, told(error), "look at the account's credit and limits at the provider")
        }
        Some(_) => {
            let mend = "write the provider's address with the version, such as https://api.openai.com/v1";
            findings.error(ADDRESS, told(error), mend);
        }
        None => findings.warning(ADDRESS, told(error), "try again in a moment"),
    }
}

/// Compares the policy's models with those that the provider has.
fn compare(policy: &Policy, models: &[Model], today: NaiveDate, findings: &mut Findings) {
    let listed: BTreeMap<&str, Option<NaiveDate>> =
        models.iter().map(|model| (model.id.as_str(), model.shutdown_date)).collect();
    for wanted in policy.roles().flat_map(wanted).collect::<BTreeSet<_>>() {
        let at = format!("model {wanted}");
        match listed.get(wanted.as_str()) {
            None => {
                let problem = "the policy has it, and the provider does not list it for this key";
                findings.warning(
                    at,
                    problem,
                    "see that the key's project may use it, or choose another model",
                );
            }
            Some(Some(day)) if *day <= today + NOTICE => {
                findings.warning(at, format!("shuts down on {day}"), "choose another model in the policy");
            }
            Some(_) => {}
        }
    }
}

/// The models that a role may use, for whatever purpose.
fn wanted(role: &Role) -> Vec<String> {
    let kinds = [
        AskedSession::Realtime(Default::default()),
        AskedSession::Transcription(Default::default()),
        AskedSession::Translation(Default::default()),
    ];
    let sessions = kinds.into_iter().filter_map(|session| {
        let asked = Asked { session, ..Asked::default() };
        // A kind that the role has not is refused, and then none of its models matters.
        role.grant(role.language([]), None, &asked).ok().map(|grant| grant.session)
    });
    sessions.flat_map(|session| models(role, session)).collect()
}

fn models(role: &Role, session: Session) -> Vec<String> {
    match session {
        Session::Realtime(session) => {
            let transcription = session.transcription.map(|transcription| transcription.model);
            role.models().map(str::to_owned).chain(transcription).collect()
        }
        other => vec![other.model().to_owned()],
    }
}
