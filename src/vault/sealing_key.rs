//! The operator's keys, as they are written in the settings.

use std::collections::BTreeSet;
use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use secrecy::zeroize::Zeroizing;

use super::place::Place;
use super::{OpenError, SealError};
use crate::kernel::hex::unhex;

/// The longest id of a key, in bytes.
const MOST_ID_BYTES: usize = 32;

const KEY_BYTES: usize = 32;

/// Of 32 random bytes so many are different, but for less than one in 10^18 keys.
const LEAST_DIFFERENT: usize = 16;

/// Names a sealing key: 1 to 32 of a-z, A-Z, 0-9, ., _ and -.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl KeyId {
    /// The id of a key that was given without any.
    pub const ALONE: &'static str = "default";

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parse(text: &str) -> Result<Self, BadKey> {
        let fit = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        let ok = (1..=MOST_ID_BYTES).contains(&text.len()) && text.bytes().all(fit);
        if ok { Ok(Self(text.to_owned())) } else { Err(BadKey::Id) }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no sealing key. Never quotes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// There is no colon in it.
    #[error("has no id")]
    NoId,
    /// The id is not fit.
    #[error("has an id that is not 1 to 32 of a-z, A-Z, 0-9, ., _ and -")]
    Id,
    /// The key is not 64 hexadecimal digits.
    #[error("is not 64 hexadecimal digits")]
    Hex,
    /// The key is one that somebody made up.
    #[error("is not random: an example, or typed by hand")]
    NotRandom,
}

/// A key that seals and opens. It is wiped when it goes away.
pub struct SealingKey {
    id: KeyId,
    aead: RandomizedNonceKey,
}

impl SealingKey {
    /// A key written as `id:64 hexadecimal digits`.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let (id, hex) = text.split_once(':').ok_or(BadKey::NoId)?;
        Self::of(KeyId::parse(id)?, hex)
    }

    /// A key written as 64 hexadecimal digits, under the id [`KeyId::ALONE`].
    pub fn alone(hex: &str) -> Result<Self, BadKey> {
        Self::of(KeyId(KeyId::ALONE.to_owned()), hex)
    }

    fn of(id: KeyId, hex: &str) -> Result<Self, BadKey> {
        let key = Zeroizing::new(unhex(hex).filter(|key| key.len() == KEY_BYTES).ok_or(BadKey::Hex)?);
        let in_a_row = key.windows(2).all(|pair| matches!(pair, [a, b] if a.wrapping_add(1) == *b));
        if in_a_row || key.iter().collect::<BTreeSet<_>>().len() < LEAST_DIFFERENT {
            return Err(BadKey::NotRandom);
        }
        // It refuses nothing but another length.
        let aead = RandomizedNonceKey::new(&AES_256_GCM, &key).map_err(|_| BadKey::Hex)?;
        Ok(Self { id, aead })
    }

    /// Its id.
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// Seals in place and says under which nonce: drawn by the cipher itself, so that none can come twice by a mistake here.
    pub(super) fn seal(&self, place: &Place<'_>, in_out: &mut Vec<u8>) -> Result<[u8; NONCE_LEN], SealError> {
        let aad = Aad::from(place.bytes());
        let nonce = self.aead.seal_in_place_append_tag(aad, in_out).map_err(|_| SealError)?;
        Ok(*nonce.as_ref())
    }

    pub(super) fn open<'t>(
        &self,
        place: &Place<'_>,
        nonce: [u8; NONCE_LEN],
        in_out: &'t mut [u8],
    ) -> Result<&'t [u8], OpenError> {
        let aad = Aad::from(place.bytes());
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.aead.open_in_place(nonce, aad, in_out).map(|text| &*text).map_err(|_| OpenError::Forged)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({})", self.id)
    }
}
