//! Verifies tokens: each goes by its `iss` to exactly one issuer.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey};
use secrecy::ExposeSecret;

use super::error::{AuthError, TokenError};
use super::issuer::Identity;
use super::keys::{KeyRing, KeysUnavailable, Source};
use super::settings::{Issuer, Settings};
use super::token::Token;
use crate::kernel::clock::Clock;
use crate::net::SetupError;

/// Verifies tokens.
#[derive(Debug)]
pub struct Verifier {
    doors: Vec<Door>,
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
        Ok(Self { doors, clock })
    }

    /// Whether tokens of anybody can be checked. Fetches what is due, in the background.
    pub fn ready(&self) -> Result<(), KeysUnavailable> {
        // All of them are asked: whoever is due is fetched. One that answers is enough, or the failure of one issuer would
        // lock out the users of all others.
        let states: Vec<_> = self.doors.iter().map(Door::poke).collect();
        let any = states.iter().any(Result::is_ok);
        states.into_iter().find(|state| state.is_ok() == any).unwrap_or(Ok(()))
    }

    /// Who this token is for. Waits for nothing but keys that are missing.
    pub async fn verify(&self, token: &str) -> Result<Identity, AuthError> {
        let token = Token::parse(token)?;
        let door = self.door(token.issuer()?).ok_or(TokenError::Issuer)?;
        let claims = match &door.keys {
            Keys::Secret(secret) => token.verified(secret, Algorithm::HS256)?,
            Keys::Ring(ring) => {
                let key = ring.key(token.key_id.as_deref(), token.algorithm).await?;
                token.verified(&key, token.algorithm)?
            }
        };
        door.issuer.check(claims, self.clock.now())?;
        Ok(door.issuer.identity(claims, self.doors.len() > 1)?)
    }

    /// The one issuer that may have signed a token with this `iss`.
    fn door(&self, named: Option<&str>) -> Option<&Door> {
        self.doors.iter().find(|door| match door.issuer.name.as_deref() {
            None => true,
            name => name == named,
        })
    }
}

impl Door {
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
