//! A JWT, taken apart. Nothing in it is believed yet.

use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, crypto, decode_header};
use serde_json::Value;

use super::error::TokenError;
use super::unique::{Unique, is_duplicate};

/// The longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 8192;

/// The longest name of a key that is looked for.
const MAX_KEY_ID_BYTES: usize = 255;

/// A token whose signature nobody has checked.
pub(super) struct Token<'t> {
    /// The algorithm that it says it is signed with.
    pub(super) algorithm: Algorithm,
    /// The key that it says it is signed with.
    pub(super) key_id: Option<String>,
    /// What it says.
    claims: Value,
    message: &'t str,
    signature: &'t str,
}

impl<'t> Token<'t> {
    /// Takes a token apart: three parts, a header that is understood, claims of which none is there twice.
    ///
    /// Keys and addresses of keys in the header (`jwk`, `jku`, `x5c`, `x5u`) are not even looked at: a token does not say
    /// by whom it wants to be judged.
    pub(super) fn parse(text: &'t str) -> Result<Self, TokenError> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let (message, signature) = text.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let header = decode_header(text).map_err(|error| refused(&error))?;
        // `crit` names extensions that must be understood, and none are.
        if header.crit.is_some() || header.kid.as_ref().is_some_and(|kid| kid.len() > MAX_KEY_ID_BYTES) {
            return Err(TokenError::Malformed);
        }
        let Unique(claims) = insecure_decode_claims(text).map_err(|error| refused(&error))?;
        if !claims.is_object() {
            return Err(TokenError::Malformed);
        }
        Ok(Self { algorithm: header.alg, key_id: header.kid, claims, message, signature })
    }

    /// The issuer that it says it is from; none where it doesn't say.
    pub(super) fn issuer(&self) -> Result<Option<&str>, TokenError> {
        match self.claims.get("iss") {
            None => Ok(None),
            Some(issuer) => issuer.as_str().map(Some).ok_or(TokenError::Issuer),
        }
    }

    /// What it says, once it is known to be signed with this key under this algorithm.
    pub(super) fn verified(&self, key: &DecodingKey, algorithm: Algorithm) -> Result<&Value, TokenError> {
        if self.algorithm != algorithm {
            return Err(TokenError::Algorithm);
        }
        match crypto::verify(self.signature, self.message.as_bytes(), key, algorithm) {
            Ok(true) => Ok(&self.claims),
            _ => Err(TokenError::Signature),
        }
    }
}

fn refused(error: &Error) -> TokenError {
    match error.kind() {
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => TokenError::Algorithm,
        ErrorKind::Json(error) if is_duplicate(error) => TokenError::Ambiguous,
        _ => TokenError::Malformed,
    }
}
