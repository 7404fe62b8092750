//! JWTs under a shared secret (HS256).

use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::claims::ClaimPath;
use crate::kernel::clock::Clock;
use crate::kernel::user::User;

/// The longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 8192;

/// How far the issuer's clock may be off ours, in seconds.
const LEEWAY_SECONDS: f64 = 30.0;

/// What tokens are checked against, and where in them something stands.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The secret shared with the issuer, at least 32 bytes.
    pub secret: SecretString,
    /// `iss` has to be this, where it is given.
    pub issuer: Option<String>,
    /// `aud` has to have this in it, where it is given.
    pub audience: Option<String>,
    /// The user's role or roles.
    pub role_claim: ClaimPath,
    /// The user's name.
    pub name_claim: ClaimPath,
    /// The user's language.
    pub language_claim: Option<ClaimPath>,
}

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

/// Why a token is not believed. The texts are fit for callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Longer than any honest token.
    #[error("the token is longer than 8192 bytes")]
    TooLong,
    /// Not a JWT, or in a form that is not understood.
    #[error("the token is not a JWT that this service understands")]
    Malformed,
    /// Signed by an algorithm that is not accepted.
    #[error("the token is not signed with HS256")]
    Algorithm,
    /// Not signed by the issuer.
    #[error("the token's signature is not valid")]
    Signature,
    /// From another issuer.
    #[error("the token is from another issuer")]
    Issuer,
    /// For somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// Without an expiry.
    #[error("the token has no usable `exp`")]
    NoExpiry,
    /// Too old.
    #[error("the token has expired; get a fresh one")]
    Expired,
    /// Too new.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// Does not name a user.
    #[error("the token has no usable `sub`: 1 to 255 bytes without control characters are needed")]
    Subject,
}

/// Verifies tokens.
pub struct Verifier {
    settings: Settings,
    key: DecodingKey,
    validation: Validation,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Verifier {
    /// A verifier by these settings.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Self {
        let key = DecodingKey::from_secret(settings.secret.expose_secret().as_bytes());
        // The library checks the signature under the one pinned algorithm; the claims are checked below, by our clock.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        Self { settings, key, validation, clock }
    }

    /// Who this token is for.
    pub fn verify(&self, token: &str) -> Result<Identity, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let decoded = jsonwebtoken::decode::<Value>(token, &self.key, &self.validation)
            .map_err(|error| refused(&error))?;
        if decoded.header.crit.is_some() {
            // It names extensions that must be understood; none are.
            return Err(TokenError::Malformed);
        }
        let claims = &decoded.claims;
        self.check_times(claims)?;
        self.check_issuer_and_audience(claims)?;
        self.identity(claims)
    }

    fn check_times(&self, claims: &Value) -> Result<(), TokenError> {
        let now = self.clock.now().timestamp_micros() as f64 / 1e6;
        let expires = claims.get("exp").and_then(Value::as_f64).ok_or(TokenError::NoExpiry)?;
        if expires + LEEWAY_SECONDS <= now {
            return Err(TokenError::Expired);
        }
        match claims.get("nbf") {
            None => Ok(()),
            Some(begins) => match begins.as_f64() {
                Some(begins) if begins - LEEWAY_SECONDS <= now => Ok(()),
                _ => Err(TokenError::NotYetValid),
            },
        }
    }

    fn check_issuer_and_audience(&self, claims: &Value) -> Result<(), TokenError> {
        let text = |name| claims.get(name).and_then(Value::as_str);
        if self.settings.issuer.is_some() && self.settings.issuer.as_deref() != text("iss") {
            return Err(TokenError::Issuer);
        }
        let Some(wanted) = self.settings.audience.as_deref() else {
            return Ok(());
        };
        let meant = match claims.get("aud") {
            Some(Value::String(one)) => one == wanted,
            Some(Value::Array(several)) => several.iter().any(|one| one.as_str() == Some(wanted)),
            _ => false,
        };
        if meant { Ok(()) } else { Err(TokenError::Audience) }
    }

    fn identity(&self, claims: &Value) -> Result<Identity, TokenError> {
        let issuer = match claims.get("iss") {
            None => "",
            Some(issuer) => issuer.as_str().ok_or(TokenError::Issuer)?,
        };
        let subject = claims.get("sub").and_then(Value::as_str).ok_or(TokenError::Subject)?;
        let user = User::new(issuer, subject).map_err(|_| TokenError::Subject)?;
        Ok(Identity {
            user: Arc::new(user),
            roles: self.settings.role_claim.texts(claims),
            name: self.settings.name_claim.text(claims),
            language: self.settings.language_claim.as_ref().and_then(|claim| claim.text(claims)),
        })
    }
}

fn refused(error: &jsonwebtoken::errors::Error) -> TokenError {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidSignature => TokenError::Signature,
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => TokenError::Algorithm,
        _ => TokenError::Malformed,
    }
}

/// Signs claims with a shared secret: for development, and for tests.
pub fn sign(claims: &Value, secret: &SecretString) -> Result<String, jsonwebtoken::errors::Error> {
    let key = EncodingKey::from_secret(secret.expose_secret().as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;
    use crate::kernel::clock::ManualClock;

    const NOW: i64 = 1_790_000_000;

    fn secret() -> SecretString {
        "0123456789abcdef0123456789abcdef".to_owned().into()
    }

    fn verifier(issuer: Option<&str>, audience: Option<&str>) -> Verifier {
        let settings = Settings {
            secret: secret(),
            issuer: issuer.map(str::to_owned),
            audience: audience.map(str::to_owned),
            role_claim: "app_metadata.role".parse().unwrap(),
            name_claim: "user_metadata.full_name".parse().unwrap(),
            language_claim: Some("locale".parse().unwrap()),
        };
        let clock = ManualClock::at(DateTime::from_timestamp(NOW, 0).unwrap());
        Verifier::new(settings, Arc::new(clock))
    }

    fn verify(claims: &Value) -> Result<Identity, TokenError> {
        verifier(Some("https://issuer"), Some("app")).verify(&sign(claims, &secret()).unwrap())
    }

    fn claims(change: Value) -> Value {
        let mut claims = json!({"iss": "https://issuer", "aud": "app", "sub": "ana", "exp": NOW + 60});
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }

    #[test]
    fn a_good_token_says_who_it_is() {
        let said = json!({
            "aud": ["other", "app"], "app_metadata": {"role": ["x", "teacher"]},
            "user_metadata": {"full_name": "Ana"}, "locale": "es-MX",
        });
        let identity = verify(&claims(said)).unwrap();
        assert_eq!(*identity.user, User::new("https://issuer", "ana").unwrap());
        assert_eq!(identity.roles, ["x", "teacher"]);
        assert_eq!((identity.name.as_deref(), identity.language.as_deref()), (Some("Ana"), Some("es-MX")));
    }

    #[test]
    fn bad_claims_are_refused_by_name() {
        let refused = [
            (json!({"exp": NOW - 31}), TokenError::Expired),
            (json!({"exp": null}), TokenError::NoExpiry),
            (json!({"exp": "tomorrow"}), TokenError::NoExpiry),
            (json!({"nbf": NOW + 31}), TokenError::NotYetValid),
            (json!({"nbf": "now"}), TokenError::NotYetValid),
            (json!({"iss": "https://other"}), TokenError::Issuer),
            (json!({"aud": "other"}), TokenError::Audience),
            (json!({"aud": null}), TokenError::Audience),
            (json!({"sub": ""}), TokenError::Subject),
            (json!({"sub": 7}), TokenError::Subject),
            (json!({"sub": "a\u{0}b"}), TokenError::Subject),
        ];
        for (change, why) in refused {
            assert_eq!(verify(&claims(change.clone())).unwrap_err(), why, "{change}");
        }
    }

    #[test]
    fn clocks_may_differ_a_little() {
        assert!(verify(&claims(json!({"exp": NOW - 29, "nbf": NOW + 29}))).is_ok());
    }

    #[test]
    fn only_our_secret_and_algorithm_count() {
        let verifier = verifier(None, None);
        let good = claims(json!({}));
        let other = "another secret of thirty-two bytes!!".to_owned().into();
        assert_eq!(verifier.verify(&sign(&good, &other).unwrap()).unwrap_err(), TokenError::Signature);

        let hs512 = jsonwebtoken::encode(
            &Header::new(Algorithm::HS512),
            &good,
            &EncodingKey::from_secret(secret().expose_secret().as_bytes()),
        );
        assert_eq!(verifier.verify(&hs512.unwrap()).unwrap_err(), TokenError::Algorithm);
        for garbage in ["", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEifQ."] {
            assert!(verifier.verify(garbage).is_err(), "{garbage}");
        }
        assert_eq!(verifier.verify(&"x".repeat(8193)).unwrap_err(), TokenError::TooLong);
    }

    #[test]
    fn extensions_that_must_be_understood_are_not() {
        let mut header = Header::new(Algorithm::HS256);
        header.crit = Some(vec!["b64".to_owned()]);
        let key = EncodingKey::from_secret(secret().expose_secret().as_bytes());
        let token = jsonwebtoken::encode(&header, &claims(json!({})), &key).unwrap();
        assert_eq!(verifier(None, None).verify(&token).unwrap_err(), TokenError::Malformed);
    }
}
