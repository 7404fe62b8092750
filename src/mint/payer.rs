//! Whose key pays for a mint, and what becomes of a user's own.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::error::MintError;
use super::{Inner, Order};
use crate::kernel::cause::chain;
use crate::kernel::provider_name::ProviderName;
use crate::kernel::user::User;
use crate::policy::{KeyRules, OperatorKey};
use crate::provider::{Account, ApiKey, ProviderError};
use crate::store::{Act, Action, Actor, HeldKey, Judged, KeySource, KeyState, KeyVersion, Origin};
use crate::vault::Place;

const OPENAI: ProviderName = ProviderName::OPENAI;

/// A key that the provider refused is left alone for so long: nobody hammers the provider with a dead key, and whoever has
/// put money into their account needs not say so.
const LEAVE_ALONE: TimeDelta = TimeDelta::minutes(10);

/// Whose key pays.
#[derive(Debug)]
pub(super) enum Payer {
    Operator,
    User(OwnKey),
}

/// A user's own key, opened. It lives as long as the mint.
#[derive(Debug)]
pub(super) struct OwnKey {
    key: ApiKey,
    version: KeyVersion,
    state: KeyState,
    /// Whether the operator's key steps in where the provider refuses this one.
    falls_back: bool,
}

impl Payer {
    pub(super) fn source(&self) -> KeySource {
        match self {
            Self::Operator => KeySource::Operator,
            Self::User(_) => KeySource::User,
        }
    }

    pub(super) fn account(&self) -> Account<'_> {
        match self {
            Self::Operator => Account::Operator,
            Self::User(own) => Account::User(&own.key),
        }
    }

    /// What the provider has against the user's key, where it is that which it refused.
    pub(super) fn refused(&self, result: &Result<impl Sized, ProviderError>) -> Option<KeyState> {
        match (self, result) {
            (Self::User(_), Err(error)) => error.refuses_key(),
            _ => None,
        }
    }
}

impl Inner {
    /// Whose key pays by these rules, for a user who has this one or none.
    pub(super) fn payer(
        &self,
        user: &User,
        held: Option<&HeldKey>,
        rules: KeyRules,
    ) -> Result<Payer, MintError> {
        let operator = || match self.parts.provider.has_key() {
            true => Ok(Payer::Operator),
            false => Err(self.no_key(rules)),
        };
        match (rules.operator_key, held) {
            (OperatorKey::Always, _) | (OperatorKey::Fallback, None) => operator(),
            (OperatorKey::Never, None) => Err(self.no_key(rules)),
            (OperatorKey::Fallback | OperatorKey::Never, Some(held)) => {
                let steps_in = rules.fallback_on_refusal && rules.operator_key == OperatorKey::Fallback;
                let falls_back = steps_in && self.parts.provider.has_key();
                match was_refused(held, self.parts.clock.now()) {
                    Some(_) if falls_back => Ok(Payer::Operator),
                    Some(state) => Err(MintError::KeyRefused { state, falls_back: false }),
                    None => self.open(user, held, falls_back).map(Payer::User),
                }
            }
        }
    }

    fn open(&self, user: &User, held: &HeldKey, falls_back: bool) -> Result<OwnKey, MintError> {
        let vault = self.parts.vault.as_ref().ok_or(MintError::KeyUnreadable)?;
        let opened = vault.open(&Place::provider_key(&user.key, &OPENAI), &held.sealed);
        let key = opened.ok().as_ref().and_then(ApiKey::new).ok_or(MintError::KeyUnreadable)?;
        Ok(OwnKey { key, version: held.version, state: held.state, falls_back })
    }

    fn no_key(&self, rules: KeyRules) -> MintError {
        let takes_own = self.parts.vault.is_some() && rules.operator_key != OperatorKey::Always;
        MintError::NoProviderKey { takes_own }
    }

    /// Writes down what the provider has against a user's key, so that they see it and it is left alone for a while.
    pub(super) async fn refuse_key(&self, order: &Order, own: &OwnKey, state: KeyState) -> MintError {
        // First here: whether or not it can be written, this process leaves the key alone.
        self.standings.judged(&order.identity.user, own.version, state, self.parts.clock.now());
        if !self.parts.limiter.is_without_store() {
            self.judge(order, own.version, state).await;
        }
        MintError::KeyRefused { state, falls_back: own.falls_back }
    }

    /// A token was made with a user's own key.
    pub(super) fn own_key_worked(self: &Arc<Self>, order: &Order, own: &OwnKey) {
        self.parts.key_use.note(order.identity.user.key, OPENAI);
        if own.state != KeyState::Valid {
            let (inner, order, version) = (self.clone(), order.clone(), own.version);
            self.parts.tasks.spawn(async move { inner.judge(&order, version, KeyState::Valid).await });
        }
    }

    async fn judge(&self, order: &Order, version: KeyVersion, state: KeyState) {
        let user = &order.identity.user;
        let origin =
            Origin { actor: Actor::Service, address: None, request_id: Some(order.request_id.clone()) };
        let detail = serde_json::json!({ "provider": OPENAI.as_str(), "state": state.as_str() });
        let act = Act::done(self.parts.clock.now(), origin, Action::JudgeKey, Some(user.clone()));
        let act = Act { detail: Some(detail.to_string()), ..act };
        let judged = Judged { provider: OPENAI, version, state };
        if let Err(error) = self.parts.store.judge_provider_key(&user.key, &judged, &act).await {
            tracing::warn!(
                error = chain(&error),
                "what the provider said of a user's key could not be written"
            );
        }
    }
}

/// What the provider had against the key, not long ago.
fn was_refused(held: &HeldKey, now: DateTime<Utc>) -> Option<KeyState> {
    match held.state {
        KeyState::Unvalidated | KeyState::Valid => None,
        KeyState::Refused | KeyState::NoQuota | KeyState::NoAccess => {
            held.refused_at.is_some_and(|at| now - at < LEAVE_ALONE).then_some(held.state)
        }
    }
}
