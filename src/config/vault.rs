//! The keys that seal what users bring, and when to think of new ones.

use std::sync::Arc;

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};

use super::deployment::{Deployment, Mode};
use super::reader::Reader;
use crate::vault::{BadKey, KeyAges, KeyId, Reminders, SealingKey, Vault};

/// Sealing keys, and reminders.
#[derive(Debug, Clone)]
pub struct Sealing {
    /// `ENCRYPTION_KEYS`, or `ENCRYPTION_KEY`; none where users' keys can't be stored.
    pub vault: Option<Arc<Vault>>,
    /// When keys have become old.
    pub reminders: Reminders,
}

impl Sealing {
    /// Reads the sealing keys.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let vault = vault(reader);
        let provider_keys = days(reader, "PROVIDER_KEY_ROTATION_DAYS", provider_key_days(reader));
        let sealing_key = days(reader, "KEY_ROTATION_DAYS", 90);
        let reminders = Reminders { provider_keys: provider_keys?, sealing_key: sealing_key? };
        Some(Self { vault: vault?.map(Arc::new), reminders })
    }

    /// Says which keys are due; none where no keys are stored.
    pub fn key_ages(&self) -> Option<KeyAges> {
        let vault = self.vault.clone()?;
        Some(KeyAges { vault, reminders: self.reminders })
    }
}

fn vault(reader: &mut Reader<'_>) -> Option<Option<Vault>> {
    let several = reader.secret("ENCRYPTION_KEYS", 1);
    let alone = reader.secret("ENCRYPTION_KEY", 1);
    match (several?, alone?) {
        (None, None) => Some(None),
        (Some(_), Some(_)) => {
            let mend = format!("keep ENCRYPTION_KEYS; write the other key there as `{}:…`", KeyId::ALONE);
            reader.wrong("ENCRYPTION_KEY", "ENCRYPTION_KEYS is set as well", mend)
        }
        (None, Some(hex)) => match SealingKey::alone(hex.expose_secret()) {
            Ok(key) => Some(Some(Vault::new(key, Vec::new()))),
            Err(error) => reader.wrong("ENCRYPTION_KEY", error.to_string(), mend(error)),
        },
        (Some(list), None) => keys(reader, &list).map(Some),
    }
}

/// `id:64 hexadecimal digits`, separated by commas. The first one seals.
fn keys(reader: &mut Reader<'_>, list: &SecretString) -> Option<Vault> {
    const NAME: &str = "ENCRYPTION_KEYS";
    let mut keys: Vec<SealingKey> = Vec::new();
    for (n, text) in list.expose_secret().split(',').map(str::trim).enumerate() {
        let place = n + 1;
        match SealingKey::parse(text) {
            Ok(key) if keys.iter().any(|known| known.id() == key.id()) => {
                let problem = format!("two keys have the id `{}`", key.id());
                return reader.wrong(NAME, problem, "give each key an id of its own, and keep it for good");
            }
            Ok(key) => keys.push(key),
            // Neither the key nor its id is repeated: who forgot the id has the key in its place.
            Err(error) => return reader.wrong(NAME, format!("key {place} {error}"), mend(error)),
        }
    }
    let mut keys = keys.into_iter();
    keys.next().map(|first| Vault::new(first, keys.collect()))
}

fn mend(error: BadKey) -> &'static str {
    match error {
        BadKey::NoId | BadKey::Id => {
            "write id:64 hexadecimal digits, with commas between keys; `ephemint keys new` makes one"
        }
        BadKey::Hex | BadKey::NotRandom => {
            "make a fresh one with `ephemint keys new`, or the digits alone with `openssl rand -hex 32`"
        }
    }
}

/// One developer needs no reminder of their own key. What keeps the mode from being known is told by whoever reads that.
fn provider_key_days(reader: &Reader<'_>) -> u64 {
    match Deployment::of(reader.environment()).map(|deployment| deployment.mode()) {
        Some(Mode::Local) => 0,
        Some(Mode::Deployed) | None => 7,
    }
}

fn days(reader: &mut Reader<'_>, name: &str, default: u64) -> Option<Option<TimeDelta>> {
    let days = reader.number(name, 0..=3650, default)?;
    Some(i64::try_from(days).ok().filter(|days| *days > 0).map(TimeDelta::days))
}
