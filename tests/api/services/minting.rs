//! Mints for users, on a backend's word for who they are.

use ephemint_sim::Standing;
use ephemint_test_support::{Person, TestApp, on_both_stores, on_sqlite, send};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::{add, mint, setup, trail};
use ephemint_test_support::run::{self, Kind};

on_both_stores!(a_backend_mints_as_the_user_would, setup(), mint_for_a_user);

async fn mint_for_a_user(app: &TestApp) {
    let secret = add(app, "tutor", &["mint"], &[]).await;
    let answer = mint(app, &secret, "ana", json!({ "expires_after": { "seconds": 30 } })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    assert!(body["value"].as_str().unwrap().starts_with("ek_"));
    assert_eq!((&body["role"], &body["rate_limit"]["remaining"]), (&json!("guest"), &json!(2)));
    assert!(answer.header("ratelimit").contains("r=2"));
    assert_eq!(app.sent_upstream()["expires_after"]["seconds"], 30);
    assert_eq!(app.mint(&Person::new("ana"), json!({})).await.json()["rate_limit"]["remaining"], 1);
    assert_eq!(mint(app, &secret, "ana", json!({})).await.status, 200);
    let spent = mint(app, &secret, "ana", json!({})).await;
    assert_eq!((spent.status, spent.code()), (429, "rate_limit_exceeded".to_owned()));
    assert_eq!(mint(app, &secret, "bea", json!({})).await.status, 200, "everybody has an hour of their own");
    let ledger = "SELECT user_id || ' ' || role FROM mints ORDER BY user_id";
    assert_eq!(app.database.texts(ledger).await, ["ana guest", "ana guest", "ana guest", "bea guest"]);
    app.advance(60);
    app.expect_texts("SELECT count(*) FROM audit WHERE action = 'mint_for_user'", &["4"]).await;
    let told: Vec<_> =
        trail(app, "mint_for_user").await.into_iter().map(|row| (row.0, row.1, row.3)).collect();
    let row = |result: &str, user: &str| (result.to_owned(), "tutor".to_owned(), user.to_owned());
    for expected in [row("done", "ana"), row("done", "bea"), row("rate_limit_exceeded", "ana")] {
        assert!(told.contains(&expected), "{told:?}");
    }
}

on_both_stores!(an_hour_is_spent_exactly_whoever_asks, setup(), race);

async fn race(app: &TestApp) {
    let secret = add(app, "tutor", &["mint"], &[]).await;
    let ana = Person::new("ana");
    let all = (0..40).map(|n| {
        let (secret, ana) = (&secret, &ana);
        async move {
            match n % 2 {
                0 => mint(app, secret, "ana", json!({})).await.status,
                _ => app.mint(ana, json!({})).await.status,
            }
        }
    });
    let mut statuses = join_all(all).await;
    statuses.sort_unstable();
    let expected = [vec![200; 3], vec![429; 37]].concat();
    assert_eq!(statuses, expected);
}

on_both_stores!(rights_are_those_of_the_table_and_the_policy, setup(), mint_by_rights);

async fn mint_by_rights(app: &TestApp) {
    let secret = add(app, "tutor", &["mint"], &[]).await;
    for (user, decided) in [
        ("teacher", json!({"role": "teacher", "display_name": "Ms Otero"})),
        ("gone", json!({"disabled": true})),
    ] {
        let request = app.admin(Method::PUT, &format!("/v1/admin/users/{user}"));
        assert_eq!(send(request.json(&decided)).await.status, 200);
    }
    assert_eq!(mint(app, &secret, "teacher", json!({})).await.json()["role"], "teacher");
    assert!(app.instructions_upstream().contains("Ms Otero"), "{}", app.instructions_upstream());
    assert_eq!(mint(app, &secret, "ana", json!({"role": "helper"})).await.json()["role"], "helper");
    let refused = mint(app, &secret, "ana", json!({"role": "teacher"})).await;
    assert_eq!(refused.error(), (403, "role_not_allowed".into(), "role".into()));
    let gone = mint(app, &secret, "gone", json!({})).await;
    assert_eq!(gone.error(), (403, "user_disabled".into(), String::new()));
    let bad = mint(app, &secret, "ana", json!({"roll": "helper"})).await;
    assert_eq!((bad.status, bad.code()), (400, "invalid_request".to_owned()));
    app.expect_upstream_requests(2).await;
}

on_both_stores!(a_users_own_key_pays_there_too, setup(), mint_with_own_key);

async fn mint_with_own_key(app: &TestApp) {
    let key = "sk-user-ana-0123456789-canary";
    run::secret(Kind::ProviderKey, key);
    app.simulator.put_account("ana", key, Standing::Good);
    let request = app.request(Method::PUT, "/v1/me/keys/openai").bearer_auth(Person::new("ana").token());
    assert_eq!(send(request.json(&json!({ "key": key }))).await.status, 200);
    app.simulator.clear();
    let secret = add(app, "tutor", &["mint"], &[]).await;
    for user in ["ana", "bea"] {
        assert_eq!(mint(app, &secret, user, json!({})).await.status, 200);
    }
    let accounts: Vec<_> = app.simulator.requests().into_iter().map(|request| request.account).collect();
    assert_eq!(accounts.first().unwrap().as_deref(), Some("ana"));
    assert_ne!(accounts.last().unwrap().as_deref(), Some("ana"));
    let sources = "SELECT user_id || ' ' || key_source FROM mints ORDER BY user_id";
    assert_eq!(app.database.texts(sources).await, ["ana user", "bea operator"]);
}

on_sqlite!(minting_wants_its_scope, setup(), mint_without);

async fn mint_without(app: &TestApp) {
    let reader = add(app, "reader", &["keys:read"], &["openai"]).await;
    let refused = mint(app, &reader, "ana", json!({})).await;
    assert_eq!(refused.error(), (403, "not_allowed".into(), String::new()));
    assert!(refused.json()["detail"].as_str().unwrap().contains("`mint`"));
    assert_eq!(mint(app, "eph_svc_x", "ana", json!({})).await.status, 401);
    assert_eq!(app.simulator.requests().len(), 0);
}
