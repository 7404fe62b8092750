//! What the claims of a verified token have to say, and who they say that somebody is.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::error::TokenError;
use super::settings::Issuer;
use crate::kernel::user::User;

/// Who a verified token says that somebody is.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The user.
    pub user: Arc<User>,
    /// The roles that the token claims, in its order. Not rights yet: the policy decides.
    pub roles: Vec<String>,
    /// The name that the token claims. Untrusted text.
    pub name: Option<String>,
    /// The language that the token claims. Untrusted text.
    pub language: Option<String>,
}

/// When a token holds, in seconds since 1970. Leeway for clocks that differ is in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lifetime {
    begins: Option<f64>,
    expires: f64,
}

impl Lifetime {
    /// Refuses a token that does not hold now.
    pub(super) fn check(&self, now: DateTime<Utc>) -> Result<(), TokenError> {
        let now = now.timestamp_micros() as f64 / 1e6;
        if self.expires <= now {
            return Err(TokenError::Expired);
        }
        match self.begins {
            Some(begins) if begins > now => Err(TokenError::NotYetValid),
            _ => Ok(()),
        }
    }
}

impl Issuer {
    /// Checks the claims of a token that this issuer has signed, and says for how long they hold.
    pub(super) fn check(&self, claims: &Value, now: DateTime<Utc>) -> Result<Lifetime, TokenError> {
        let lifetime = self.lifetime(claims)?;
        lifetime.check(now)?;
        self.check_audience(claims)?;
        self.check_authorized_party(claims)?;
        Ok(lifetime)
    }

    fn lifetime(&self, claims: &Value) -> Result<Lifetime, TokenError> {
        let leeway = self.leeway.num_seconds() as f64;
        let expires = claims.get("exp").and_then(Value::as_f64).ok_or(TokenError::NoExpiry)? + leeway;
        let begins = match claims.get("nbf") {
            None => None,
            Some(begins) => Some(begins.as_f64().ok_or(TokenError::NotYetValid)? - leeway),
        };
        Ok(Lifetime { begins, expires })
    }

    fn check_audience(&self, claims: &Value) -> Result<(), TokenError> {
        let wanted = |audience: &Value| self.audiences.iter().any(|own| audience == own.as_str());
        let meant = match claims.get("aud") {
            _ if self.audiences.is_empty() => true,
            Some(Value::Array(several)) => several.iter().any(wanted),
            Some(one) => wanted(one),
            None => false,
        };
        if meant { Ok(()) } else { Err(TokenError::Audience) }
    }

    /// A token without `azp` may name its client as RFC 9068 has it.
    fn check_authorized_party(&self, claims: &Value) -> Result<(), TokenError> {
        let party = claims.get("azp").or_else(|| claims.get("client_id"));
        let known = |party: &Value| self.authorized_parties.iter().any(|own| party == own.as_str());
        if self.authorized_parties.is_empty() || party.is_some_and(known) {
            return Ok(());
        }
        Err(TokenError::AuthorizedParty)
    }

    /// Who the claims say that somebody is. Where there are several issuers, users go by the names of both.
    pub(super) fn identity(&self, claims: &Value, several: bool) -> Result<Identity, TokenError> {
        let issuer = claims.get("iss").and_then(Value::as_str).unwrap_or_default();
        let subject = claims.get("sub").and_then(Value::as_str).ok_or(TokenError::Subject)?;
        let user = if several { User::qualified(issuer, subject) } else { User::new(issuer, subject) };
        Ok(Identity {
            user: Arc::new(user.map_err(|_| TokenError::Subject)?),
            roles: self.role_claim.texts(claims),
            name: self.name_claim.text(claims),
            language: self.language_claim.as_ref().and_then(|claim| claim.text(claims)),
        })
    }
}
