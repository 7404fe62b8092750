//! Credentials come and go.

use ephemint_test_support::{StoreKind, TestApp, on_both_stores, on_sqlite, send};
use reqwest::Method;
use serde_json::{Value, json};

use super::{add, mint, post, read, revoke, rotate, setup, store_key};

async fn list(app: &TestApp) -> Vec<Value> {
    let answer = send(app.admin(Method::GET, "/v1/admin/services")).await;
    assert!(!answer.text.contains("eph_svc_"), "a list tells no secret");
    answer.json()["services"].as_array().unwrap().clone()
}

on_both_stores!(a_secret_is_told_once_and_stored_as_a_digest, setup(), add_and_look);

async fn add_and_look(app: &TestApp) {
    let secret = add(app, "tutor", &["mint", "keys:read"], &["openai", "exa"]).await;
    let digits = secret.strip_prefix("eph_svc_").unwrap();
    assert!(digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit()));
    let expected = json!({
        "name": "tutor", "scopes": ["keys:read", "mint"], "providers": ["exa", "openai"],
        "created_at": "2026-11-20T12:00:00.000Z", "rotated_at": "2026-11-20T12:00:00.000Z",
        "old_secret_until": null, "last_used_at": null,
    });
    assert_eq!(list(app).await, [expected]);
    let stored = match app.store {
        StoreKind::Postgres => "SELECT encode(digest, 'hex') || name FROM service_credentials",
        StoreKind::Sqlite => "SELECT lower(hex(digest)) || name FROM service_credentials",
    };
    let stored = app.database.texts(stored).await;
    assert!(stored[0].ends_with("tutor") && !stored[0].contains(digits), "{stored:?}");
    assert_eq!(read(app, &secret, "ana", "openai").await.status, 404);
    assert_eq!(list(app).await[0]["last_used_at"], "2026-11-20T12:00:00.000Z");
}

on_both_stores!(an_old_secret_holds_for_its_grace_and_no_longer, setup(), rotate_and_try);

async fn rotate_and_try(app: &TestApp) {
    let opens = async |secret: &str| {
        let status = mint(app, secret, "ana", json!({"role": "king"})).await.status;
        assert!(status == 403 || status == 401, "{status}");
        status == 403
    };
    let first = add(app, "tutor", &["mint"], &[]).await;
    assert!(opens(&first).await);
    let second = rotate(app, "tutor", 0).await;
    assert_ne!(first, second);
    assert_eq!((opens(&first).await, opens(&second).await), (false, true), "no grace");
    let third = rotate(app, "tutor", 60).await;
    assert_eq!(list(app).await[0]["old_secret_until"], "2026-11-20T12:01:00.000Z");
    app.advance(59);
    assert_eq!((opens(&first).await, opens(&second).await, opens(&third).await), (false, true, true));
    app.advance(1);
    assert_eq!((opens(&second).await, opens(&third).await), (false, true), "the grace is over");
    let fourth = rotate(app, "tutor", 3600).await;
    let fifth = rotate(app, "tutor", 3600).await;
    assert_eq!((opens(&third).await, opens(&fourth).await, opens(&fifth).await), (false, true, true));
    let sixth = rotate(app, "tutor", 0).await;
    assert_eq!(
        (opens(&fifth).await, opens(&sixth).await),
        (false, true),
        "a rotation without grace ends all before"
    );
}

on_both_stores!(whoever_is_revoked_is_gone, setup(), add_and_revoke);

async fn add_and_revoke(app: &TestApp) {
    let key = store_key(app, "ana", "exa").await;
    let secret = add(app, "tutor", &["keys:read"], &["exa"]).await;
    let newer = rotate(app, "tutor", 600).await;
    for secret in [&secret, &newer] {
        assert_eq!(read(app, secret, "ana", "exa").await.json()["key"], key);
    }
    assert_eq!(revoke(app, "tutor").await.status, 204);
    for secret in [&secret, &newer] {
        assert_eq!(
            read(app, secret, "ana", "exa").await.error(),
            (401, "unauthorized".into(), String::new())
        );
    }
    assert_eq!(revoke(app, "tutor").await.error(), (404, "not_found".into(), String::new()));
    let again = add(app, "tutor", &["keys:read"], &["exa"]).await;
    assert_eq!(read(app, &again, "ana", "exa").await.status, 200);
    assert_eq!(
        read(app, &newer, "ana", "exa").await.status,
        401,
        "a name that comes back brings no secret back"
    );
}

on_sqlite!(what_makes_no_service_is_refused_by_name, setup(), add_badly);

async fn add_badly(app: &TestApp) {
    add(app, "tutor", &["mint"], &[]).await;
    let long = "x".repeat(65);
    for (name, scopes, providers, expected) in [
        ("tutor", &["mint"][..], &[][..], (409, "already_exists", "name")),
        ("Tutor", &["mint"], &[], (400, "invalid_request", "name")),
        ("", &["mint"], &[], (400, "invalid_request", "name")),
        (&long, &["mint"], &[], (400, "invalid_request", "name")),
        ("other", &[], &[], (400, "invalid_request", "scopes")),
        ("other", &["keys:write"], &["openai"], (400, "invalid_request", "scopes")),
        ("other", &["keys:read"], &[], (400, "invalid_request", "providers")),
        ("other", &["keys:read"], &["Open AI"], (400, "invalid_request", "providers")),
        ("other", &["keys:read"], &["opennai"], (400, "invalid_request", "providers")),
    ] {
        let body = json!({ "name": name, "scopes": scopes, "providers": providers });
        let (status, code, param) = expected;
        let expected = (status, code.to_owned(), param.to_owned());
        assert_eq!(post(app, "/v1/admin/services", body.clone()).await.error(), expected, "{body}");
    }
    let rotate = async |name: &str, body: Value| {
        post(app, &format!("/v1/admin/services/{name}/rotate"), body).await.error()
    };
    let over = json!({ "grace_seconds": 604_801 });
    assert_eq!(rotate("tutor", over).await, (400, "invalid_request".into(), "grace_seconds".into()));
    assert_eq!(rotate("other", json!({})).await, (404, "not_found".into(), String::new()));
    assert_eq!(rotate("Other", json!({})).await, (400, "invalid_request".into(), "name".into()));
    assert_eq!(list(app).await.len(), 1);
}

on_both_stores!(what_is_done_to_credentials_is_in_the_trail, setup(), administer);

async fn administer(app: &TestApp) {
    add(app, "tutor", &["keys:read"], &["exa"]).await;
    app.advance(1);
    rotate(app, "tutor", 60).await;
    app.advance(1);
    revoke(app, "tutor").await;
    let answer = send(app.admin(Method::GET, "/v1/admin/audit")).await.json();
    let rows = answer["audit"].as_array().unwrap();
    let told: Vec<_> =
        rows.iter().map(|row| (row["actor"].clone(), row["action"].clone(), row["detail"].clone())).collect();
    let by_token = |action: &str, detail: Value| (json!("admin_token"), json!(action), detail);
    let expected = [
        by_token("revoke_service", json!({ "service": "tutor" })),
        by_token("rotate_service", json!({ "service": "tutor", "grace_seconds": 60 })),
        by_token("add_service", json!({ "service": "tutor", "scopes": ["keys:read"], "providers": ["exa"] })),
    ];
    assert_eq!(told, expected);
}

/// Two replicas on one database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_holds_on_the_other_replica_at_once() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let one = TestApp::start(StoreKind::Postgres, setup()).await;
    let (name, url) = one.database.setting();
    let other = TestApp::start(StoreKind::Postgres, setup().set(name, &url)).await;
    let secret = add(&one, "tutor", &["keys:read"], &["exa"]).await;
    store_key(&one, "ana", "exa").await;
    assert_eq!(read(&other, &secret, "ana", "exa").await.status, 200);
    assert_eq!(revoke(&one, "tutor").await.status, 204);
    assert_eq!(read(&other, &secret, "ana", "exa").await.status, 401);
    other.stop().await;
    one.stop().await;
}

on_sqlite!(a_service_has_a_burst_of_its_own, setup().set("BURST_PER_SERVICE", "2"), ask_too_often);

async fn ask_too_often(app: &TestApp) {
    let (tutor, other) = (add(app, "tutor", &["mint"], &[]).await, add(app, "other", &["mint"], &[]).await);
    for _ in 0..2 {
        assert_eq!(mint(app, &tutor, "ana", json!({})).await.status, 200);
    }
    let refused = mint(app, &tutor, "bea", json!({})).await;
    assert_eq!(refused.error(), (429, "burst_limit_exceeded".into(), String::new()));
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(mint(app, &other, "bea", json!({})).await.status, 200, "others have a burst of their own");
    app.advance(1);
    assert_eq!(mint(app, &tutor, "bea", json!({})).await.status, 200);
}
