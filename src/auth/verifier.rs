//! Verifies tokens: each goes by its `iss` to exactly one issuer.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::error::{AuthError, TokenError};
use super::issuer::Identity;
use super::keys::{KeyRing, KeySet, KeySetState, KeysUnavailable, Source};
use super::settings::{Issuer, Settings};
use super::token::Token;
use super::verified::{self, Known, Verified};
use crate::kernel::clock::Clock;
use crate::net::SetupError;

/// Verifies tokens.
#[derive(Debug)]
pub struct Verifier {
    doors: Vec<Door>,
    verified: Verified,
    clock: Arc<dyn Clock>,
}

/// An issuer, and the keys to its signatures.
#[derive(Debug)]
struct Door {
    issuer: Issuer,
    keys: Keys,
}

enum Keys {
    /// One secret, for HS256 and nothing else.
    Secret(DecodingKey),
    /// Public keys, fetched. A secret never comes out of there.
    Ring(KeyRing),
}

impl Verifier {
    /// A verifier by these settings. Key sets begin to be fetched at once, in the background.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, SetupError> {
        let max_stale = settings.max_stale;
        let door = |issuer: Issuer| {
            let keys = match Source::of(&issuer)? {
                Source::Secret(secret) => {
                    Keys::Secret(DecodingKey::from_secret(secret.expose_secret().as_bytes()))
                }
                Source::Fetched(fetcher) => Keys::Ring(KeyRing::new(fetcher, max_stale, clock.clone())),
            };
            Ok(Door { issuer, keys })
        };
        let doors = settings.issuers.into_iter().map(door).collect::<Result<Vec<_>, _>>()?;
        for door in &doors {
            let _ = door.poke();
        }
        Ok(Self { doors, verified: Verified::default(), clock })
    }

    /// Whether tokens of anybody can be checked. Fetches what is due, in the background.
    pub fn ready(&self) -> Result<(), KeysUnavailable> {
        // All of them are asked: whoever is due is fetched. One that answers is enough, or the failure of one issuer would
        // lock out the users of all others.
        let states: Vec<_> = self.doors.iter().map(Door::poke).collect();
        let any = states.iter().any(Result::is_ok);
        states.into_iter().find(|state| state.is_ok() == any).unwrap_or(Ok(()))
    }

    /// How the key sets stand that are fetched. Fetches what is due, in the background.
    pub fn key_sets(&self) -> impl Iterator<Item = KeySetState<'_>> {
        self.doors.iter().filter_map(|door| match &door.keys {
            Keys::Secret(_) => None,
            Keys::Ring(ring) => Some(ring.state()),
        })
    }

    /// Who this token is for. Waits for nothing but keys that are missing.
    pub async fn verify(&self, token: &str) -> Result<Arc<Identity>, AuthError> {
        let key = verified::key(token);
        if let Some(known) = self.verified.find(&key) {
            if self.holds(&known) {
                return Ok(known.identity);
            }
            self.verified.forget(&key);
        }
        let known = self.verify_anew(token).await?;
        let identity = known.identity.clone();
        self.verified.remember(key, known);
        Ok(identity)
    }

    /// Whether a token is still good that was verified before.
    fn holds(&self, known: &Known) -> bool {
        let same_keys = match (self.doors.get(known.door).map(|door| &door.keys), &known.keys) {
            (Some(Keys::Secret(_)), None) => true,
            (Some(Keys::Ring(ring)), Some(then)) => ring.current().is_some_and(|now| Arc::ptr_eq(&now, then)),
            _ => false,
        };
        same_keys && known.lifetime.check(self.clock.now()).is_ok()
    }

    async fn verify_anew(&self, token: &str) -> Result<Known, AuthError> {
        let token = Token::parse(token)?;
        let (number, door) = self.door(token.issuer()?).ok_or(TokenError::Issuer)?;
        let (claims, keys) = door.verified(&token).await?;
        let lifetime = door.issuer.check(claims, self.clock.now())?;
        let identity = Arc::new(door.issuer.identity(claims, self.doors.len() > 1)?);
        Ok(Known { door: number, identity, lifetime, keys })
    }

    /// The names of the issuers; none for one that takes whatever `iss` comes.
    pub(super) fn issuers(&self) -> impl Iterator<Item = Option<&str>> {
        self.doors.iter().map(|door| door.issuer.name.as_deref())
    }

    /// The one issuer that may have signed a token with this `iss`, and its place.
    fn door(&self, named: Option<&str>) -> Option<(usize, &Door)> {
        self.doors.iter().enumerate().find(|(_, door)| match door.issuer.name.as_deref() {
            None => true,
            name => name == named,
        })
    }
}

impl Door {
    /// What a token says that this issuer has signed, and the key set that says so.
    async fn verified<'t>(
        &self,
        token: &'t Token<'_>,
    ) -> Result<(&'t Value, Option<Arc<KeySet>>), AuthError> {
        match &self.keys {
            Keys::Secret(secret) => Ok((token.verified(secret, Algorithm::HS256)?, None)),
            Keys::Ring(ring) => {
                let (key, set) = ring.key(token.key_id.as_deref(), token.algorithm).await?;
                Ok((token.verified(&key, token.algorithm)?, Some(set)))
            }
        }
    }

    fn poke(&self) -> Result<(), KeysUnavailable> {
        match &self.keys {
            Keys::Secret(_) => Ok(()),
            Keys::Ring(ring) => ring.poke(),
        }
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Secret(_) => f.write_str("Secret(…)"),
            Self::Ring(ring) => ring.fmt(f),
        }
    }
}
