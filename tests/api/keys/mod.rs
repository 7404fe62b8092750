//! Keys that users bring.

mod checks;
mod entering;
mod import;
mod minting;
mod refused;
mod reminding;
mod replicas;
mod rotating;
mod sealed;

use ephemint_sim::Standing;
use ephemint_test_support::run::{self, Kind};
use ephemint_test_support::{Answer, Person, Setup, StoreKind, TestApp, send};
use reqwest::Method;
use serde_json::{Value, json};

const SEALING: &str = "first:a3e49f3daa9f2ae47816224f72664c896be185650667cb649d9b98efc1bd4763";

/// A role for each rule of whose key pays.
const POLICY: &str = "
    defaults.default_role = 'guest'
    defaults.instructions.en = 'Speak.'
    roles.guest.hourly_tokens = 5
    roles.alone = { operator_key = 'never', fallback_on_refusal = true }
    roles.treated = { operator_key = 'always' }
    roles.caught = { fallback_on_refusal = true, hourly_tokens = 1 }
";

fn setup() -> Setup {
    Setup::policy(POLICY).with_operator().set("ENCRYPTION_KEYS", SEALING).set("DEPLOY_ENV", "test")
}

/// A key of this account of the provider's, which is as good as `standing` says.
fn key(app: &TestApp, account: &str, standing: Standing) -> String {
    let key = format!("sk-user-{account}-0123456789-canary");
    run::secret(Kind::ProviderKey, &key);
    app.simulator.put_account(account, &key, standing);
    key
}

async fn put(app: &TestApp, person: &Person, provider: &str, body: Value) -> Answer {
    let path = format!("/v1/me/keys/{provider}");
    send(app.request(Method::PUT, &path).bearer_auth(person.token()).json(&body)).await
}

async fn list(app: &TestApp, person: &Person) -> Value {
    let answer = send(app.request(Method::GET, "/v1/me/keys").bearer_auth(person.token())).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

async fn validate(app: &TestApp, person: &Person) -> Answer {
    let path = "/v1/me/keys/openai/validate";
    send(app.request(Method::POST, path).bearer_auth(person.token())).await
}

async fn delete(app: &TestApp, person: &Person) -> Answer {
    send(app.request(Method::DELETE, "/v1/me/keys/openai").bearer_auth(person.token())).await
}

/// Somebody with a good key of their own.
async fn with_key(app: &TestApp, person: &Person, account: &str) {
    let answer = put(app, person, "openai", json!({ "key": key(app, account, Standing::Good) })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    app.simulator.clear();
}

/// The accounts that the provider was asked by, in order.
fn accounts(app: &TestApp) -> Vec<String> {
    app.simulator.requests().into_iter().map(|request| request.account.unwrap_or_default()).collect()
}

async fn state(app: &TestApp, person: &Person) -> Value {
    list(app, person).await["keys"][0]["state"].clone()
}

/// A user's key in the tables, as SQL.
fn in_sql(app: &TestApp, person: &Person) -> String {
    let hex: String = person.user().key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    match app.store {
        StoreKind::Sqlite => format!("x'{hex}'"),
        StoreKind::Postgres => format!("'\\x{hex}'"),
    }
}
