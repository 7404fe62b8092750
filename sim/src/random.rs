//! Names and secrets nobody can guess.

use aws_lc_rs::{error::Unspecified, rand};

/// Sixty-four characters that are safe in a URL, so that six random bits make one.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// `prefix` followed by `N` random characters, six bits each.
pub(crate) fn token<const N: usize>(prefix: &str) -> Result<String, Unspecified> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes)?;
    let mut token = prefix.to_owned();
    token
        .extend(bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 63))).map(|c| char::from(*c)));
    Ok(token)
}
