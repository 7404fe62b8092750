//! Whose tokens are believed, and who is an operator.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::issuers::{self, Claims};
use super::reader::Reader;
use crate::auth::{self, KeySource};
use crate::policy::Policy;

/// HS256 needs a key as long as its digest.
pub(super) const SECRET_BYTES: usize = 32;

/// Who is who.
#[derive(Debug, Clone)]
pub struct Identity {
    /// `JWT_…`, and `[[issuers]]` of the policy file.
    pub tokens: auth::Settings,
    /// `JWT_SECRET`, where there is one.
    pub shared_secret: Option<SecretString>,
    /// `ADMIN_TOKEN`
    pub admin_token: Option<SecretString>,
    /// `ADMIN_ROLES`
    pub admin_roles: Vec<String>,
}

impl Identity {
    pub(super) fn read(reader: &mut Reader<'_>, policy: Option<&Policy>) -> Option<Self> {
        let tokens = tokens(reader, policy);
        let admin_token = admin_token(reader);
        let admin_roles = admin_roles(reader, policy);
        let (shared_secret, tokens) = tokens?;
        Some(Self { tokens, shared_secret, admin_token: admin_token?, admin_roles: admin_roles? })
    }

    /// The issuers of a policy that is in this file.
    pub fn of_policy(reader: &mut Reader<'_>, file: &str, policy: &Policy) -> Option<Vec<auth::Issuer>> {
        let claims = Claims::read(reader);
        issuers::of_policy(reader, file, policy, claims.as_ref())
    }

    /// The issuer that tokens for development are signed as, with its secret: the one with `JWT_SECRET`.
    pub fn of_development(reader: &mut Reader<'_>) -> Option<(auth::Issuer, SecretString)> {
        let claims = Claims::read(reader)?;
        let own = issuers::own(reader, Some(&claims))?;
        match own.map(|issuer| (issuer.keys.clone(), issuer)) {
            Some((KeySource::Secret(secret), issuer)) => Some((issuer, secret)),
            _ => {
                let mend = "set it; where your sign-in signs with keys of its own, only it can make tokens";
                reader.wrong("JWT_SECRET", "not set, so no token can be signed", mend)
            }
        }
    }
}

/// `JWT_SECRET` and all issuers.
fn tokens(
    reader: &mut Reader<'_>,
    policy: Option<&Policy>,
) -> Option<(Option<SecretString>, auth::Settings)> {
    let claims = Claims::read(reader);
    let max_stale = reader.number("JWKS_MAX_STALE_SECONDS", 300..=604_800, 86_400);
    let own = issuers::own(reader, claims.as_ref());
    let file = reader.text("POLICY_FILE").unwrap_or("policy.toml");
    let others = policy.map(|policy| issuers::of_policy(reader, file, policy, claims.as_ref()));
    let (own, others) = (own?, others??);
    let shared_secret = own.as_ref().and_then(|issuer| match &issuer.keys {
        KeySource::Secret(secret) => Some(secret.clone()),
        _ => None,
    });
    let issuers = issuers::together(reader, own, others)?;
    Some((shared_secret, auth::Settings { issuers, max_stale: Duration::from_secs(max_stale?) }))
}

fn admin_roles(reader: &mut Reader<'_>, policy: Option<&Policy>) -> Option<Vec<String>> {
    let names = reader.list("ADMIN_ROLES");
    for name in &names {
        let role = policy.and_then(|policy| policy.find(name));
        let problem = match role {
            None if policy.is_some() => format!("the policy has no role `{name}`"),
            Some(role) if role.self_assignable() => {
                format!("everybody can take the role `{name}`: it is self-assignable")
            }
            _ => continue,
        };
        return reader.wrong("ADMIN_ROLES", problem, "name roles of the policy that are not self-assignable");
    }
    Some(names.into_iter().map(str::to_owned).collect())
}

/// A token of an operator must never be one of a user, so it can't be a JWT.
fn admin_token(reader: &mut Reader<'_>) -> Option<Option<SecretString>> {
    let token = reader.secret("ADMIN_TOKEN", SECRET_BYTES)?;
    let is_jwt = |token: &SecretString| {
        let text = token.expose_secret();
        text.starts_with("eyJ") && text.matches('.').count() == 2
    };
    if token.as_ref().is_some_and(is_jwt) {
        return reader.wrong("ADMIN_TOKEN", "it is a JWT, as users have them", super::secrets::MEND);
    }
    Some(token)
}
