//! AES-256-GCM with a nonce of any length, to open with.
//!
//! The library knows nonces of 12 bytes only; older systems often took 16. From its block cipher the rest follows as in NIST
//! SP 800-38D, section 7.2. Slow, for the few keys that are imported once; what it takes depends on no secret but through
//! the bits of GHASH's key, on the operator's own machine.

use aws_lc_rs::cipher::{AES_256, EncryptingKey, UnboundCipherKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::error::Unspecified;

pub(super) const TAG_BYTES: usize = 16;

const BLOCK: usize = 16;

type Block = [u8; BLOCK];

/// x^128 + x^7 + x^2 + x + 1, with the bits of each byte mirrored as GCM has them.
const POLYNOMIAL: u128 = 0xe1 << 120;

pub(super) struct Gcm {
    cipher: EncryptingKey,
    /// GHASH's key: a block of zeros, enciphered.
    hash_key: u128,
}

impl Gcm {
    pub(super) fn new(key: &[u8; 32]) -> Result<Self, Unspecified> {
        let cipher = EncryptingKey::ecb(UnboundCipherKey::new(&AES_256, key)?)?;
        let mut gcm = Self { cipher, hash_key: 0 };
        gcm.hash_key = u128::from_be_bytes(gcm.encipher(0)?);
        Ok(gcm)
    }

    /// Opens in place; nothing is deciphered before the tag has been checked.
    pub(super) fn open<'t>(
        &self,
        nonce: &[u8],
        tag: &[u8; TAG_BYTES],
        in_out: &'t mut [u8],
    ) -> Result<&'t [u8], Unspecified> {
        let first = match <[u8; 12]>::try_from(nonce) {
            Ok(nonce) => nonce.iter().fold(0, |all, byte| all << 8 | u128::from(*byte)) << 32 | 1,
            Err(_) => self.hash(nonce, bits(nonce)),
        };
        // Nothing is authenticated beside the ciphertext, so the upper half of the lengths is zero.
        let sum = self.hash(in_out, bits(in_out)) ^ u128::from_be_bytes(self.encipher(first)?);
        verify_slices_are_equal(&sum.to_be_bytes(), tag)?;
        let mut counter = first;
        for block in in_out.chunks_mut(BLOCK) {
            counter = next(counter);
            for (byte, key) in block.iter_mut().zip(self.encipher(counter)?) {
                *byte ^= key;
            }
        }
        Ok(in_out)
    }

    /// GHASH of the bytes, filled up with zeros to whole blocks, and of a last block.
    fn hash(&self, bytes: &[u8], last: u128) -> u128 {
        let blocks = bytes.chunks(BLOCK).map(|chunk| {
            let mut block = Block::default();
            block.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
            u128::from_be_bytes(block)
        });
        blocks.chain([last]).fold(0, |sum, block| multiply(sum ^ block, self.hash_key))
    }

    fn encipher(&self, block: u128) -> Result<Block, Unspecified> {
        let mut block = block.to_be_bytes();
        self.cipher.encrypt(&mut block)?;
        Ok(block)
    }
}

fn bits(bytes: &[u8]) -> u128 {
    bytes.len() as u128 * 8
}

/// The counter is the last 32 bits, and wraps within them.
fn next(counter: u128) -> u128 {
    const LOW: u128 = u32::MAX as u128;
    counter & !LOW | counter.wrapping_add(1) & LOW
}

/// The product in GCM's field of 2^128 elements.
fn multiply(a: u128, b: u128) -> u128 {
    let (mut product, mut term) = (0, b);
    for bit in (0..128).rev() {
        if a >> bit & 1 == 1 {
            product ^= term;
        }
        term = if term & 1 == 1 { term >> 1 ^ POLYNOMIAL } else { term >> 1 };
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::hex::unhex;

    /// Test cases 14 and 15 of the specification that was given to NIST. Nonces of 16 bytes are tested where they are read.
    #[test]
    fn the_published_cases_hold() {
        let zeros = Gcm::new(&[0; 32]).unwrap();
        let mut text = unhex("cea7403d4d606b6e074ec5d3baf39d18").unwrap();
        let tag = unhex("d0d1c8a799996bf0265b98b5d48ab919").unwrap().try_into().unwrap();
        assert_eq!(zeros.open(&[0; 12], &tag, &mut text).unwrap(), [0; 16]);

        let key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
        let gcm = Gcm::new(&unhex(key).unwrap().try_into().unwrap()).unwrap();
        let mut text = unhex(
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
             8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
        )
        .unwrap();
        let tag = unhex("b094dac5d93471bdec1a502270e3cc6c").unwrap().try_into().unwrap();
        let plain = unhex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
             1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
        );
        let nonce = unhex("cafebabefacedbaddecaf888").unwrap();
        assert_eq!(gcm.open(&nonce, &tag, &mut text).unwrap(), plain.unwrap());
    }

    #[test]
    fn the_counter_wraps_within_its_32_bits() {
        assert_eq!(next(7 << 32 | 0xffff_ffff), 7 << 32);
        assert_eq!(next(7 << 32 | 5), 7 << 32 | 6);
    }
}
