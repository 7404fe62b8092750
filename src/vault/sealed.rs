//! The form of what is stored: `version · length of the key's id · the id · nonce · ciphertext · tag`.

use aws_lc_rs::aead::NONCE_LEN;

use super::sealing_key::KeyId;

/// The form that this version writes, and the only one so far.
const VERSION: u8 = 1;

/// What the tag adds to a text, in bytes.
pub(super) const TAG_BYTES: usize = 16;

/// A sealed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// As it is stored.
    pub bytes: Vec<u8>,
    /// The key that sealed it. It is in the bytes as well; this one is for counting.
    pub key_id: KeyId,
}

impl Sealed {
    pub(super) fn new(key_id: KeyId, nonce: &[u8; NONCE_LEN], ciphertext: &[u8]) -> Self {
        let id = key_id.as_str().as_bytes();
        // An id has 32 bytes at most.
        let head = [VERSION, id.len() as u8];
        let bytes = [head.as_slice(), id, nonce, ciphertext].concat();
        Self { bytes, key_id }
    }
}

/// The parts of something sealed, as they were read: nothing in them is believed yet.
pub(super) struct Parts<'a> {
    pub(super) key_id: &'a [u8],
    pub(super) nonce: [u8; NONCE_LEN],
    /// With the tag at its end.
    pub(super) ciphertext: &'a [u8],
}

impl<'a> Parts<'a> {
    pub(super) fn read(sealed: &'a [u8]) -> Option<Self> {
        let (&[version, length], rest) = sealed.split_first_chunk()?;
        let (key_id, rest) = rest.split_at_checked(usize::from(length))?;
        let (nonce, ciphertext) = rest.split_first_chunk()?;
        (version == VERSION).then_some(Self { key_id, nonce: *nonce, ciphertext })
    }
}
