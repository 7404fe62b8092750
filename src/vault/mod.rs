//! Floor 2: seals secrets of users before they are stored, and opens them again.
//!
//! AES-256-GCM under one of the operator's sealing keys. What is sealed is bound to its place: the table, the user and the
//! provider are authenticated with it, so that a row which was moved elsewhere does not open. The first key seals, all of
//! them open: that is how keys are rotated while the service runs.

mod ages;
mod key_use;
pub mod older;
mod place;
mod sealed;
mod sealing_key;

#[cfg(test)]
mod tests;

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

pub use ages::{Due, KeyAges, Reminders};
pub use key_use::KeyUse;
pub use place::Place;
pub use sealed::Sealed;
pub use sealing_key::{BadKey, KeyId, SealingKey};

use self::sealed::Parts;

/// The operator's sealing keys.
#[derive(Debug)]
pub struct Vault {
    seals: SealingKey,
    opens: Vec<SealingKey>,
}

/// Something can't be sealed: the machine has no randomness to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nothing can be sealed: the system's random numbers can't be had")]
pub struct SealError;

/// Why something sealed does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It is not in a form that this version knows.
    #[error("it is not in a form that this version knows")]
    Form,
    /// The key that sealed it is not among those of the operator.
    #[error("the key that sealed it is not among ENCRYPTION_KEYS")]
    UnknownKey,
    /// It was changed, or moved from where it was sealed for, or sealed under another key of the same id.
    #[error("it was changed, moved from another row, or sealed under another key of this id")]
    Forged,
}

impl Vault {
    /// A vault of these keys: `seals` seals, and opens as well; `opens` are keys of earlier times.
    pub fn new(seals: SealingKey, opens: Vec<SealingKey>) -> Self {
        Self { seals, opens }
    }

    /// The key that seals.
    pub fn seals_under(&self) -> &KeyId {
        self.seals.id()
    }

    /// Whether the key of this id is there.
    pub fn has(&self, id: &str) -> bool {
        self.key(id.as_bytes()).is_some()
    }

    /// Seals a text for its place, under a nonce that nobody has had before.
    pub fn seal(&self, place: &Place<'_>, text: &SecretString) -> Result<Sealed, SealError> {
        let mut in_out = Zeroizing::new(text.expose_secret().as_bytes().to_vec());
        // Room for the tag: growing would leave a copy of the text behind.
        in_out.reserve_exact(sealed::TAG_BYTES);
        let nonce = self.seals.seal(place, &mut in_out)?;
        Ok(Sealed::new(self.seals.id().clone(), &nonce, &in_out))
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<SecretString, OpenError> {
        let parts = Parts::read(sealed).ok_or(OpenError::Form)?;
        let key = self.key(parts.key_id).ok_or(OpenError::UnknownKey)?;
        let mut in_out = Zeroizing::new(parts.ciphertext.to_vec());
        let text = key.open(place, parts.nonce, &mut in_out)?;
        std::str::from_utf8(text).map(SecretString::from).map_err(|_| OpenError::Form)
    }

    fn key(&self, id: &[u8]) -> Option<&SealingKey> {
        std::iter::once(&self.seals).chain(&self.opens).find(|key| key.id().as_str().as_bytes() == id)
    }
}
