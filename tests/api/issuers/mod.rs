//! Issuers with keys of their own: which tokens are believed, and how their keys are kept.

mod again;
mod hostile;
mod hostile_claims;
mod hostile_keys;
mod keeping;
mod pages;
mod settings;
mod several;
mod signatures;

use ephemint_test_support::{Answer, KeyServer, MINT, Setup, StoreKind, TestApp, USAGE, send};
use reqwest::Method;
use serde_json::{Value, json};

/// What tokens are for in these tests.
const AUDIENCE: &str = "voice";

/// A service whose users have tokens of the issuer behind this server, found by discovery.
fn discovered(server: &KeyServer) -> Setup {
    asymmetric().set("JWT_ISSUER", server.base()).set("JWT_AUDIENCE", AUDIENCE)
}

/// A service that is told where the keys are.
fn pointed_at(server: &KeyServer) -> Setup {
    discovered(server).set("JWT_JWKS_URL", &server.keys_url())
}

/// A service without a shared secret.
fn asymmetric() -> Setup {
    Setup::default()
        .set("JWT_SECRET", "")
        .set("JWT_ISSUER", "")
        .set("SAFETY_ID_SECRET", "safety-secret-of-the-tests-0123456789")
}

async fn start(setup: Setup) -> TestApp {
    TestApp::start(StoreKind::Sqlite, setup).await
}

/// What a token of this server's has to say.
fn claims(server: &KeyServer) -> Value {
    json!({"iss": server.base(), "aud": AUDIENCE, "sub": "ana", "exp": 4_000_000_000_i64})
}

/// The same with some claims changed; null takes one away.
fn with(mut claims: Value, change: &Value) -> Value {
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

async fn mint(app: &TestApp, token: &str) -> Answer {
    send(app.request(Method::POST, MINT).bearer_auth(token).json(&json!({}))).await
}

async fn usage(app: &TestApp, token: &str) -> Answer {
    send(app.request(Method::GET, USAGE).bearer_auth(token)).await
}

fn error(status: u16, code: &str) -> (u16, String, String) {
    (status, code.to_owned(), String::new())
}
