//! Keyed digests. Secrets themselves are `secrecy` types, which neither print nor linger in memory.

use aws_lc_rs::{hmac, rand};
use secrecy::{ExposeSecret, SecretString};

use super::hex::hex;

/// The machine has no randomness to give.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the system's random numbers can't be had")]
pub struct NoRandomness;

/// A secret that nobody has had before: 32 random bytes, as 64 hexadecimal digits.
pub fn fresh() -> Result<SecretString, NoRandomness> {
    let mut bytes = [0_u8; 32];
    rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(hex(&bytes).into())
}

/// Turns user keys into safety identifiers: stable for a user, meaningless to anybody without the secret.
pub struct SafetyIds(hmac::Key);

impl SafetyIds {
    /// Identifiers under a secret of their own, at least 32 bytes.
    pub fn new(secret: &SecretString) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes()))
    }

    /// Identifiers under a secret derived from one that serves another purpose, so that neither tells the other.
    pub fn derived_from(other: &SecretString) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, other.expose_secret().as_bytes());
        let derived = hmac::sign(&key, b"ephemint safety identifier v1");
        Self(hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()))
    }

    /// The identifier of the user with this key: 64 hexadecimal digits.
    pub fn of(&self, user: &crate::kernel::user::UserKey) -> String {
        hex(hmac::sign(&self.0, user.as_bytes()).as_ref())
    }
}

impl std::fmt::Debug for SafetyIds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SafetyIds(…)")
    }
}
