//! Every route for operators with every credential that there may be.

use ephemint::http::endpoints;
use ephemint_test_support::{
    ADMIN_TOKEN, METRICS, MINT, Person, Setup, TestApp, USAGE, on_both_stores, on_sqlite, send,
};
use reqwest::Method;
use serde_json::json;

use super::{POLICY, put, setup};

const EVENTS: &str = "/v1/admin/events";

/// Every operation that is for operators.
fn operations() -> Vec<(Method, String)> {
    let ours = |path: &str| path.starts_with("/v1/admin/") || path == METRICS;
    let endpoints = endpoints().into_iter().filter(|endpoint| ours(endpoint.path));
    let operations: Vec<_> = endpoints
        .flat_map(|endpoint| {
            let path = endpoint.path.replace("{id}", "somebody").replace("{provider}", "openai");
            endpoint
                .methods()
                .map(|method| (method.as_str().parse().unwrap(), path.clone()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(operations.len() >= 7, "{operations:?}");
    operations
}

async fn answer(app: &TestApp, operation: &(Method, String), authorization: Option<&str>) -> (u16, String) {
    let (method, path) = operation;
    let request = authorization
        .iter()
        .fold(app.request(method.clone(), path), |request, value| request.header("authorization", *value));
    let request = request.json(&json!({}));
    if path == EVENTS && authorization.is_some() {
        let listening = request.try_clone().unwrap().send().await.unwrap();
        if listening.status() == 200 {
            // It has no end that could be waited for.
            return (200, String::new());
        }
    }
    let answer = send(request).await;
    (answer.status, answer.code())
}

/// No matter what it is, it opens nothing.
async fn expect_refused(app: &TestApp, authorization: Option<&str>, expected: (u16, &str), who: &str) {
    for operation in operations() {
        let (status, code) = answer(app, &operation, authorization).await;
        assert_eq!((status, code.as_str()), expected, "{who}: {operation:?}");
    }
}

async fn expect_let_in(app: &TestApp, authorization: &str, who: &str) {
    for operation in operations() {
        let (status, code) = answer(app, &operation, Some(authorization)).await;
        // What is sent is looked at, and what is asked for, only when it is known who asks.
        let is_in =
            status < 300 || matches!((status, code.as_str()), (404, "not_found") | (400, "invalid_request"));
        assert!(is_in, "{who}: {operation:?} answers {status} {code}");
    }
}

on_both_stores!(every_route_with_every_credential, setup(), try_every_credential);

async fn try_every_credential(app: &TestApp) {
    for (sub, decided) in [
        ("by-table", json!({"role": "boss"})),
        ("disabled", json!({"role": "boss", "disabled": true})),
        ("disabled-by-claim", json!({"disabled": true})),
        ("degraded", json!({"role": "guest"})),
    ] {
        assert_eq!(put(app, sub, decided).await.status, 200);
    }
    let bearer = |person: &Person| format!("Bearer {}", person.token());
    let boss = |sub: &str| Person::new(sub).as_role("boss");

    expect_let_in(app, &format!("Bearer {ADMIN_TOKEN}"), "the operator's token").await;
    expect_let_in(app, &bearer(&boss("by-claim")), "an operator by claim").await;
    expect_let_in(app, &bearer(&Person::new("by-table")), "an operator by the table").await;

    let unsigned = format!("{}.", boss("ana").token().rsplit_once('.').unwrap().0);
    for (credential, who) in [
        (String::new(), "empty"),
        ("Bearer garbage".to_owned(), "garbage"),
        (format!("Basic {ADMIN_TOKEN}"), "another scheme"),
        (format!("Bearer {ADMIN_TOKEN}x"), "almost the operator's token"),
        (format!("Bearer {unsigned}"), "a JWT without its signature"),
        (bearer(&boss("ana").with("exp", json!(1_700_000_000))), "an operator whose JWT has expired"),
        (bearer(&boss("ana").with("iss", json!("https://other.example"))), "an operator of another issuer"),
    ] {
        expect_refused(app, Some(&credential), (401, "unauthorized"), who).await;
    }
    expect_refused(app, None, (401, "unauthorized"), "nobody").await;

    let own_words = json!({"role": "boss", "full_name": "boss"});
    for (person, who) in [
        (Person::new("ana"), "a user"),
        (Person::new("ana").as_role("helper"), "a user of another role"),
        (Person::new("boss"), "a user called like the role"),
        (Person::new("ana").with("user_metadata", own_words), "a user who writes the role themselves"),
        (Person::new("ana").with("role", json!("boss")), "a user with the role where nobody looks"),
        (boss("degraded"), "an operator who was given a lesser role"),
    ] {
        expect_refused(app, Some(&bearer(&person)), (403, "not_allowed"), who).await;
    }
    for (person, who) in [
        (Person::new("disabled"), "a disabled operator by the table"),
        (boss("disabled-by-claim"), "a disabled operator by claim"),
    ] {
        expect_refused(app, Some(&bearer(&person)), (403, "user_disabled"), who).await;
    }
}

on_sqlite!(the_operators_token_opens_nothing_of_users, setup(), try_as_a_user);

async fn try_as_a_user(app: &TestApp) {
    for (method, path) in [
        (Method::POST, MINT),
        (Method::GET, USAGE),
        (Method::DELETE, "/v1/me"),
        (Method::GET, "/v1/me/keys"),
        (Method::PUT, "/v1/me/keys/openai"),
        (Method::DELETE, "/v1/me/keys/openai"),
        (Method::POST, "/v1/me/keys/openai/validate"),
    ] {
        let answer = send(app.admin(method, path)).await;
        assert_eq!(answer.error(), (401, "unauthorized".to_owned(), String::new()), "{path}");
    }
}

on_sqlite!(without_roles_no_jwt_is_enough, Setup::policy(POLICY).with_operator(), try_without_roles);

async fn try_without_roles(app: &TestApp) {
    let boss = format!("Bearer {}", Person::new("ana").as_role("boss").token());
    expect_refused(app, Some(&boss), (401, "unauthorized"), "a role that makes nobody an operator").await;
}

on_sqlite!(roles_do_without_a_token, Setup::policy(POLICY).set("ADMIN_ROLES", "boss"), try_without_a_token);

async fn try_without_a_token(app: &TestApp) {
    expect_let_in(app, &format!("Bearer {}", Person::new("ana").as_role("boss").token()), "an operator")
        .await;
    expect_refused(app, Some(&format!("Bearer {ADMIN_TOKEN}")), (401, "unauthorized"), "a token of nobody")
        .await;
}

on_sqlite!(
    what_everybody_has_makes_nobody_an_operator,
    Setup::policy(POLICY).set("ADMIN_ROLES", "guest"),
    try_by_default
);

async fn try_by_default(app: &TestApp) {
    let guest = format!("Bearer {}", Person::new("ana").token());
    expect_refused(app, Some(&guest), (403, "not_allowed"), "the default role").await;
    let given = format!("Bearer {}", Person::new("ana").as_role("guest").token());
    expect_let_in(app, &given, "the default role, given").await;
}
