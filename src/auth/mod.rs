//! Floor 2: who somebody is, by a token that an issuer we trust has signed.
//!
//! A token is taken apart (`token`), goes by its `iss` to exactly one issuer (`verifier`), is verified under a key of that
//! issuer and no other (`keys`), and only then are its claims looked at (`issuer`). A token that comes again is known by
//! its digest (`verified`).

mod algorithm;
mod claims;
mod error;
mod issuer;
mod keys;
mod naming;
mod settings;
mod sign;
mod token;
mod unique;
mod verified;
mod verifier;

pub use algorithm::{ALGORITHMS, Algorithm, UNDER_A_SECRET, algorithm, asymmetric};
pub use claims::{BadClaimPath, ClaimPath};
pub use error::{AuthError, TokenError};
pub use issuer::Identity;
pub use keys::{KeySetState, Keys, KeysUnavailable, LookError, look as look_at_keys};
pub use naming::NoSuchUser;
pub use settings::{Issuer, KeySource, Settings};
pub use sign::sign;
pub use verifier::Verifier;
