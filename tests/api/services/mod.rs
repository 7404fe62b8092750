//! The operator's own backends: their credentials, and what they get with them.

mod administration;
mod command;
mod keys;
mod minting;
mod modes;

use ephemint_test_support::run::{self, Kind};
use ephemint_test_support::{Answer, Person, Setup, TestApp, send};
use reqwest::Method;
use serde_json::{Value, json};

const SEALING: &str = "first:a3e49f3daa9f2ae47816224f72664c896be185650667cb649d9b98efc1bd4763";

const POLICY: &str = "
    defaults.default_role = 'guest'
    defaults.instructions.en = 'Speak with {% if name %}{{ name }}{% else %}them{% endif %}, who is here to learn.'
    roles.guest.hourly_tokens = 3
    roles.helper.self_assignable = true
    roles.teacher.hourly_tokens = 9
";

/// A deployed service whose backends may read keys.
fn setup() -> Setup {
    closed().set("SERVICE_KEY_ACCESS", "on")
}

/// One whose backends may not.
fn closed() -> Setup {
    Setup::policy(POLICY).with_operator().set("ENCRYPTION_KEYS", SEALING).set("DEPLOY_ENV", "production")
}

async fn post(app: &TestApp, path: &str, body: Value) -> Answer {
    send(app.admin(Method::POST, path).json(&body)).await
}

/// The secret that an answer tells, this once.
fn secret_of(answer: &Answer) -> String {
    answer.json()["secret"].as_str().unwrap().to_owned()
}

/// The secret of a new backend.
async fn add(app: &TestApp, name: &str, scopes: &[&str], providers: &[&str]) -> String {
    let body = json!({ "name": name, "scopes": scopes, "providers": providers });
    let answer = post(app, "/v1/admin/services", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    secret_of(&answer)
}

async fn rotate(app: &TestApp, name: &str, grace_seconds: u32) -> String {
    let path = format!("/v1/admin/services/{name}/rotate");
    let answer = post(app, &path, json!({ "grace_seconds": grace_seconds })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    secret_of(&answer)
}

async fn revoke(app: &TestApp, name: &str) -> Answer {
    send(app.admin(Method::DELETE, &format!("/v1/admin/services/{name}"))).await
}

/// Reads a user's key as a backend.
async fn read(app: &TestApp, secret: &str, user: &str, provider: &str) -> Answer {
    let path = format!("/v1/service/users/{user}/keys/{provider}");
    send(app.request(Method::GET, &path).bearer_auth(secret).header("x-reason", "marking homework")).await
}

/// Mints for a user as a backend.
async fn mint(app: &TestApp, secret: &str, user: &str, body: Value) -> Answer {
    let path = format!("/v1/service/users/{user}/client_secrets");
    send(app.request(Method::POST, &path).bearer_auth(secret).json(&body)).await
}

/// Stores a key of a provider that nobody asks about it, as the user does, and says which.
async fn store_key(app: &TestApp, user: &str, provider: &str) -> String {
    let key = format!("{provider}-{user}-0123456789-canary");
    run::secret(Kind::ProviderKey, &key);
    let request = app.request(Method::PUT, &format!("/v1/me/keys/{provider}"));
    let answer = send(request.bearer_auth(Person::new(user).token()).json(&json!({ "key": key }))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    key
}

/// The rows of the audit trail with this action, oldest first: result, backend, reason, and the user who it was about.
async fn trail(app: &TestApp, action: &str) -> Vec<(String, String, String, String)> {
    let answer = send(app.admin(Method::GET, "/v1/admin/audit?limit=500")).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut rows: Vec<_> = answer.json()["audit"].as_array().unwrap().clone();
    rows.reverse();
    let rows = rows.iter().filter(|row| row["action"] == action);
    rows.map(|row| {
        let detail = &row["detail"];
        (
            text(&row["result"]),
            text(&detail["service"]),
            text(&detail["reason"]),
            text(&row["target"]["user_id"]),
        )
    })
    .collect()
}
