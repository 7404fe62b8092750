//! `[[issuers]]` of the policy file: what its values mean.

use chrono::TimeDelta;

use super::claims::{PATH_MEND, USERS_OWN, USERS_OWN_MEND};
use super::{Claims, NO_AUDIENCE, key_address};
use crate::auth::{
    ALGORITHMS, Algorithm, ClaimPath, Issuer, KeySource, UNDER_A_SECRET, algorithm, asymmetric,
};
use crate::config::identity::SECRET_BYTES;
use crate::config::reader::Reader;
use crate::config::variables::VARIABLES;
use crate::policy::{IssuerEntry, Policy};

const URL_MEND: &str = "write the https address of the issuer's key set (http only on this machine)";
const ISSUER_MEND: &str = "write the `iss` of its tokens, an https address below which its configuration is; or add jwks_url or secret_env";
const ENV_MEND: &str = "write the name of an environment variable of your own that has the secret, such as \"PARTNER_JWT_SECRET\"";

/// Reads them all, from the policy that is in this file; none where one can't be used.
pub(in crate::config) fn of_policy(
    reader: &mut Reader<'_>,
    file: &str,
    policy: &Policy,
    claims: Option<&Claims>,
) -> Option<Vec<Issuer>> {
    // All are read before one that is wrong counts: every mistake is to be told.
    let mut issuers = Vec::new();
    for entry in policy.issuers() {
        issuers.push(Entry { reader: &mut *reader, file, entry }.read(claims));
    }
    issuers.into_iter().collect()
}

/// One of them, and where its mistakes go.
struct Entry<'r, 'e, 'p> {
    reader: &'r mut Reader<'e>,
    file: &'p str,
    entry: &'p IssuerEntry,
}

impl Entry<'_, '_, '_> {
    fn read(mut self, claims: Option<&Claims>) -> Option<Issuer> {
        let entry = self.entry;
        let keys = self.keys();
        let algorithms = self.algorithms();
        let audience = self.audience();
        let role_claim = self.claim("role_claim", entry.role_claim.as_deref());
        let name_claim = self.claim("name_claim", entry.name_claim.as_deref());
        let language_claim = self.claim("language_claim", entry.language_claim.as_deref());
        let role_claim = role_claim.and_then(|path| match path {
            Some(path) if path.is_users_own() => self.wrong("role_claim", USERS_OWN, USERS_OWN_MEND),
            path => Some(path),
        });
        let ((), claims) = (audience?, claims?);
        Some(Issuer {
            name: Some(entry.issuer.clone()),
            keys: keys?,
            algorithms: algorithms?,
            audiences: entry.audience.clone(),
            authorized_parties: entry.authorized_parties.clone(),
            role_claim: role_claim?.unwrap_or_else(|| claims.role.clone()),
            name_claim: name_claim?.unwrap_or_else(|| claims.name.clone()),
            language_claim: language_claim?.or_else(|| claims.language.clone()),
            leeway: TimeDelta::seconds(i64::from(entry.leeway_seconds)),
        })
    }

    fn keys(&mut self) -> Option<KeySource> {
        match (self.entry.jwks_url.as_deref(), self.entry.secret_env.as_deref()) {
            (Some(_), Some(_)) => {
                self.wrong("secret_env", "stands beside jwks_url", "keep one: an issuer has one kind of key")
            }
            (None, Some(name)) => self.secret(name),
            (Some(url), None) => match key_address(url) {
                Ok(url) => Some(KeySource::KeySet(url)),
                Err(problem) => self.wrong("jwks_url", problem, URL_MEND),
            },
            (None, None) => match key_address(&self.entry.issuer) {
                Ok(url) => Some(KeySource::Discovery(url)),
                Err(problem) => self.wrong("issuer", problem, ISSUER_MEND),
            },
        }
    }

    fn secret(&mut self, name: &str) -> Option<KeySource> {
        let fit = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
        if name.is_empty() || !name.bytes().all(fit) {
            // Perhaps it is the secret itself, so it is not repeated.
            return self.wrong("secret_env", "is not the name of an environment variable", ENV_MEND);
        }
        if VARIABLES.iter().any(|(known, _)| *known == name) {
            return self.wrong("secret_env", format!("{name} is a setting of the service's own"), ENV_MEND);
        }
        match self.reader.secret(name, SECRET_BYTES)? {
            Some(secret) => Some(KeySource::Secret(secret)),
            None => {
                self.wrong("secret_env", format!("{name} is not set"), format!("set {name}, or {name}_FILE"))
            }
        }
    }

    fn algorithms(&mut self) -> Option<Vec<Algorithm>> {
        let Some(names) = &self.entry.algorithms else { return Some(asymmetric()) };
        let known = || ALGORITHMS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        if self.entry.secret_env.is_some() {
            let only_hs256 = names.iter().all(|name| name == UNDER_A_SECRET) && !names.is_empty();
            let mend = "write [\"HS256\"], or leave it out";
            return if only_hs256 {
                Some(Vec::new())
            } else {
                self.wrong("algorithms", "a shared secret is for HS256 only", mend)
            };
        }
        if names.is_empty() {
            return self.wrong(
                "algorithms",
                "is empty",
                format!("name some of {}, or leave it out", known()),
            );
        }
        let read = |name: &String| algorithm(name).ok_or_else(|| name.clone());
        match names.iter().map(read).collect() {
            Ok(algorithms) => Some(algorithms),
            Err(name) => {
                let problem = format!("{name:?} is no algorithm for a key set");
                self.wrong("algorithms", problem, format!("use {}", known()))
            }
        }
    }

    fn audience(&mut self) -> Option<()> {
        let named = !self.entry.audience.is_empty() || !self.entry.authorized_parties.is_empty();
        if named || self.entry.secret_env.is_some() {
            return Some(());
        }
        let mend = "add audience = \"…\", the `aud` of its tokens; where they have none, authorized_parties = [\"…\"], their `azp`";
        self.wrong("audience", NO_AUDIENCE, mend)
    }

    fn claim(&mut self, key: &str, written: Option<&str>) -> Option<Option<ClaimPath>> {
        match written.map(str::parse).transpose() {
            Ok(path) => Some(path),
            Err(error) => self.wrong(key, format!("{:?}: {error}", written.unwrap_or_default()), PATH_MEND),
        }
    }

    fn wrong<T>(&mut self, key: &str, problem: impl Into<String>, mend: impl Into<String>) -> Option<T> {
        let at = format!("{}: {}.{key}", self.file, self.entry.at);
        self.reader.wrong(&at, problem, mend)
    }
}
