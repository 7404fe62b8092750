//! Tokens of users, and who is an operator.

use secrecy::{ExposeSecret, SecretString};

use super::reader::Reader;
use crate::auth::{self, ClaimPath};
use crate::policy::{Mistake, Policy};

/// HS256 needs a key as long as its digest.
const SECRET_BYTES: usize = 32;

/// Who is who.
#[derive(Debug, Clone)]
pub struct Identity {
    /// `JWT_…`
    pub tokens: auth::Settings,
    /// `ADMIN_TOKEN`
    pub admin_token: Option<SecretString>,
    /// `ADMIN_ROLES`
    pub admin_roles: Vec<String>,
}

impl Identity {
    pub(super) fn read(reader: &mut Reader<'_>, policy: Option<&Policy>) -> Option<Self> {
        let tokens = Self::tokens(reader);
        let admin_token = admin_token(reader);
        let admin_roles = admin_roles(reader, policy);
        Some(Self { tokens: tokens?, admin_token: admin_token?, admin_roles: admin_roles? })
    }

    /// Reads how tokens of users are verified.
    pub fn tokens(reader: &mut Reader<'_>) -> Option<auth::Settings> {
        let secret = reader.secret("JWT_SECRET", SECRET_BYTES);
        let role_claim = claim(reader, "JWT_ROLE_CLAIM");
        let name_claim = claim(reader, "JWT_NAME_CLAIM");
        let language_claim = claim(reader, "JWT_LANGUAGE_CLAIM");
        let secret = match secret? {
            Some(secret) => secret,
            None => {
                return reader.wrong("JWT_SECRET", "not set, so no user could be verified", MISSING_SECRET);
            }
        };
        Some(auth::Settings {
            secret,
            issuer: reader.text("JWT_ISSUER").map(str::to_owned),
            audience: reader.text("JWT_AUDIENCE").map(str::to_owned),
            role_claim: role_claim?.or_else(|| "app_metadata.role".parse().ok())?,
            name_claim: name_claim?.or_else(|| "user_metadata.full_name".parse().ok())?,
            language_claim: language_claim?,
        })
    }
}

const MISSING_SECRET: &str = "set it to the secret that your sign-in signs its tokens with; to try the service without one, run `ephemint demo`";

fn claim(reader: &mut Reader<'_>, name: &str) -> Option<Option<ClaimPath>> {
    reader.parsed(
        name,
        "write names with dots between them (app_metadata.role), or a JSON Pointer (/app_metadata/role)",
    )
}

fn admin_roles(reader: &mut Reader<'_>, policy: Option<&Policy>) -> Option<Vec<String>> {
    let names = reader.list("ADMIN_ROLES");
    if let Some(mistake) = check_admin_roles(names.iter().copied(), policy) {
        reader.add([mistake]);
        return None;
    }
    Some(names.into_iter().map(str::to_owned).collect())
}

/// The first of these roles whose users can't be operators under this policy.
pub(super) fn check_admin_roles<'a>(
    names: impl Iterator<Item = &'a str>,
    policy: Option<&Policy>,
) -> Option<Mistake> {
    for name in names {
        let role = policy.and_then(|policy| policy.find(name));
        let problem = match role {
            None if policy.is_some() => format!("the policy has no role `{name}`"),
            Some(role) if role.self_assignable() => {
                format!("everybody can take the role `{name}`: it is self-assignable")
            }
            _ => continue,
        };
        return Some(Mistake {
            at: "ADMIN_ROLES".to_owned(),
            problem,
            mend: "name roles of the policy that are not self-assignable".to_owned(),
        });
    }
    None
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
