//! Opens what older systems sealed: `iv:tag:ciphertext`, each in base64 (or hexadecimal digits), by AES-256-GCM under a key of
//! 64 hexadecimal digits. Nothing is bound to its place there. Nothing is ever sealed in this form again.

mod gcm;

use std::fmt;

use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, Engine};
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use self::gcm::{Gcm, TAG_BYTES};
use crate::kernel::hex::unhex;

const KEY_BYTES: usize = 32;

/// The length of nonce that the standard recommends, and the one that many took from the block's size.
const NONCE_BYTES: [usize; 2] = [12, 16];

const PADDED_OR_NOT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: [GeneralPurpose; 2] =
    [GeneralPurpose::new(&STANDARD, PADDED_OR_NOT), GeneralPurpose::new(&URL_SAFE, PADDED_OR_NOT)];

/// The key of an older system.
pub struct OlderKey(Gcm);

/// A text that is no key of an older system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the older system's key is not 64 hexadecimal digits")]
pub struct BadOlderKey;

/// Why something that an older system sealed does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OlderError {
    /// It does not read as `iv:tag:ciphertext`.
    #[error("it is not iv:tag:ciphertext in base64")]
    Form,
    /// It was changed, or sealed under another key.
    #[error("the older system's key does not open it")]
    Forged,
    /// What is in it is no text.
    #[error("what it holds is not text")]
    NoText,
}

impl OlderKey {
    /// A key written as 64 hexadecimal digits.
    pub fn parse(hex: &str) -> Result<Self, BadOlderKey> {
        let bytes = Zeroizing::new(unhex(hex).ok_or(BadOlderKey)?);
        let key: Zeroizing<[u8; KEY_BYTES]> =
            Zeroizing::new(bytes.as_slice().try_into().map_err(|_| BadOlderKey)?);
        Gcm::new(&key).map(Self).map_err(|_| BadOlderKey)
    }

    /// Opens what was sealed under this key.
    pub fn open(&self, sealed: &str) -> Result<SecretString, OlderError> {
        let Sealed { nonce, tag, mut ciphertext } = Sealed::read(sealed).ok_or(OlderError::Form)?;
        let text = self.0.open(&nonce, &tag, &mut ciphertext).map_err(|_| OlderError::Forged)?;
        std::str::from_utf8(text).map(SecretString::from).map_err(|_| OlderError::NoText)
    }
}

impl fmt::Debug for OlderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OlderKey(…)")
    }
}

/// Whether a text has the form of something that an older system sealed.
pub fn looks_sealed(text: &str) -> bool {
    Sealed::read(text).is_some()
}

struct Sealed {
    nonce: Vec<u8>,
    tag: [u8; TAG_BYTES],
    ciphertext: Zeroizing<Vec<u8>>,
}

impl Sealed {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let (nonce, tag, ciphertext) = (parts.next()?, parts.next()?, parts.next()?);
        // Digits of a tag are half as long again as its base64, so that one is not taken for the other.
        let decode: fn(&str) -> Option<Vec<u8>> =
            if tag.len() == 2 * TAG_BYTES { unhex } else { from_base64 };
        let (nonce, tag, ciphertext) = (decode(nonce)?, decode(tag)?, decode(ciphertext)?);
        let fit = parts.next().is_none() && NONCE_BYTES.contains(&nonce.len()) && !ciphertext.is_empty();
        let tag = tag.try_into().ok()?;
        fit.then(|| Self { nonce, tag, ciphertext: Zeroizing::new(ciphertext) })
    }
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    BASE64.iter().find_map(|engine| engine.decode(text).ok())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    const KEY: &str = "5f2c8f0b6d1e4a7390c4b1d8e6f7a2953b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e";

    /// Made by node's `crypto`, as the older systems did it; the last by Python's `cryptography`.
    const SEALED: [(&str, &str); 4] = [
        (
            "12 bytes of iv",
            "SVRVKEyA8BswjJxU:LOUQKa03G+PDmkDegstKqA==:iMEb3BV0FKhUEDV/E654daTPWqkmRsIjUqf10q7asENb",
        ),
        (
            "16 bytes of iv",
            "tcm43yvPpEJypEPjQUw3SQ==:re+lcAwOUizPKvO2c85gag==:Y+V9lBtJWU0M9OYk3vFIi1sz/Zjkz+BsoG46yi53+mhY",
        ),
        (
            "hexadecimal digits",
            "80b0a2fee3ac0092401a019ec81be5cd:5c64137f3346b19a3f8bb58711f5590f:1e036ba49e31e9faed1c6db0d4ec649bb73bb1b5d0bf4dbe77c42cb5da6f90c8a2",
        ),
        (
            "from Python, base64 without padding",
            "QqGIv5ppjlTdhvPtj3gtoA:NoEyckiGhjT-SwzDDjeeJw:eVXKzQq-MCrK2qHhMIuTibt0eEua2TZvxLt0rssXSY2U",
        ),
    ];

    #[test]
    fn what_older_systems_sealed_opens() {
        let key = OlderKey::parse(KEY).unwrap();
        for (what, sealed) in SEALED {
            assert!(looks_sealed(sealed), "{what}");
            assert_eq!(
                key.open(sealed).unwrap().expose_secret(),
                "sk-proj-older-0123456789-ABCDEFGH",
                "{what}"
            );
        }
    }

    #[test]
    fn nothing_that_was_changed_opens() {
        let (key, other) = (OlderKey::parse(KEY).unwrap(), OlderKey::parse(&KEY.replace('5', "6")).unwrap());
        for (what, sealed) in SEALED {
            assert_eq!(other.open(sealed).err(), Some(OlderError::Forged), "{what}");
            let mut tried = 0;
            for (at, c) in sealed.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()) {
                let changed =
                    format!("{}{}{}", &sealed[..at], if c == '0' { '1' } else { '0' }, &sealed[at + 1..]);
                // Other spare bits at the end of a part don't read at all.
                assert!(key.open(&changed).is_err(), "{what}: {changed}");
                tried += 1;
            }
            assert!(tried > 70, "{what}");
        }
    }

    #[test]
    fn what_has_another_form_is_told_apart() {
        let key = OlderKey::parse(KEY).unwrap();
        let tag = "AAAAAAAAAAAAAAAAAAAAAA==";
        for text in [
            "",
            "sk-proj-plain",
            "a:b",
            "a:b:c",
            &format!("AAAAAAAAAAAAAAAA:{tag}:"),
            &format!("AAAAAAAAAAAAAAAA:{tag}:AAAA:AAAA"),
            &format!("AAAA:{tag}:AAAA"),
            "AAAAAAAAAAAAAAAA:AAAA:AAAA",
        ] {
            assert!(!looks_sealed(text), "{text}");
            assert_eq!(key.open(text).err(), Some(OlderError::Form), "{text}");
        }
        for bad in ["", "5f2c", &"z".repeat(64), &"0".repeat(66)] {
            assert!(OlderKey::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(format!("{key:?}"), "OlderKey(…)");
    }
}
