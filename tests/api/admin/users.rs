//! What is decided about users, and what comes of it.

use ephemint_test_support::{Answer, Person, Setup, TestApp, on_both_stores, on_sqlite, send};
use reqwest::Method;
use serde_json::{Value, json};

use super::{POLICY, all, ana, get, path, put, setup};

on_both_stores!(what_was_put_is_got, setup(), put_and_get);

async fn put_and_get(app: &TestApp) {
    let path = path("ana");
    assert_eq!(get(app, &path).await.error(), (404, "not_found".to_owned(), String::new()));
    let decided = json!({
        "role": "boss", "display_name": "Ana “A” Núñez", "disabled": false, "hourly_limit": 7,
        "hourly_limit_until": "2026-11-20T14:00:00+01:00",
    });
    let first = put(app, "ana", decided.clone()).await;
    let mut expected = decided.clone();
    for (name, value) in [
        ("user_id", "ana"),
        ("subject", "ana"),
        ("issuer", "https://sign-in.example"),
        ("hourly_limit_until", "2026-11-20T13:00:00.000Z"),
        ("created_at", "2026-11-20T12:00:00.000Z"),
        ("updated_at", "2026-11-20T12:00:00.000Z"),
    ] {
        expected[name] = value.into();
    }
    assert_eq!((first.status, first.json()), (200, expected.clone()));
    assert_eq!(get(app, &path).await.json(), expected);
    app.advance(1);
    expected["updated_at"] = "2026-11-20T12:00:01.000Z".into();
    assert_eq!(put(app, "ana", decided).await.json(), expected, "again is the same");

    // What is left out is decided no more.
    let nothing = put(app, "ana", json!({})).await.json();
    for name in ["role", "display_name", "hourly_limit", "hourly_limit_until"] {
        assert_eq!(nothing[name], Value::Null, "{name}");
    }
    assert_eq!(nothing["disabled"], false);
}

on_sqlite!(names_of_all_kinds_are_addresses, setup(), put_strange_names);

async fn put_strange_names(app: &TestApp) {
    for sub in ["a/b", "a|b", "auth0|5f7c8ec7", "a b+c%2F", "é", "?x=y#z", "\"", &"x".repeat(255)] {
        let answer = put(app, sub, json!({"disabled": true})).await;
        assert_eq!((answer.status, answer.json()["subject"].as_str()), (200, Some(sub)), "{}", answer.text);
        assert_eq!(app.mint(&Person::new(sub), json!({})).await.code(), "user_disabled", "{sub}");
    }
    for bad in ["a\0", "a\n", &"x".repeat(256)] {
        let expected = (400, "invalid_request".to_owned(), "id".to_owned());
        assert_eq!(put(app, bad, json!({})).await.error(), expected, "{bad:?}");
    }
}

on_sqlite!(bad_decisions_are_refused, setup(), put_bad_decisions);

async fn put_bad_decisions(app: &TestApp) {
    for (body, param, says) in [
        (json!({"role": "king"}), "role", "it has: guest, boss, helper"),
        (json!({"role": ""}), "role", "it has: guest, boss, helper"),
        (json!({"display_name": " "}), "display_name", "1 to 255 bytes"),
        (json!({"display_name": "a\u{7}"}), "display_name", "control"),
        (json!({"display_name": "é".repeat(128)}), "display_name", "255"),
        (json!({"hourly_limit": 1001}), "hourly_limit", "0 to 1000"),
        (json!({"hourly_limit": 70_000}), "hourly_limit", "0 to 1000"),
        (json!({"hourly_limit": -1}), "hourly_limit", "not a whole number"),
        (json!({"hourly_limit": 1.5}), "hourly_limit", "not a whole number"),
        (json!({"hourly_limit_until": "2026-12-01T00:00:00Z"}), "hourly_limit_until", "`hourly_limit`"),
        (json!({"hourly_limit": 1, "hourly_limit_until": "tomorrow"}), "hourly_limit_until", "RFC 3339"),
        (json!({"disabled": "yes"}), "disabled", "boolean"),
        (json!({"disable": true}), "disable", "unknown field"),
        (json!([]), "", "an object"),
    ] {
        let answer = put(app, "ana", body.clone()).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned(), param.to_owned()), "{body}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(says), "{body}: {}", answer.text);
    }
    assert_eq!(send(app.admin(Method::PUT, &path("ana"))).await.status, 400, "no body decides nothing");
    assert_eq!(app.database.texts("SELECT count(*) FROM users").await, ["0"]);
    for query in ["?issuer=https://other.example", "?issuer=", "?isuer=x", "?issuer=a&issuer=b"] {
        assert_eq!(get(app, &format!("{}{query}", path("ana"))).await.status, 400, "{query}");
    }
}

on_both_stores!(an_own_limit_goes_before_that_of_the_role, setup(), mint_under_own_limits);

async fn mint_under_own_limits(app: &TestApp) {
    let limit = async || {
        let (usage, minted) = (app.usage(&ana()).await, app.mint(&ana(), json!({})).await);
        let limit = usage.json()["rate_limit"]["limit"].as_u64().unwrap();
        assert!(usage.header("ratelimit-policy").contains(&format!("q={limit};")));
        (limit, minted.status)
    };
    for used in 0..2 {
        assert_eq!(limit().await, (2, 200), "{used}");
    }
    assert_eq!(limit().await, (2, 429));
    put(app, "ana", json!({"hourly_limit": 3, "hourly_limit_until": "2026-11-20T12:10:00Z"})).await;
    assert_eq!(limit().await, (3, 200));
    let refused = app.mint(&ana(), json!({})).await;
    assert_eq!((refused.status, refused.header("ratelimit-policy")), (429, "\"hourly\";q=3;w=3600"));
    app.advance(599);
    assert_eq!(app.usage(&ana()).await.json()["rate_limit"]["limit"], 3);
    app.advance(1);
    assert_eq!(limit().await, (2, 429), "it has expired, and the role's holds again");
    app.advance(3600);
    assert_eq!(limit().await, (2, 200));
    put(app, "ana", json!({"hourly_limit": 0})).await;
    assert_eq!(limit().await, (0, 429));
    put(app, "ana", json!({})).await;
    assert_eq!(limit().await, (2, 200));
    assert_eq!(app.mint(&Person::new("bea"), json!({})).await.json()["rate_limit"]["limit"], 2);
}

on_both_stores!(decisions_take_hold_at_once, setup(), decide_and_mint);

async fn decide_and_mint(app: &TestApp) {
    let limit = |answer: Answer| answer.json()["rate_limit"]["limit"].clone();
    assert_eq!(limit(app.mint(&ana(), json!({})).await), 2);
    put(app, "ana", json!({"disabled": true, "role": "boss"})).await;
    assert_eq!(app.mint(&ana(), json!({})).await.code(), "user_disabled");
    put(app, "ana", json!({"role": "boss"})).await;
    assert_eq!(limit(app.mint(&ana(), json!({})).await), 10);
    app.advance(3600);
    put(app, "ana", json!({})).await;
    assert_eq!(limit(app.mint(&ana(), json!({})).await), 2);
}

on_both_stores!(users_are_listed_by_pages, setup(), list_users);

async fn list_users(app: &TestApp) {
    for n in 0..7 {
        put(app, &format!("pupil-{n}"), json!({})).await;
    }
    put(app, "teacher", json!({})).await;
    let ids = |users: &[Value]| -> Vec<String> {
        users.iter().map(|user| user["user_id"].as_str().unwrap().to_owned()).collect()
    };
    let pupils: Vec<String> = (0..7).map(|n| format!("pupil-{n}")).collect();
    assert_eq!(ids(&all(app, "/v1/admin/users?prefix=pupil-&limit=3", "users").await), pupils);
    assert_eq!(all(app, "/v1/admin/users?limit=8", "users").await.len(), 8);
    assert_eq!(ids(&all(app, "/v1/admin/users?prefix=t", "users").await), ["teacher"]);

    // Whoever comes or goes while somebody turns the pages, nobody else is missed or seen twice.
    let first = get(app, "/v1/admin/users?limit=3").await.json();
    put(app, "a-new-one", json!({})).await;
    put(app, "pupil-5a", json!({})).await;
    assert_eq!(send(app.admin(Method::DELETE, &path("pupil-2"))).await.status, 204);
    let next = first["next_cursor"].as_str().unwrap();
    let second = get(app, &format!("/v1/admin/users?limit=100&cursor={next}")).await.json();
    assert_eq!(
        ids(second["users"].as_array().unwrap()),
        ["pupil-3", "pupil-4", "pupil-5", "pupil-5a", "pupil-6", "teacher"]
    );
    for (query, param) in [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=x", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=abcd", "cursor"),
        ("cursor=", "cursor"),
        ("prefix=%00", "prefix"),
        ("page=2", ""),
        ("limit=1&limit=2", ""),
    ] {
        let expected = (400, "invalid_request".to_owned(), param.to_owned());
        assert_eq!(get(app, &format!("/v1/admin/users?{query}")).await.error(), expected, "{query}");
    }
}

on_sqlite!(
    an_issuer_without_a_name_has_to_be_said,
    Setup::policy(POLICY).with_operator().set("JWT_ISSUER", ""),
    put_by_issuer
);

async fn put_by_issuer(app: &TestApp) {
    let expected = (400, "invalid_request".to_owned(), "issuer".to_owned());
    assert_eq!(put(app, "ana", json!({"disabled": true})).await.error(), expected);
    let answer = send(
        app.admin(Method::PUT, "/v1/admin/users/ana?issuer=https%3A%2F%2Fsign-in.example")
            .json(&json!({"disabled": true})),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(app.mint(&ana(), json!({})).await.code(), "user_disabled");
    let other = ana().with("iss", json!("https://other.example"));
    assert_eq!(app.mint(&other, json!({})).await.status, 200);
}
