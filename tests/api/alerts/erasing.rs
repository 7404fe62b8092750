//! Alerts about users who are erased.

use ephemint_test_support::{Person, Setup, TestApp, on_both_stores, send};
use reqwest::Method;
use serde_json::{Value, json};

const POLICY: &str = "
    defaults.default_role = 'r'
    defaults.instructions.en = 'Speak.'
    roles.r.hourly_tokens = 10
    alerts = [{ name = 'fast', kind = 'rapid_minting', over = 1, window = 60 }]
";

on_both_stores!(who_is_erased_is_in_no_alert, Setup::policy(POLICY).with_operator(), erase);

async fn erase(app: &TestApp) {
    let names = ["anastasia", "beatrice"];
    for name in names {
        for _ in 0..2 {
            assert_eq!(app.mint(&Person::new(name), json!({})).await.status, 200);
        }
    }
    app.advance(30);
    app.expect_texts("SELECT count(*) FROM alerts", &["2"]).await;
    assert!(app.database.columns_with(names[0]).await.contains(&"alerts.subject".to_owned()));
    for name in names {
        let path = format!("/v1/admin/users/{name}");
        assert_eq!(send(app.admin(Method::DELETE, &path)).await.status, 204);
    }
    assert_eq!(app.database.columns_with(names[0]).await, [""; 0]);
    // Their mints still count against their hour, but nobody is told of them again.
    app.advance(30);
    let eve = Person::new("eve");
    for _ in 0..2 {
        assert_eq!(app.mint(&eve, json!({})).await.status, 200);
    }
    app.advance(30);
    app.expect_texts("SELECT count(*) FROM alerts WHERE subject = 'eve'", &["1"]).await;
    let page = send(app.admin(Method::GET, "/v1/admin/alerts")).await.json();
    let subjects: Vec<_> = page["alerts"].as_array().unwrap().iter().map(|one| &one["subject"]).collect();
    assert_eq!(subjects, [&json!("eve"), &Value::Null, &Value::Null]);
    let hex: String =
        Person::new(names[0]).user().key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(!app.database.columns_with(&hex).await.contains(&"alerts.about".to_owned()));
}
