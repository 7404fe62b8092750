//! The operator's own backends, as far as this service knows them: by a name, and by a secret that it has only a digest of.

use std::collections::BTreeSet;
use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use secrecy::{ExposeSecret, SecretString};

use super::provider_name::{BadProviderName, ProviderName};
use super::secret::{self, NoRandomness};

/// What every secret begins with, so that one that got out is known for what it is.
const PREFIX: &str = "eph_svc_";

/// The longest name, in bytes.
const MOST_BYTES: usize = 64;

/// A backend's name: 1 to 64 of a-z, 0-9, _ and -, a letter first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceName(String);

/// A text that can't be a backend's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a service's name is 1 to 64 of a-z, 0-9, _ and -, a letter first")]
pub struct BadServiceName;

impl ServiceName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for ServiceName {
    type Err = BadServiceName;

    fn from_str(text: &str) -> Result<Self, BadServiceName> {
        let fit = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
        let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
        let is_name = begins && text.len() <= MOST_BYTES && text.bytes().all(fit);
        if is_name { Ok(Self(text.to_owned())) } else { Err(BadServiceName) }
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a backend may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Read keys of users, in the clear.
    KeysRead,
    /// Mint for users.
    Mint,
}

/// A text that is no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a scope is keys:read or mint")]
pub struct BadScope;

impl Scope {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::KeysRead, Self::Mint];

    /// As operators write it, and as the table has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeysRead => "keys:read",
            Self::Mint => "mint",
        }
    }
}

impl std::str::FromStr for Scope {
    type Err = BadScope;

    fn from_str(text: &str) -> Result<Self, BadScope> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or(BadScope)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A backend and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Names it.
    pub name: ServiceName,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The providers whose keys it may read.
    pub providers: Vec<ProviderName>,
}

/// What can't be a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadService {
    /// Its name.
    #[error(transparent)]
    Name(#[from] BadServiceName),
    /// One of its scopes.
    #[error(transparent)]
    Scope(#[from] BadScope),
    /// It may do nothing.
    #[error("a service needs a scope at least: keys:read or mint")]
    NoScope,
    /// One of its providers.
    #[error(transparent)]
    Provider(#[from] BadProviderName),
    /// It may read keys, and of no provider.
    #[error("the scope keys:read needs the providers whose keys are to be read")]
    NoProvider,
}

impl BadService {
    /// The part of a request that it is about.
    pub const fn param(self) -> &'static str {
        match self {
            Self::Name(_) => "name",
            Self::Scope(_) | Self::NoScope => "scopes",
            Self::Provider(_) | Self::NoProvider => "providers",
        }
    }
}

impl Service {
    /// A backend as an operator describes it.
    pub fn parse(name: &str, scopes: &[String], providers: &[String]) -> Result<Self, BadService> {
        let name = name.parse()?;
        let scopes: BTreeSet<Scope> = scopes.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
        let providers: BTreeSet<ProviderName> =
            providers.iter().map(|text| ProviderName::parse(text)).collect::<Result<_, _>>()?;
        if scopes.is_empty() {
            return Err(BadService::NoScope);
        }
        if scopes.contains(&Scope::KeysRead) && providers.is_empty() {
            return Err(BadService::NoProvider);
        }
        Ok(Self { name, scopes: scopes.into_iter().collect(), providers: providers.into_iter().collect() })
    }
}

/// What a backend is known by: SHA-256 of its secret. A digest without a salt does for 256 random bits, and can be looked
/// up, so that no comparison takes a time that tells anything.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretDigest([u8; 32]);

impl SecretDigest {
    /// The digest of what was sent; none where it doesn't look like a backend's secret.
    pub fn of(sent: &str) -> Option<Self> {
        sent.starts_with(PREFIX).then(|| Self::unchecked(sent))
    }

    fn unchecked(secret: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
        Self(bytes)
    }

    /// The digest's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(…)")
    }
}

/// A secret that no backend has had before, and what it will be known by.
pub fn fresh_secret() -> Result<(SecretString, SecretDigest), NoRandomness> {
    let secret: SecretString = format!("{PREFIX}{}", secret::fresh()?.expose_secret()).into();
    let digest = SecretDigest::unchecked(secret.expose_secret());
    Ok((secret, digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_names() {
        for good in ["tutor", "tutor-app_2", &"x".repeat(64)] {
            assert_eq!(good.parse::<ServiceName>().map(|name| name.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "2nd", "Tutor", "a b", "a/b", "é", &"x".repeat(65)] {
            assert_eq!(bad.parse::<ServiceName>(), Err(BadServiceName), "{bad:?}");
        }
    }

    #[test]
    fn a_service_may_do_something() {
        let parse = |scopes: &[&str], providers: &[&str]| {
            let own = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
            Service::parse("tutor", &own(scopes), &own(providers))
        };
        let tutor = parse(&["mint", "keys:read", "mint"], &["openai", "exa", "openai"]).unwrap();
        assert_eq!(tutor.scopes, [Scope::KeysRead, Scope::Mint]);
        assert_eq!(tutor.providers.iter().map(ProviderName::as_str).collect::<Vec<_>>(), ["exa", "openai"]);
        assert!(parse(&["mint"], &[]).is_ok());
        for (scopes, providers, param) in [
            (&[][..], &["openai"][..], "scopes"),
            (&["keys:write"], &["openai"], "scopes"),
            (&["keys:read"], &[], "providers"),
            (&["keys:read"], &["OpenAI"], "providers"),
        ] {
            assert_eq!(parse(scopes, providers).map_err(BadService::param).err(), Some(param));
        }
    }

    #[test]
    fn a_secret_is_known_by_its_digest_alone() {
        let (secret, digest) = fresh_secret().unwrap();
        assert_eq!(secret.expose_secret().len(), PREFIX.len() + 64);
        assert_eq!(SecretDigest::of(secret.expose_secret()), Some(digest));
        assert_ne!(fresh_secret().unwrap().1, digest);
        assert_eq!(SecretDigest::of("operator-token-0123456789abcdef0123"), None);
    }
}
