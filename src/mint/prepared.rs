//! What was worked out of the policy before, so that the next mint of the same kind only has to send it.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::Known;
use super::order::Opens;
use crate::kernel::session::SessionType;
use crate::metrics::{Metrics, MintSeries};
use crate::policy::{Asked, AskedSession, NotAllowed, Policy, Role};
use crate::provider::{MintBody, Provider};
use crate::store::{HeldSettings, SettingsVersion};

/// How much is kept of one policy, in bytes of request bodies. Names make them many.
const MOST_BYTES: u64 = 8 * 1024 * 1024;

/// What somebody gets: a session that is ready to be asked for.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) role: Arc<str>,
    pub(super) language: Arc<str>,
    /// The model that is asked for.
    pub(super) model: Arc<str>,
    pub(super) kind: SessionType,
    pub(super) opens: Arc<Opens>,
    pub(super) body: MintBody,
    pub(super) max_call_seconds: Option<u16>,
    /// Where it is counted.
    pub(super) series: Arc<MintSeries>,
}

impl Prepared {
    /// What its log line says.
    pub(super) fn known(&self) -> Known {
        let [role, language, model] =
            [&self.role, &self.language, &self.model].map(|text| Some(text.clone()));
        Known { role, language, model, series: Some(self.series.clone()) }
    }
}

/// All that a prepared session depends on, beside the policy.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    role: String,
    language: String,
    name: Option<String>,
    asked: Asked,
    settings: Option<SettingsVersion>,
}

/// The sessions of one policy.
struct Era {
    policy: Arc<Policy>,
    sessions: moka::sync::Cache<Key, Arc<Prepared>>,
}

/// Prepares sessions, each once for as long as the policy is in force and its user sets nothing else.
pub(super) struct Preparer {
    era: ArcSwapOption<Era>,
    metrics: Arc<Metrics>,
}

impl Preparer {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        Self { era: ArcSwapOption::default(), metrics }
    }

    /// The session of this role in this language, for somebody by this name with these settings.
    pub(super) fn session(
        &self,
        policy: &Arc<Policy>,
        role: &Role,
        language: &str,
        name: Option<&str>,
        asked: &Asked,
        settings: Option<&HeldSettings>,
    ) -> Result<Arc<Prepared>, NotAllowed> {
        let prepare = || self.prepare(role, language, name, asked, settings).map(Arc::new);
        if brings_texts(asked) {
            return prepare();
        }
        let key = Key {
            role: role.name().to_owned(),
            language: language.to_owned(),
            name: name.map(str::to_owned),
            asked: asked.clone(),
            settings: settings.map(|own| own.version),
        };
        let era = self.era(policy);
        if let Some(known) = era.sessions.get(&key) {
            return Ok(known);
        }
        let fresh = prepare()?;
        era.sessions.insert(key, fresh.clone());
        Ok(fresh)
    }

    /// What is kept of this very policy. Another one, even of the same text, may have other credentials in it.
    fn era(&self, policy: &Arc<Policy>) -> Arc<Era> {
        if let Some(era) = self.era.load_full().filter(|era| Arc::ptr_eq(&era.policy, policy)) {
            return era;
        }
        let fresh = Arc::new(Era::new(policy.clone()));
        self.era.store(Some(fresh.clone()));
        fresh
    }

    fn prepare(
        &self,
        role: &Role,
        language: &str,
        name: Option<&str>,
        asked: &Asked,
        settings: Option<&HeldSettings>,
    ) -> Result<Prepared, NotAllowed> {
        let grant = match settings {
            Some(own) => role.grant_with(language, name, asked, &own.settings)?,
            None => role.grant(language, name, asked)?,
        };
        let model = grant.session.model();
        Ok(Prepared {
            role: role.name().into(),
            language: language.into(),
            model: model.into(),
            series: self.metrics.mint_series(role.name(), Some(model)),
            kind: grant.session.kind(),
            body: Provider::prepare(&grant.session, grant.ttl_seconds),
            max_call_seconds: grant.max_call_seconds,
            opens: Arc::new(grant.session.into()),
        })
    }
}

impl Era {
    fn new(policy: Arc<Policy>) -> Self {
        let sessions = moka::sync::Cache::builder()
            .max_capacity(MOST_BYTES)
            .weigher(|_, prepared: &Arc<Prepared>| u32::try_from(prepared.body.size()).unwrap_or(u32::MAX))
            .build();
        Self { policy, sessions }
    }
}

/// Whether a request comes with texts of its own: hardly the same ones twice, and larger than they are worth keeping.
fn brings_texts(asked: &Asked) -> bool {
    match &asked.session {
        AskedSession::Realtime(asked) => asked.instructions.is_some() || asked.tools.is_some(),
        AskedSession::Transcription(_) | AskedSession::Translation(_) => false,
    }
}

impl std::fmt::Debug for Preparer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Preparer(…)")
    }
}
