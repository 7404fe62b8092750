//! Why somebody is not let in.

use super::keys::KeysUnavailable;

/// A token that did not open the door.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The token is no good.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The token can't be checked.
    #[error(transparent)]
    Keys(#[from] KeysUnavailable),
}

/// Why a token is not believed. The texts are fit for callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Longer than any honest token.
    #[error("the token is longer than 8192 bytes")]
    TooLong,
    /// Not a JWT, or in a form that is not understood.
    #[error("the token is not a JWT that this service understands")]
    Malformed,
    /// Says something twice, so that two readers may read two things.
    #[error("the token says something twice")]
    Ambiguous,
    /// Signed by an algorithm that is not accepted.
    #[error("the token is not signed with an algorithm that is accepted for its issuer and key")]
    Algorithm,
    /// Names no key that the issuer publishes.
    #[error("the token is signed with a key that its issuer does not publish")]
    UnknownKey,
    /// Not signed by the issuer.
    #[error("the token's signature is not valid")]
    Signature,
    /// From another issuer.
    #[error("the token is from another issuer")]
    Issuer,
    /// For somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// Made for a client that may not have it.
    #[error("the token was made for another application")]
    AuthorizedParty,
    /// Without an expiry.
    #[error("the token has no usable `exp`")]
    NoExpiry,
    /// Too old.
    #[error("the token has expired; get a fresh one")]
    Expired,
    /// Too new.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// Does not name a user.
    #[error("the token has no usable `sub`: 1 to 255 bytes without control characters are needed")]
    Subject,
}
