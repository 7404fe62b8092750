//! Whose tokens are believed, and where in them something stands.

use std::time::Duration;

use chrono::TimeDelta;
use reqwest::Url;
use secrecy::SecretString;

use super::algorithm::Algorithm;
use super::claims::ClaimPath;

/// Everybody whose tokens are believed.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The issuers, at least one. Where there are several, each has a name of its own.
    pub issuers: Vec<Issuer>,
    /// A key set that could not be refreshed is used for so long.
    pub max_stale: Duration,
}

/// Somebody who signs tokens, and what their tokens have to say.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// The `iss` of its tokens. Without a name it has to be the only issuer, and takes whatever `iss` comes.
    pub name: Option<String>,
    /// What its signatures are checked with.
    pub keys: KeySource,
    /// The algorithms that it may sign with. Of no account under a shared secret, which is HS256 always.
    pub algorithms: Vec<Algorithm>,
    /// One of these has to be in `aud`; none: `aud` is not looked at.
    pub audiences: Vec<String>,
    /// One of these has to be the `azp`, or the `client_id` of a token without one; none: that is not looked at.
    pub authorized_parties: Vec<String>,
    /// The user's role or roles.
    pub role_claim: ClaimPath,
    /// The user's name.
    pub name_claim: ClaimPath,
    /// The user's language.
    pub language_claim: Option<ClaimPath>,
    /// How far its clock may be off ours.
    pub leeway: TimeDelta,
}

impl Issuer {
    /// Whether its signatures are checked with a secret that it shares with us.
    pub fn shares_a_secret(&self) -> bool {
        matches!(self.keys, KeySource::Secret(_))
    }
}

/// Where an issuer's keys come from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// A secret shared with the issuer, at least 32 bytes (HS256).
    Secret(SecretString),
    /// A key set at this address.
    KeySet(Url),
    /// A key set at the address that the issuer's own configuration names (OIDC discovery); this is the issuer's address.
    Discovery(Url),
}
