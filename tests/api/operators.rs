//! What is for operators only, and what they see.

use ephemint_test_support::{
    ADMIN_TOKEN, JWT_SECRET, METRICS, Person, Setup, TestApp, USAGE, on_sqlite, send,
};
use reqwest::Method;
use serde_json::json;

on_sqlite!(only_the_operators_token_opens_the_metrics, Setup::default().with_operator(), try_every_key);

async fn try_every_key(app: &TestApp) {
    let admin = Person::new("ana").as_role("admin").token();
    let almost = ADMIN_TOKEN.replace("operator", "Operator");
    let keys = [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some(ADMIN_TOKEN.to_owned()),
        Some(format!("Basic {ADMIN_TOKEN}")),
        Some(format!("Bearer {admin}")),
        Some(format!("Bearer {JWT_SECRET}")),
        Some(format!("Bearer {almost}")),
        Some(format!("Bearer {ADMIN_TOKEN}x")),
        Some(format!("Bearer {}", &ADMIN_TOKEN[1..])),
    ];
    for key in keys {
        let request = app.request(Method::GET, METRICS);
        let request = key.iter().fold(request, |request, key| request.header("authorization", key));
        let answer = send(request).await;
        assert_eq!(answer.error(), (401, "unauthorized".to_owned(), String::new()), "{key:?}");
        assert!(answer.json()["detail"].as_str().unwrap().contains("ADMIN_TOKEN"), "{}", answer.text);
    }
    let twice = app.request(Method::GET, METRICS).bearer_auth(ADMIN_TOKEN).bearer_auth(ADMIN_TOKEN);
    assert_eq!(send(twice).await.status, 401);

    let answer = send(app.request(Method::GET, METRICS).bearer_auth(ADMIN_TOKEN)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    let as_a_user = send(app.request(Method::GET, USAGE).bearer_auth(ADMIN_TOKEN)).await;
    assert_eq!(as_a_user.status, 401, "an operator is no user");
}

on_sqlite!(without_an_operator_nobody_gets_in, Setup::default(), try_without_one);

async fn try_without_one(app: &TestApp) {
    for token in ["", ADMIN_TOKEN] {
        let answer = send(app.request(Method::GET, METRICS).bearer_auth(token)).await;
        assert_eq!(answer.status, 401);
        assert!(answer.json()["detail"].as_str().unwrap().contains("Set ADMIN_TOKEN"), "{}", answer.text);
    }
}

#[test]
fn an_operators_token_can_not_be_a_users() {
    let jwt = Person::new("ana").token();
    let settings = [("JWT_SECRET", JWT_SECRET), ("ADMIN_TOKEN", jwt.as_str())];
    let mistakes = ephemint::config::Config::read(&settings.into_iter().collect()).unwrap_err();
    assert_eq!(mistakes.len(), 1);
    assert_eq!(
        (mistakes[0].at.as_str(), mistakes[0].problem.as_str()),
        ("ADMIN_TOKEN", "it is a JWT, as users have them")
    );
}

on_sqlite!(what_happens_is_counted, Setup::default().with_operator(), make_it_happen);

async fn make_it_happen(app: &TestApp) {
    let ana = Person::new("ana-who-is-not-in-labels");
    for _ in 0..2 {
        assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    }
    assert_eq!(app.mint(&ana, json!({"role": "king"})).await.status, 403);
    assert_eq!(app.mint(&ana, json!({"rol": "king"})).await.status, 400);
    let text = app.metrics().await;
    for line in [
        "ephemint_store_up 1",
        "ephemint_store_degraded_mints_total 0",
        "ephemint_mints_total{outcome=\"issued\",role=\"student\",model=\"gpt-realtime-2.1-mini\"} 2",
        "ephemint_mints_total{outcome=\"issued\",role=\"teacher\",model=\"gpt-realtime-2.1\"} 0",
        "ephemint_mints_total{outcome=\"role_not_allowed\",role=\"other\",model=\"other\"} 1",
        "ephemint_refusals_total{code=\"role_not_allowed\"} 1",
        "ephemint_refusals_total{code=\"invalid_request\"} 1",
        "ephemint_refusals_total{code=\"unauthorized\"} 0",
        "ephemint_policy_reloads_total{result=\"loaded\"} 0",
        &format!("ephemint_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION")),
        &format!(
            "ephemint_policy_version{{version=\"{}\"}} 1",
            ephemint::policy::version(ephemint::policy::Policy::BUILT_IN)
        ),
    ] {
        assert!(text.lines().any(|known| known == line), "{line} is missing in {text}");
    }
    assert!(!text.contains("not-in-labels") && !text.contains("king"), "{text}");
}
