//! The main path.

use ephemint_test_support::{Person, Setup, TestApp, on_both_stores};
use serde_json::json;

on_both_stores!(a_user_gets_a_token, Setup::default(), mint_one);

async fn mint_one(app: &TestApp) {
    let ana = Person::new("ana").named("Ana");
    let answer = app.mint(&ana, json!({"language": "es-MX"})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    assert!(body["value"].as_str().unwrap().starts_with("ek_"));
    assert_eq!(body["role"], "student");
    assert_eq!(body["language"], "es");
    assert_eq!(body["mode"], "realtime");
    assert_eq!(
        body["rate_limit"],
        json!({"limit": 10, "remaining": 9, "reset_seconds": 3600})
    );
    assert_eq!(answer.header("ratelimit-policy"), "\"hourly\";q=10;w=3600");
    assert_eq!(answer.header("ratelimit"), "\"hourly\";r=9;t=3600");
    assert_eq!(answer.header("cache-control"), "no-store");
    app.expect_outcomes(&["issued"]).await;
}
