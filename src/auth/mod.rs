//! Floor 2: who somebody is, by a token that somebody we trust has signed.

mod claims;
mod token;

pub use claims::{BadClaimPath, ClaimPath};
pub use token::{Identity, Settings, TokenError, Verifier, sign};
