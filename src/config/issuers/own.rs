//! The issuer that the environment names.

use chrono::TimeDelta;

use super::{Claims, LEEWAY_SECONDS, NO_AUDIENCE, key_address};
use crate::auth::{Issuer, KeySource, asymmetric};
use crate::config::identity::SECRET_BYTES;
use crate::config::reader::Reader;

const URL_MEND: &str = "write the https address of your sign-in's key set (http only on this machine)";
const ISSUER_MEND: &str = "write the `iss` of your sign-in's tokens, an https address below which its configuration is; or set JWT_JWKS_URL";

/// Reads it; `Some(None)` where there is none. Whether claims were readable or not, everything else is looked at.
pub(in crate::config) fn own(reader: &mut Reader<'_>, claims: Option<&Claims>) -> Option<Option<Issuer>> {
    let keys = keys(reader)?;
    let texts = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let audiences = texts(reader.list("JWT_AUDIENCE"));
    let authorized_parties = texts(reader.list("JWT_AUTHORIZED_PARTIES"));
    let open = audiences.is_empty() && authorized_parties.is_empty();
    let Some(keys) = keys else {
        if open {
            return Some(None);
        }
        let name = if audiences.is_empty() { "JWT_AUTHORIZED_PARTIES" } else { "JWT_AUDIENCE" };
        let mend = "set JWT_SECRET or JWT_ISSUER too; where the policy file has [[issuers]], say it there for each of them";
        return reader.wrong(name, "set, but no issuer is named in the environment", mend);
    };
    if open && !matches!(keys, KeySource::Secret(_)) {
        let mend = "set it to the `aud` of your tokens; where they have none, set JWT_AUTHORIZED_PARTIES to their `azp`";
        return reader.wrong("JWT_AUDIENCE", NO_AUDIENCE, mend);
    }
    let claims = claims?;
    Some(Some(Issuer {
        name: reader.text("JWT_ISSUER").map(str::to_owned),
        keys,
        algorithms: asymmetric(),
        audiences,
        authorized_parties,
        role_claim: claims.role.clone(),
        name_claim: claims.name.clone(),
        language_claim: claims.language.clone(),
        leeway: TimeDelta::seconds(LEEWAY_SECONDS),
    }))
}

/// A secret, else the address of a key set, else discovery.
fn keys(reader: &mut Reader<'_>) -> Option<Option<KeySource>> {
    let secret = reader.secret("JWT_SECRET", SECRET_BYTES)?;
    let (url, issuer) = (reader.text("JWT_JWKS_URL"), reader.text("JWT_ISSUER"));
    match (secret, url, issuer) {
        (Some(_), Some(_), _) => {
            let mend = "keep one; tokens of a second issuer go under [[issuers]] in the policy file";
            reader.wrong("JWT_JWKS_URL", "JWT_SECRET and JWT_JWKS_URL are both set", mend)
        }
        (Some(secret), None, _) => Some(Some(KeySource::Secret(secret))),
        (None, Some(_), None) => {
            let problem = "not set, but JWT_JWKS_URL is: a key set may be that of several issuers";
            reader.wrong("JWT_ISSUER", problem, "set it to the `iss` of your sign-in's tokens, to the letter")
        }
        (None, Some(url), Some(_)) => match key_address(url) {
            Ok(url) => Some(Some(KeySource::KeySet(url))),
            Err(problem) => reader.wrong("JWT_JWKS_URL", problem, URL_MEND),
        },
        (None, None, Some(issuer)) => match key_address(issuer) {
            Ok(url) => Some(Some(KeySource::Discovery(url))),
            Err(problem) => reader.wrong("JWT_ISSUER", problem, ISSUER_MEND),
        },
        (None, None, None) => Some(None),
    }
}
