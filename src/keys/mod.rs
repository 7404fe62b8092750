//! Floor 3: keys that users bring. They are checked, sealed and stored, and never shown again.

mod check;
mod disclosure;
mod error;
mod given;
mod import;
mod upkeep;

use std::sync::Arc;

use chrono::TimeDelta;
use secrecy::SecretString;
use serde_json::json;

pub use check::{Checks, Verdict};
pub use disclosure::{Disclosure, DisclosureError, ServiceKeys};
pub use error::KeysError;
pub use given::{BadKeyText, GivenKey};
pub use import::{Fate, Import, OlderEntry};
pub use upkeep::{Rotation, Survey, UpkeepError};

use crate::kernel::clock::Clock;
use crate::kernel::provider_name::ProviderName;
use crate::kernel::user::User;
use crate::policy::{CurrentPolicy, KeyCheck, KeyProvider};
use crate::store::{Act, Action, Judged, KeyRecord, KeyState, Origin, SealedKey, Store};
use crate::vault::{Place, Vault};

/// What keeping keys needs.
#[derive(Debug)]
pub struct Parts {
    /// Where they are.
    pub store: Arc<dyn Store>,
    /// Seals and opens them; none where they can't be stored.
    pub vault: Option<Arc<Vault>>,
    /// Asks providers about them.
    pub checks: Checks,
    /// The providers that there are.
    pub policy: CurrentPolicy,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What backends may read.
    pub service_keys: ServiceKeys,
    /// From what age on a key counts as old; none: never.
    pub old_after: Option<TimeDelta>,
}

/// Keeps users' keys.
#[derive(Debug)]
pub struct Keys(Parts);

/// A key of a user's, as they and operators see it.
#[derive(Debug, Clone)]
pub struct KeyView {
    /// What is stored of it.
    pub record: KeyRecord,
    /// Whether it opens. One that doesn't has to be entered again.
    pub opens: bool,
    /// Whether it is time for another one.
    pub is_old: bool,
}

/// A key that somebody enters.
#[derive(Debug)]
pub struct Entering {
    /// The provider's name, as it was asked for.
    pub provider: String,
    /// The key.
    pub key: GivenKey,
    /// Whether the provider is to be asked first.
    pub validate: bool,
}

impl Keys {
    /// Keeps keys with these parts.
    pub fn new(parts: Parts) -> Self {
        Self(parts)
    }

    /// The keys that a user has.
    pub async fn list(&self, user: &User) -> Result<Vec<KeyView>, KeysError> {
        let records = self.0.store.provider_keys(&user.key).await?;
        Ok(records.into_iter().map(|record| self.view(record)).collect())
    }

    /// The names of the providers that users may have keys of; none where keys can't be stored.
    pub fn providers(&self) -> Vec<ProviderName> {
        if self.0.vault.is_none() {
            return Vec::new();
        }
        self.0.policy.take().key_providers().iter().map(|provider| provider.name.clone()).collect()
    }

    /// Stores a key in place of the one before, as soon as its provider has taken it.
    pub async fn put(
        &self,
        origin: &Origin,
        user: &Arc<User>,
        entering: Entering,
    ) -> Result<KeyView, KeysError> {
        let vault = self.0.vault.as_ref().ok_or(KeysError::NotStored)?;
        let provider = self.provider(&entering.provider)?;
        self.check_standing(origin, user).await?;
        let state = self.checked(&provider, user, &entering).await?;
        let name = provider.name;
        let sealed = vault.seal(&Place::provider_key(&user.key, &name), entering.key.text())?;
        let key = SealedKey {
            provider: name.clone(),
            sealed: sealed.bytes,
            sealing_key: sealed.key_id.as_str().to_owned(),
            mask: entering.key.mask(),
            state,
        };
        let act = self.act(
            origin,
            Action::PutKey,
            user,
            json!({ "provider": name.as_str(), "state": state.as_str() }),
        );
        self.0.store.put_provider_key(&user.key, &key, &act).await?;
        Ok(self.view(self.find(user, &name).await?))
    }

    /// What is known of a key before it is stored.
    async fn checked(
        &self,
        provider: &KeyProvider,
        user: &User,
        entering: &Entering,
    ) -> Result<KeyState, KeysError> {
        let policy = self.0.policy.take();
        if !entering.validate && provider.check != KeyCheck::None {
            return match policy.allows_unvalidated_keys() {
                true => Ok(KeyState::Unvalidated),
                false => Err(KeysError::MustBeValidated),
            };
        }
        match self.0.checks.ask(provider, &policy, user, entering.key.text()).await? {
            Verdict::Taken => Ok(KeyState::Valid),
            Verdict::Refused(state) => Err(KeysError::Refused(state)),
            Verdict::NotAsked => Ok(KeyState::Unvalidated),
        }
    }

    /// Asks the provider about a key that is stored, and writes down what it says.
    pub async fn validate(
        &self,
        origin: &Origin,
        user: &Arc<User>,
        provider: &str,
    ) -> Result<KeyView, KeysError> {
        let provider = self.provider(provider)?;
        self.check_standing(origin, user).await?;
        let record = self.find(user, &provider.name).await?;
        let key = self.open(&record)?;
        let policy = self.0.policy.take();
        let state = match self.0.checks.ask(&provider, &policy, user, &key).await? {
            Verdict::Taken => KeyState::Valid,
            Verdict::Refused(state) => state,
            Verdict::NotAsked => return Ok(self.view(record)),
        };
        let detail = json!({ "provider": provider.name.as_str(), "state": state.as_str() });
        let act = self.act(origin, Action::JudgeKey, user, detail);
        let judged = Judged { provider: provider.name.clone(), version: record.held.version, state };
        // Where the key has been replaced meanwhile, the new one is told of, as it stands.
        self.0.store.judge_provider_key(&user.key, &judged, &act).await?;
        Ok(self.view(self.find(user, &provider.name).await?))
    }

    /// Deletes a key. Where there is none, that is done already. Any name will do: providers come and go with the policy.
    pub async fn delete(&self, origin: &Origin, user: &Arc<User>, provider: &str) -> Result<(), KeysError> {
        let provider = ProviderName::parse(provider).map_err(|_| self.unknown())?;
        let act = self.act(origin, Action::DeleteKey, user, json!({ "provider": provider.as_str() }));
        self.0.store.delete_provider_key(&user.key, &provider, &act).await?;
        Ok(())
    }

    /// Users who are disabled may look at what is theirs and delete it, but have nothing done with it.
    async fn check_standing(&self, origin: &Origin, user: &User) -> Result<(), KeysError> {
        let is_their_own = origin.actor.user().is_some_and(|actor| actor.key == user.key);
        match is_their_own && self.0.store.standing(&user.key).await?.disabled {
            true => Err(KeysError::Disabled),
            false => Ok(()),
        }
    }

    fn provider(&self, name: &str) -> Result<KeyProvider, KeysError> {
        self.0.policy.take().key_provider(name).cloned().ok_or_else(|| self.unknown())
    }

    fn unknown(&self) -> KeysError {
        let policy = self.0.policy.take();
        let known = policy.key_providers().iter().map(|provider| provider.name.clone()).collect();
        KeysError::UnknownProvider { known }
    }

    async fn find(&self, user: &User, provider: &ProviderName) -> Result<KeyRecord, KeysError> {
        let records = self.0.store.provider_keys(&user.key).await?;
        records.into_iter().find(|record| record.provider == *provider).ok_or(KeysError::NoKey)
    }

    fn open(&self, record: &KeyRecord) -> Result<SecretString, KeysError> {
        let vault = self.0.vault.as_ref().ok_or(KeysError::NotStored)?;
        let place = Place::provider_key(&record.user, &record.provider);
        vault.open(&place, &record.held.sealed).map_err(KeysError::Unreadable)
    }

    fn view(&self, record: KeyRecord) -> KeyView {
        let age = self.0.clock.now() - record.updated_at;
        let is_old = self.0.old_after.is_some_and(|limit| age >= limit);
        KeyView { opens: self.open(&record).is_ok(), is_old, record }
    }

    fn act(&self, origin: &Origin, action: Action, user: &Arc<User>, detail: serde_json::Value) -> Act {
        let act = Act::done(self.0.clock.now(), origin.clone(), action, Some(user.clone()));
        Act { detail: Some(detail.to_string()), ..act }
    }
}
