//! From a key that somebody has to one that is stored.

use ephemint_sim::{Fault, Standing};
use ephemint_test_support::{Person, Setup, TestApp, on_both_stores, on_sqlite, send};
use reqwest::Method;
use serde_json::json;

use super::{POLICY, SEALING, accounts, delete, key, list, put, setup, state, validate, with_key};

on_both_stores!(a_key_is_checked_stored_and_shown_masked, setup(), enter_a_key);

async fn enter_a_key(app: &TestApp) {
    let ana = Person::new("ana");
    let own = key(app, "ana", Standing::Good);
    assert_eq!(list(app, &ana).await["keys"], json!([]));
    let stored = put(app, &ana, "openai", json!({ "key": format!(" {own}\n") })).await;
    assert_eq!(stored.status, 200, "{}", stored.text);
    let expected = json!({
        "provider": "openai",
        "masked": "sk-…nary",
        "state": "valid",
        "is_old": false,
        "created_at": "2026-11-20T12:00:00.000Z",
        "updated_at": "2026-11-20T12:00:00.000Z",
        "last_used_at": null,
        "last_validated_at": "2026-11-20T12:00:00.000Z",
    });
    assert_eq!(stored.json(), expected);
    let listed = list(app, &ana).await;
    assert_eq!(listed["keys"], json!([expected]));
    assert_eq!(listed["providers"], json!(["copilotkit", "exa", "gemini", "openai"]));
    assert_eq!(list(app, &Person::new("bea")).await["keys"], json!([]), "of nobody else's");

    let asked = app.simulator.last_request().unwrap();
    assert_eq!((asked.account.as_deref(), asked.status), (Some("ana"), Some(200)));
    assert_eq!(asked.body.unwrap()["expires_after"]["seconds"], 10, "the shortest life there is");
    assert_eq!(app.database.columns_with("0123456789-canary").await, [""; 0]);
    let hex: String = own.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(app.database.columns_with(&hex).await, [""; 0], "nor as bytes");

    app.advance(7 * 86_400);
    assert_eq!(list(app, &ana).await["keys"][0]["is_old"], true);
    assert_eq!(delete(app, &ana).await.status, 204);
    assert_eq!(delete(app, &ana).await.status, 204, "again is the same");
    assert_eq!(list(app, &ana).await["keys"], json!([]));
}

on_both_stores!(what_the_provider_refuses_is_not_stored, setup(), enter_refused_keys);

async fn enter_refused_keys(app: &TestApp) {
    let ana = Person::new("ana");
    for (standing, words) in [
        (Standing::Revoked, "does not take this key"),
        (Standing::NoQuota, "run out of money"),
        (Standing::NoRealtime, "may not open voice sessions"),
    ] {
        let answer = put(app, &ana, "openai", json!({ "key": key(app, "ana", standing) })).await;
        assert_eq!(answer.error(), (409, "provider_key_refused".to_owned(), "key".to_owned()));
        assert!(answer.text.contains(words), "{}", answer.text);
    }
    for fault in [Fault::ServerError, Fault::RateLimited { retry_after: 1 }, Fault::Reset, Fault::Cut] {
        app.simulator.fail_next(1, fault.clone());
        let answer = put(app, &ana, "openai", json!({ "key": key(app, "ana", Standing::Good) })).await;
        assert_eq!((answer.status, answer.code().as_str()), (503, "provider_unreachable"), "{fault:?}");
    }
    assert_eq!(list(app, &ana).await["keys"], json!([]), "nothing was stored");
    app.advance(61);
    let trail = "SELECT count(*) FROM audit WHERE action = 'put_provider_key' AND result <> 'done'";
    app.expect_texts(trail, &["2"]).await;
}

on_both_stores!(
    a_provider_that_takes_too_long_stores_nothing,
    setup().set("OPENAI_TIMEOUT_MS", "1000"),
    enter_with_patience
);

async fn enter_with_patience(app: &TestApp) {
    let ana = Person::new("ana");
    let enter = async |millis| {
        app.simulator.fail_next(1, Fault::Slow { millis });
        put(app, &ana, "openai", json!({ "key": key(app, "ana", Standing::Good) })).await
    };
    let late = enter(30_000).await;
    assert_eq!((late.status, late.code().as_str()), (503, "provider_unreachable"), "{}", late.text);
    assert_eq!(list(app, &ana).await["keys"], json!([]));
    assert_eq!(enter(200).await.status, 200, "slow is not too slow");
}

on_sqlite!(bad_requests_are_told_what_to_mend, setup(), enter_nonsense);

async fn enter_nonsense(app: &TestApp) {
    let ana = Person::new("ana");
    let good = "sk-user-0123456789-nobodys";
    for (provider, body, status, code, param) in [
        ("openai", json!({ "key": "sk-short" }), 400, "invalid_request", "key"),
        ("openai", json!({ "key": "sk-with a space in it 0123" }), 400, "invalid_request", "key"),
        ("openai", json!({ "key": "x".repeat(513) }), 400, "invalid_request", "key"),
        ("openai", json!({ "key": 5 }), 400, "invalid_request", "key"),
        ("openai", json!({}), 400, "invalid_request", ""),
        ("openai", json!({ "key": good, "more": 1 }), 400, "invalid_request", "more"),
        ("openai", json!({ "key": good, "validate": false }), 403, "not_allowed", "validate"),
        ("elsewhere", json!({ "key": good }), 404, "not_found", ""),
        ("Open%20AI", json!({ "key": good }), 404, "not_found", ""),
    ] {
        let answer = put(app, &ana, provider, body.clone()).await;
        assert_eq!(answer.error(), (status, code.to_owned(), param.to_owned()), "{provider} {body}");
    }
    assert_eq!(validate(app, &ana).await.error(), (404, "not_found".to_owned(), String::new()));
    assert_eq!(app.simulator.requests().len(), 0, "nobody was asked");
    let unsigned = [
        (Method::GET, "/v1/me/keys"),
        (Method::PUT, "/v1/me/keys/openai"),
        (Method::DELETE, "/v1/me/keys/openai"),
        (Method::POST, "/v1/me/keys/openai/validate"),
        (Method::GET, "/v1/admin/users/ana/keys"),
        (Method::PUT, "/v1/admin/users/ana/keys/openai"),
        (Method::DELETE, "/v1/admin/users/ana/keys/openai"),
        (Method::POST, "/v1/admin/users/ana/keys/openai/validate"),
    ];
    for (method, path) in unsigned {
        assert_eq!(send(app.request(method.clone(), path)).await.status, 401, "{method} {path}");
        if path.starts_with("/v1/admin") {
            let user = send(app.request(method.clone(), path).bearer_auth(ana.token())).await;
            assert!(matches!(user.status, 401 | 403), "{method} {path}: {}", user.text);
        }
    }
}

on_sqlite!(without_a_sealing_key_nothing_is_stored, Setup::policy(POLICY), enter_without_sealing);

async fn enter_without_sealing(app: &TestApp) {
    let ana = Person::new("ana");
    let answer = put(app, &ana, "openai", json!({ "key": key(app, "ana", Standing::Good) })).await;
    assert_eq!(answer.error(), (409, "keys_not_stored".to_owned(), String::new()));
    assert!(answer.text.contains("ENCRYPTION_KEYS"));
    assert_eq!(list(app, &ana).await, json!({ "keys": [], "providers": [] }));
    assert_eq!(accounts(app), [""; 0], "nobody was asked");
}

on_sqlite!(
    a_key_may_go_unchecked_where_the_policy_says_so,
    Setup::policy(&format!("defaults.allow_unvalidated_keys = true\n{POLICY}"))
        .set("ENCRYPTION_KEYS", SEALING),
    enter_unchecked
);

async fn enter_unchecked(app: &TestApp) {
    let ana = Person::new("ana");
    app.simulator.set_fault(Fault::ServerError);
    let body = json!({ "key": key(app, "ana", Standing::Good), "validate": false });
    let stored = put(app, &ana, "openai", body).await;
    assert_eq!((stored.status, &stored.json()["state"]), (200, &json!("unvalidated")));
    assert_eq!(accounts(app), [""; 0]);
    app.simulator.clear_fault();
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    app.expect_texts("SELECT state FROM provider_keys", &["valid"]).await;
}

on_sqlite!(what_cannot_be_checked_is_stored_as_it_is, setup(), enter_for_others);

async fn enter_for_others(app: &TestApp) {
    let ana = Person::new("ana");
    for provider in ["exa", "copilotkit"] {
        let stored = put(app, &ana, provider, json!({ "key": "some-key-of-another-provider" })).await;
        assert_eq!((stored.status, &stored.json()["state"]), (200, &json!("unvalidated")));
    }
    assert_eq!(list(app, &ana).await["keys"].as_array().unwrap().len(), 2);
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    assert_eq!(accounts(app), ["default"], "they don't mint");
}

on_both_stores!(operators_do_the_same_for_a_user, setup(), enter_by_an_operator);

async fn enter_by_an_operator(app: &TestApp) {
    let ana = Person::new("ana");
    let path = "/v1/admin/users/ana/keys";
    let own = key(app, "ana", Standing::Good);
    let body = json!({ "key": own });
    let stored = send(app.admin(Method::PUT, &format!("{path}/openai")).json(&body)).await;
    assert_eq!(stored.status, 200, "{}", stored.text);
    assert_eq!(state(app, &ana).await, "valid");
    app.simulator.put_account("ana", &own, Standing::Revoked);
    let judged = send(app.admin(Method::POST, &format!("{path}/openai/validate"))).await;
    assert_eq!((judged.status, &judged.json()["state"]), (200, &json!("refused")));
    let listed = send(app.admin(Method::GET, path)).await;
    assert_eq!(listed.json()["keys"][0]["state"], "refused");
    assert!(!listed.text.contains("0123456789-canary"));
    assert_eq!(send(app.admin(Method::DELETE, &format!("{path}/openai"))).await.status, 204);
    assert_eq!(list(app, &ana).await["keys"], json!([]));
    let trail = send(app.admin(Method::GET, "/v1/admin/audit")).await.json();
    let mut acts: Vec<_> =
        trail["audit"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect();
    acts.sort_unstable();
    assert_eq!(acts, ["delete_provider_key", "judge_provider_key", "put_provider_key"]);
    assert!(trail["audit"].as_array().unwrap().iter().all(|row| row["target"]["user_id"] == "ana"));
}

on_sqlite!(the_disabled_may_look_and_delete, setup(), enter_while_disabled);

async fn enter_while_disabled(app: &TestApp) {
    let ana = Person::new("ana");
    with_key(app, &ana, "ana").await;
    app.database.put_user(&ana.user(), "NULL", "NULL", true).await;
    let body = json!({ "key": key(app, "ana", Standing::Good) });
    assert_eq!(put(app, &ana, "openai", body.clone()).await.code(), "user_disabled");
    assert_eq!(validate(app, &ana).await.code(), "user_disabled");
    assert_eq!(app.mint(&ana, json!({})).await.code(), "user_disabled");
    assert_eq!(accounts(app), [""; 0]);
    let by_an_operator = app.admin(Method::PUT, "/v1/admin/users/ana/keys/openai").json(&body);
    assert_eq!(send(by_an_operator).await.status, 200);
    assert_eq!(state(app, &ana).await, "valid");
    assert_eq!(delete(app, &ana).await.status, 204);
}

on_both_stores!(the_erased_keep_no_keys, setup(), erase_somebody_with_a_key);

async fn erase_somebody_with_a_key(app: &TestApp) {
    let (ana, bea) = (Person::new("ana"), Person::new("bea"));
    with_key(app, &ana, "ana").await;
    with_key(app, &bea, "bea").await;
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    assert_eq!(send(app.request(Method::DELETE, "/v1/me").bearer_auth(ana.token())).await.status, 204);
    assert_eq!(app.database.texts("SELECT count(*) FROM provider_keys").await, ["1"]);
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    assert_eq!(accounts(app), ["ana", "default"], "the next mint is without it");
    assert_eq!(send(app.admin(Method::DELETE, "/v1/admin/users/bea")).await.status, 204);
    assert_eq!(app.database.texts("SELECT count(*) FROM provider_keys").await, ["0"]);
}
