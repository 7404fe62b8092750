//! What operators do over HTTP.

mod audit;
mod credentials;
mod erasure;
mod events;
mod ledger;
mod replicas;
mod users;

use ephemint_test_support::{Answer, Person, Setup, TestApp, send};
use reqwest::Method;
use serde_json::Value;

/// `boss` makes an operator, by being given.
const POLICY: &str = "
    defaults.default_role = 'guest'
    defaults.instructions.en = 'Speak.'
    defaults.user_may_set = ['system_prompt']
    roles.guest.hourly_tokens = 2
    roles.helper.self_assignable = true
    roles.boss = {}
    alerts = [{ name = 'fast', kind = 'rapid_minting', over = 1, window = 60 }]
";

fn setup() -> Setup {
    Setup::policy(POLICY).with_operator().set("ADMIN_ROLES", "boss")
}

fn path(sub: &str) -> String {
    let encoded: String = sub.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("/v1/admin/users/{encoded}")
}

async fn put(app: &TestApp, sub: &str, decided: Value) -> Answer {
    send(app.admin(Method::PUT, &path(sub)).json(&decided)).await
}

async fn get(app: &TestApp, path: &str) -> Answer {
    send(app.admin(Method::GET, path)).await
}

/// The rows of a page.
async fn rows(app: &TestApp, path: &str, member: &str) -> Vec<Value> {
    let answer = get(app, path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()[member].as_array().unwrap().clone()
}

/// All rows, page by page.
async fn all(app: &TestApp, path: &str, member: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = get(app, &format!("{path}{cursor}")).await.json();
        all.extend(page[member].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

async fn audit(app: &TestApp) -> Vec<Value> {
    rows(app, "/v1/admin/audit?limit=500", "audit").await
}

fn ana() -> Person {
    Person::new("ana")
}
