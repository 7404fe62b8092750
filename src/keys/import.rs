//! Keys that an older system kept, on their way into the vault. What users have here is never replaced.

use std::collections::HashMap;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{GivenKey, KeysError};
use crate::kernel::clock::Clock;
use crate::kernel::provider_name::ProviderName;
use crate::kernel::user::{User, UserKey};
use crate::store::{Act, Action, Actor, KeyRecord, KeyState, Origin, SealedKey, Store};
use crate::vault::{Place, Vault};

/// A key of an older system, and whose it is.
#[derive(Debug, Clone)]
pub struct OlderEntry {
    /// Its user.
    pub user: Arc<User>,
    /// Its provider.
    pub provider: ProviderName,
    /// The key.
    pub key: Arc<GivenKey>,
}

/// What becomes of a key of an older system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is stored.
    Import,
    /// The same key is here.
    IsHere,
    /// The user has entered another one here, which stays.
    AnotherIsHere,
    /// The user has one here that can't be opened any more, which stays until somebody deletes it.
    UnreadableIsHere,
    /// The older system has the same key of this user twice.
    Again,
    /// The older system has an older key of this user as well.
    Outdated,
    /// The older system has several keys of this user, and nobody says which is the newest.
    Ambiguous,
}

/// Takes keys over.
#[derive(Debug)]
pub struct Import {
    store: Arc<dyn Store>,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
}

impl Import {
    /// Takes keys over into this store, sealed by this vault.
    pub fn new(store: Arc<dyn Store>, vault: Arc<Vault>, clock: Arc<dyn Clock>) -> Self {
        Self { store, vault, clock }
    }

    /// What would become of each of these. `newest_first`: they come in the order of their age.
    pub async fn plan(&self, entries: &[OlderEntry], newest_first: bool) -> Result<Vec<Fate>, KeysError> {
        let mut fates = among_themselves(entries, newest_first);
        for (entry, fate) in entries.iter().zip(&mut fates).filter(|(_, fate)| **fate == Fate::Import) {
            let records = self.store.provider_keys(&entry.user.key).await?;
            if let Some(record) = records.iter().find(|record| record.provider == entry.provider) {
                *fate = self.beside(record, &entry.key);
            }
        }
        Ok(fates)
    }

    /// Seals it and stores it. Says whether it did: not where the user has entered one meanwhile.
    pub async fn store(&self, entry: &OlderEntry) -> Result<bool, KeysError> {
        let OlderEntry { user, provider, key } = entry;
        let sealed = self.vault.seal(&Place::provider_key(&user.key, provider), key.text())?;
        let state = KeyState::Unvalidated;
        let sealed = SealedKey {
            provider: provider.clone(),
            sealed: sealed.bytes,
            sealing_key: sealed.key_id.as_str().to_owned(),
            mask: key.mask(),
            state,
        };
        let origin = Origin { actor: Actor::Service, address: None, request_id: None };
        let detail = json!({ "provider": provider.as_str(), "state": state.as_str(), "imported": true });
        let act = Act::done(self.clock.now(), origin, Action::PutKey, Some(user.clone()));
        let act = Act { detail: Some(detail.to_string()), ..act };
        Ok(self.store.add_provider_key(&user.key, &sealed, &act).await?)
    }

    /// What becomes of a key where there is one here already.
    fn beside(&self, record: &KeyRecord, key: &GivenKey) -> Fate {
        let place = Place::provider_key(&record.user, &record.provider);
        match self.vault.open(&place, &record.held.sealed) {
            Ok(here) if same(&here, key) => Fate::IsHere,
            Ok(_) => Fate::AnotherIsHere,
            Err(_) => Fate::UnreadableIsHere,
        }
    }
}

/// Both are the operator's to read: that comparing takes its time tells nobody anything.
fn same(here: &SecretString, key: &GivenKey) -> bool {
    here.expose_secret() == key.text().expose_secret()
}

/// What becomes of each for the others' sake: of what one user has of one provider, one key at most is taken.
fn among_themselves(entries: &[OlderEntry], newest_first: bool) -> Vec<Fate> {
    let mut firsts: HashMap<(UserKey, &ProviderName), usize> = HashMap::new();
    let mut fates = vec![Fate::Import; entries.len()];
    for (at, entry) in entries.iter().enumerate() {
        let first = *firsts.entry((entry.user.key, &entry.provider)).or_insert(at);
        let Some(found) = entries.get(first).filter(|_| first != at) else { continue };
        let fate = match same(found.key.text(), &entry.key) {
            true => Fate::Again,
            false if newest_first => Fate::Outdated,
            false => Fate::Ambiguous,
        };
        set(&mut fates, at, fate);
        if fate == Fate::Ambiguous {
            set(&mut fates, first, fate);
        }
    }
    fates
}

fn set(fates: &mut [Fate], at: usize, fate: Fate) {
    if let Some(place) = fates.get_mut(at) {
        *place = fate;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(user: &str, provider: &'static str, key: &str) -> OlderEntry {
        let key = GivenKey::parse(format!("sk-0123456789abcdef-{key}").into()).unwrap();
        OlderEntry {
            user: Arc::new(User::new("", user).unwrap()),
            provider: ProviderName::known(provider),
            key: Arc::new(key),
        }
    }

    #[test]
    fn of_several_keys_one_is_taken_if_it_is_clear_which() {
        let entries = [
            entry("ana", "openai", "1"),
            entry("bea", "openai", "1"),
            entry("ana", "openai", "1"),
            entry("ana", "exa", "1"),
            entry("bea", "openai", "2"),
        ];
        use Fate::{Again, Ambiguous, Import, Outdated};
        assert_eq!(among_themselves(&entries, true), [Import, Import, Again, Import, Outdated]);
        assert_eq!(among_themselves(&entries, false), [Import, Ambiguous, Again, Import, Ambiguous]);
    }
}
