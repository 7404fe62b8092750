//! Whose tokens are believed: one issuer by the environment, any number by `[[issuers]]` of the policy file.

mod claims;
mod of_policy;
mod own;

pub(super) use claims::Claims;
pub(super) use of_policy::of_policy;
pub(super) use own::own;

use reqwest::Url;

use super::reader::Reader;
use crate::auth::Issuer;
use crate::net::is_protected;

const MISSING_SECRET: &str = "set it to the secret that your sign-in signs its tokens with, or set JWT_ISSUER where it publishes its keys (docs/identity.md); to try the service without one, run `ephemint demo`";

/// How far an issuer's clock may be off ours, in seconds, where nothing is said.
const LEEWAY_SECONDS: i64 = 30;

/// All issuers: at least one, and where there are several each by a name of its own.
pub(super) fn together(
    reader: &mut Reader<'_>,
    own: Option<Issuer>,
    others: Vec<Issuer>,
) -> Option<Vec<Issuer>> {
    if own.is_none() && others.is_empty() {
        return reader.wrong("JWT_SECRET", "not set, so no user could be verified", MISSING_SECRET);
    }
    if own.as_ref().is_some_and(|own| own.name.is_none()) && !others.is_empty() {
        let problem =
            "not set, but the policy file has [[issuers]]: whose tokens are signed with JWT_SECRET?";
        return reader.wrong("JWT_ISSUER", problem, "set it to the `iss` of those tokens");
    }
    let issuers: Vec<_> = own.into_iter().chain(others).collect();
    for (n, issuer) in issuers.iter().enumerate() {
        if issuers.iter().take(n).any(|other| other.name == issuer.name) {
            let name = issuer.name.clone().unwrap_or_default();
            let problem = format!("there are two issuers `{name}`");
            return reader.wrong("[[issuers]]", problem, "keep one: a token is verified in one way only");
        }
    }
    Some(issuers)
}

/// An address that keys may come from. Whoever can answer in its place can sign tokens, so it is https but on this machine.
fn key_address(written: &str) -> Result<Url, &'static str> {
    let url = Url::parse(written).map_err(|_| "not an address")?;
    if !is_protected(&url) {
        return Err("not https: whoever is on the way could sign tokens for anybody");
    }
    let bare = url.has_host() && url.username().is_empty() && url.password().is_none();
    if bare && url.fragment().is_none() { Ok(url) } else { Err("not a plain https address") }
}

/// What there has to be beside a key set, which an issuer may use for many applications.
const NO_AUDIENCE: &str =
    "names nobody that tokens have to be for, so those for other applications of the issuer would be taken";
