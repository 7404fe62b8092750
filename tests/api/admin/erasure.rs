//! Users who are erased, by themselves and by operators.

use ephemint_test_support::{Answer, Person, TestApp, on_both_stores, send};
use reqwest::Method;
use serde_json::{Value, json};

use super::{audit, path, put, rows, setup};

const NAME: &str = "anastasia";

fn anastasia() -> Person {
    Person::new(NAME).named("Anastasia of All Trades")
}

async fn erase_oneself(app: &TestApp) -> Answer {
    send(app.request(Method::DELETE, "/v1/me").bearer_auth(anastasia().token())).await
}

async fn erase(app: &TestApp) -> Answer {
    send(app.admin(Method::DELETE, &path(NAME))).await
}

/// Mints all there is, so fast that there is an alert; is refused, and tries what is for operators.
async fn leave_traces(app: &TestApp) {
    for _ in 0..2 {
        assert_eq!(app.mint(&anastasia(), json!({})).await.status, 200);
    }
    assert_eq!(app.mint(&anastasia(), json!({})).await.status, 429);
    let stranger = app.request(Method::GET, "/v1/admin/users").bearer_auth(anastasia().token());
    assert_eq!(send(stranger).await.status, 403);
    app.expect_texts("SELECT outcome FROM mints", &["issued", "issued"]).await;
    app.expect_texts("SELECT count(*) FROM refusals", &["1"]).await;
    app.advance(30);
    app.expect_texts("SELECT count(*) FROM alerts", &["1"]).await;
}

fn key() -> String {
    anastasia().user().key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

on_both_stores!(an_operator_erases_a_user, setup(), erase_by_an_operator);

async fn erase_by_an_operator(app: &TestApp) {
    leave_traces(app).await;
    put(app, NAME, json!({"display_name": "Anastasia", "hourly_limit": 2})).await;
    let wish = json!({"system_prompt": "I am Anastasia."});
    let set = app.request(Method::PUT, "/v1/me/settings").bearer_auth(anastasia().token()).json(&wish);
    assert_eq!(send(set).await.status, 200);
    assert!(app.database.columns_with(NAME).await.len() >= 5);
    assert_eq!(erase(app).await.status, 204);
    expect_gone(app).await;
    assert_eq!(erase(app).await.status, 204, "again is the same");
}

on_both_stores!(a_user_erases_themselves, setup(), erase_by_oneself);

async fn erase_by_oneself(app: &TestApp) {
    leave_traces(app).await;
    assert_eq!(erase_oneself(app).await.status, 204);
    expect_gone(app).await;
    assert_eq!(send(app.request(Method::DELETE, "/v1/me")).await.status, 401);
}

/// The name at once, the key when the hour is over, and the limit stays till then.
async fn expect_gone(app: &TestApp) {
    assert_eq!(app.database.columns_with(NAME).await, [""; 0]);
    assert_eq!(app.mint(&anastasia(), json!({})).await.status, 429, "that gives no fresh hour");
    let mints = rows(app, "/v1/admin/mints", "mints").await;
    assert_eq!(mints.len(), 2);
    assert!(mints.iter().all(|mint| mint["user_id"].is_null() && mint["issuer"].is_null()));

    // What was refused since then is of somebody who came after.
    app.expect_texts("SELECT count(*) FROM refusals WHERE user_id <> ''", &["1"]).await;
    assert_eq!(erase(app).await.status, 204);
    app.advance(3700);
    assert_eq!(erase_somebody_else(app).await, 204);
    for trace in [NAME.to_owned(), key()] {
        assert_eq!(app.database.columns_with(&trace).await, ["erasures.user_key"; 0], "{trace}");
    }
    // Nor does what waited to be written bring them back.
    app.expect_texts("SELECT count(*) FROM audit WHERE action = 'request' AND actor = 'stranger'", &["1"])
        .await;
    assert_eq!(app.database.columns_with(NAME).await, [""; 0]);
    let trail = audit(app).await;
    assert!(trail.iter().all(|row| row["target"]["user_id"] != json!(NAME)));
    assert_eq!(app.mint(&anastasia(), json!({})).await.status, 200);
}

/// Whoever is erased, the next step is taken for all.
async fn erase_somebody_else(app: &TestApp) -> u16 {
    send(app.admin(Method::DELETE, &path("somebody-else"))).await.status
}

on_both_stores!(nobody_escapes_a_decision, setup(), try_to_escape);

async fn try_to_escape(app: &TestApp) {
    for (decided, code) in [
        (json!({"disabled": true}), "user_disabled"),
        (json!({"role": "guest"}), "not_allowed"),
        (json!({"hourly_limit": 1}), "not_allowed"),
    ] {
        put(app, NAME, decided.clone()).await;
        let answer = erase_oneself(app).await;
        assert_eq!(answer.error(), (403, code.to_owned(), String::new()), "{decided}");
        assert_eq!(app.database.texts("SELECT count(*) FROM users").await, ["1"]);
    }
    app.advance(60);
    let refused = "SELECT count(*) FROM audit WHERE action = 'erase_user' AND result <> 'done'";
    app.expect_texts(refused, &["2"]).await;
    let trail: Vec<Value> = audit(app).await;
    assert!(
        trail.iter().filter(|row| row["action"] == "erase_user").all(|row| row["target"]["user_id"] == NAME)
    );
}
