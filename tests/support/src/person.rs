//! People and their tokens, signed as a sign-in service would.

use ephemint::auth::sign;
use serde_json::{Value, json};

use super::run::{self, Kind};

/// The secret that the service under test shares with the sign-in service.
pub const JWT_SECRET: &str = "test-secret-canary-0123456789abcdef";

/// The issuer of the tokens.
pub const ISSUER: &str = "https://sign-in.example";

/// Somebody who signs in.
#[derive(Debug, Clone)]
pub struct Person {
    claims: Value,
}

impl Person {
    /// Somebody with this `sub`, and a token that lasts for years.
    pub fn new(sub: &str) -> Self {
        Self { claims: json!({ "iss": ISSUER, "sub": sub, "exp": 4_000_000_000_i64 }) }
    }

    /// The same with a claim more.
    pub fn with(mut self, claim: &str, value: Value) -> Self {
        self.claims[claim] = value;
        self
    }

    /// The same with a role in the token.
    pub fn as_role(self, role: &str) -> Self {
        self.with("app_metadata", json!({ "role": role }))
    }

    /// The same with a name in the token.
    pub fn named(self, name: &str) -> Self {
        self.with("user_metadata", json!({ "full_name": name }))
    }

    /// Their token.
    pub fn token(&self) -> String {
        let token = sign(&self.claims, &JWT_SECRET.to_owned().into()).unwrap();
        run::secret(Kind::Jwt, &token);
        token
    }

    /// Their user, as the service knows them.
    pub fn user(&self) -> ephemint::kernel::user::User {
        ephemint::kernel::user::User::new(ISSUER, self.claims["sub"].as_str().unwrap()).unwrap()
    }
}
