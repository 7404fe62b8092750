//! Credentials that are refused, by address.

use ephemint_test_support::{Person, Setup, TestApp, USAGE, on_both_stores, on_sqlite, send};
use reqwest::Method;
use serde_json::json;

const POLICY: &str = "
    defaults.default_role = 'r'
    defaults.instructions.en = 'Speak.'
    roles.r.hourly_tokens = 10
    alerts = [{ name = 'guessing', kind = 'failed_authentications', over = 3, window = 10 }]
";

fn setup(policy: &str) -> Setup {
    Setup::policy(policy).with_operator().set("TRUSTED_PROXIES", "127.0.0.1")
}

async fn guess(app: &TestApp, path: &str, credential: Option<&str>, from: &str) -> u16 {
    let request = app.request(Method::GET, path).header("x-forwarded-for", from);
    let request = credential.iter().fold(request, |request, value| request.header("authorization", *value));
    send(request).await.status
}

on_both_stores!(guesses_from_one_address_are_told_of, setup(POLICY), guess_a_lot);

async fn guess_a_lot(app: &TestApp) {
    let expired = format!("Bearer {}", Person::new("ana").with("exp", json!(1_700_000_000)).token());
    // Two of a user's, two of an operator's, from one network.
    for (path, credential, from) in [
        (USAGE, expired.as_str(), "2001:db8::1"),
        (USAGE, "Token garbage", "2001:db8::ffff:2"),
        ("/v1/admin/users", "Bearer wrong-operator-token", "2001:db8::3"),
        ("/metrics", "Basic b3BlcmF0b3I6", "2001:db8::4"),
    ] {
        assert_eq!(guess(app, path, Some(credential), from).await, 401);
    }
    for _ in 0..9 {
        assert_eq!(guess(app, USAGE, None, "192.0.2.9").await, 401, "who sends nothing guesses nothing");
        let good = format!("Bearer {}", Person::new("ana").token());
        assert_eq!(guess(app, "/v1/admin/users", Some(&good), "192.0.2.8").await, 401);
        assert_eq!(guess(app, USAGE, Some(&good), "192.0.2.7").await, 200);
    }
    for _ in 0..3 {
        assert_eq!(guess(app, USAGE, Some("Bearer x"), "192.0.2.1").await, 401);
    }
    app.advance(30);
    app.expect_texts("SELECT subject FROM alerts ORDER BY subject", &["192.0.2.8", "2001:db8::/64"]).await;
    let counted = "SELECT address FROM failed_authentications ORDER BY address";
    app.expect_texts(counted, &["192.0.2.1", "192.0.2.8", "2001:db8::/64"]).await;
    app.expect_texts("SELECT kind FROM alerts LIMIT 1", &["failed_authentications"]).await;
    app.advance(2 * 24 * 3600 + 61);
    app.expect_texts(counted, &[]).await;
}

const WITHOUT: &str = "
    defaults.default_role = 'r'
    defaults.instructions.en = 'Speak.'
    roles.r = {}
    alerts = [{ name = 'fast', kind = 'rapid_minting', over = 1, window = 30 }]
";

on_sqlite!(addresses_are_not_kept_where_no_rule_asks_for_them, setup(WITHOUT), guess_for_nothing);

async fn guess_for_nothing(app: &TestApp) {
    assert_eq!(guess(app, USAGE, Some("Bearer x"), "192.0.2.1").await, 401);
    for _ in 0..2 {
        assert_eq!(app.mint(&Person::new("ana"), json!({})).await.status, 200);
    }
    app.advance(30);
    app.expect_texts("SELECT rule FROM alerts", &["fast"]).await;
    app.expect_texts("SELECT count(*) FROM failed_authentications", &["0"]).await;
}
