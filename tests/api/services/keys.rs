//! Keys of users, for backends that may read them.

use ephemint_test_support::{
    ADMIN_TOKEN, ISSUER, Person, Setup, StoreKind, TestApp, on_both_stores, on_sqlite, send,
};
use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::{Value, json};

use super::{POLICY, add, closed, read, setup, store_key, trail};

fn error(status: u16, code: &str, param: &str) -> (u16, String, String) {
    (status, code.to_owned(), param.to_owned())
}

on_both_stores!(a_backend_reads_the_key_of_this_user_and_no_other, setup(), read_keys);

async fn read_keys(app: &TestApp) {
    let (ana, bea) = (store_key(app, "ana", "exa").await, store_key(app, "bea", "exa").await);
    let copilot = store_key(app, "ana", "copilotkit").await;
    let secret = add(app, "tutor", &["keys:read"], &["exa", "openai"]).await;
    let answer = read(app, &secret, "ana", "exa").await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "provider": "exa", "key": ana })));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(read(app, &secret, "bea", "exa").await.json()["key"], bea);
    assert_eq!(read(app, &secret, "cy", "exa").await.error(), error(404, "not_found", ""));
    assert_eq!(
        read(app, &secret, "ana", "openai").await.error(),
        error(404, "not_found", ""),
        "never the operator's"
    );
    let other = read(app, &secret, "ana", "copilotkit").await;
    assert_eq!(other.error(), error(403, "not_allowed", "provider"));
    assert!(!other.text.contains(&copilot));
    let last_used = "SELECT count(*) FROM provider_keys WHERE last_used_at IS NOT NULL";
    app.expect_texts(last_used, &["2"]).await;
}

on_both_stores!(every_read_and_every_refusal_is_in_the_trail, setup(), read_and_look);

async fn read_and_look(app: &TestApp) {
    let key = store_key(app, "ana", "exa").await;
    let tutor = add(app, "tutor", &["keys:read"], &["exa"]).await;
    let minter = add(app, "minter", &["mint"], &["exa"]).await;
    assert_eq!(read(app, &tutor, "ana", "exa").await.status, 200);
    for _ in 0..3 {
        assert_eq!(read(app, &tutor, "bea", "exa").await.status, 404);
    }
    assert_eq!(read(app, &tutor, "ana", "gemini").await.status, 403);
    assert_eq!(read(app, &tutor, "ana", "No Name").await.error(), error(400, "invalid_request", "provider"));
    assert_eq!(read(app, &minter, "ana", "exa").await.error(), error(403, "not_allowed", ""));
    assert_eq!(read(app, "eph_svc_nobody", "ana", "exa").await.status, 401);
    app.advance(60);
    app.expect_texts("SELECT count(*) FROM audit WHERE action IN ('read_provider_key', 'request')", &["6"])
        .await;
    let row = |result: &str, reason: &str, user: &str| {
        (result.to_owned(), "tutor".to_owned(), reason.to_owned(), user.to_owned())
    };
    let mut rows = trail(app, "read_provider_key").await;
    rows.sort();
    let mut expected = [
        row("done", "marking homework", "ana"),
        row("not_found", "marking homework", "bea"),
        row("not_allowed", "marking homework", "ana"),
        row("invalid_request", "", "ana"),
    ];
    expected.sort();
    assert_eq!(rows, expected);
    let requests =
        "SELECT actor || ' ' || result || ' ' || count FROM audit WHERE action = 'request' ORDER BY 1";
    assert_eq!(
        app.database.texts(requests).await,
        ["service_credential not_allowed 1", "stranger unauthorized 1"]
    );
    let of_bea = "SELECT count FROM audit WHERE result = 'not_found'";
    assert_eq!(app.database.texts(of_bea).await, ["3"]);
    let of_minter = trail(app, "request").await.into_iter().find(|row| row.0 == "not_allowed");
    assert_eq!(of_minter.unwrap().1, "minter");
    let everything = send(app.admin(Method::GET, "/v1/admin/audit?limit=500")).await.text;
    assert!(!everything.contains(&key) && !everything.contains("eph_svc_"));
}

on_sqlite!(a_key_wants_a_reason, setup(), give_reasons);

async fn give_reasons(app: &TestApp) {
    let key = store_key(app, "ana", "exa").await;
    let secret = add(app, "tutor", &["keys:read"], &["exa"]).await;
    let request = || app.request(Method::GET, "/v1/service/users/ana/keys/exa").bearer_auth(&secret);
    let long = "x".repeat(200);
    for good in ["x", "prueba de otoño, año 2", &long] {
        app.advance(1);
        let answer = send(request().header("x-reason", good.as_bytes())).await;
        assert_eq!(answer.json()["key"], key, "{good}");
    }
    let longer = "é".repeat(201);
    for bad in [&b""[..], b"  ", b"a\tb", b"\xff\xfe", longer.as_bytes()] {
        let answer = send(request().header("x-reason", bad)).await;
        assert_eq!(answer.error(), error(400, "invalid_request", "X-Reason"), "{bad:?}");
    }
    let twice = request().header("x-reason", "one").header("x-reason", "two");
    for bad in [request(), twice] {
        assert_eq!(send(bad).await.error(), error(400, "invalid_request", "X-Reason"));
    }
    let reasons: Vec<_> = trail(app, "read_provider_key").await.into_iter().map(|row| row.2).collect();
    assert_eq!(reasons, ["x", "prueba de otoño, año 2", &long]);
}

on_both_stores!(nobody_reads_keys_where_that_is_off, closed(), read_in_vain);

async fn read_in_vain(app: &TestApp) {
    let key = store_key(app, "ana", "exa").await;
    let secret = add(app, "tutor", &["keys:read"], &["exa"]).await;
    let answer = read(app, &secret, "ana", "exa").await;
    assert_eq!(answer.error(), error(403, "service_key_access_off", ""));
    assert!(!answer.text.contains(&key));
    app.advance(60);
    app.expect_texts(
        "SELECT result FROM audit WHERE action = 'read_provider_key'",
        &["service_key_access_off"],
    )
    .await;
}

on_both_stores!(users_who_are_gone_have_no_keys, setup(), disable_and_erase);

async fn disable_and_erase(app: &TestApp) {
    for user in ["ana", "bea"] {
        store_key(app, user, "exa").await;
    }
    let secret = add(app, "tutor", &["keys:read"], &["exa"]).await;
    let path = |user: &str| format!("/v1/admin/users/{user}");
    assert_eq!(send(app.admin(Method::PUT, &path("ana")).json(&json!({"disabled": true}))).await.status, 200);
    assert_eq!(read(app, &secret, "ana", "exa").await.error(), error(403, "user_disabled", ""));
    assert_eq!(send(app.admin(Method::DELETE, &path("bea"))).await.status, 204);
    assert_eq!(read(app, &secret, "bea", "exa").await.error(), error(404, "not_found", ""));
}

on_both_stores!(a_key_that_was_moved_to_another_user_does_not_open, setup(), move_a_key);

async fn move_a_key(app: &TestApp) {
    let ana = store_key(app, "ana", "exa").await;
    store_key(app, "bea", "exa").await;
    let secret = add(app, "tutor", &["keys:read"], &["exa"]).await;
    // Whoever can write to the database gives bea what is ana's.
    let swap = "UPDATE provider_keys SET sealed = (SELECT max(sealed) FROM provider_keys)";
    let same = match app.store {
        StoreKind::Postgres => swap
            .replace("max(sealed)", "sealed")
            .replace("FROM provider_keys)", "FROM provider_keys ORDER BY user_key LIMIT 1)"),
        StoreKind::Sqlite => swap.to_owned(),
    };
    app.database.execute(&same).await;
    let answers = [read(app, &secret, "ana", "exa").await, read(app, &secret, "bea", "exa").await];
    let unreadable = error(409, "provider_key_unreadable", "");
    assert_eq!(answers.iter().filter(|answer| answer.error() == unreadable).count(), 1);
    assert!(!answers[1].text.contains(&ana));
}

on_sqlite!(no_other_credential_stands_in, setup(), try_others);

async fn try_others(app: &TestApp) {
    store_key(app, "ana", "exa").await;
    let path = "/v1/service/users/ana/keys/exa";
    let own = Person::new("ana").token();
    for (credential, who) in [(own.as_str(), "the user"), (ADMIN_TOKEN, "the operator")] {
        let request = app.request(Method::GET, path).bearer_auth(credential).header("x-reason", "curiosity");
        assert_eq!(send(request).await.error(), error(401, "unauthorized", ""), "{who}");
    }
}

on_both_stores!(the_issuer_says_which_namesake, setup_with_two_issuers(), read_namesakes);

fn setup_with_two_issuers() -> Setup {
    let policy = format!("{}\n[[issuers]]\nissuer = 'partner'\nsecret_env = 'PARTNER_SECRET'\n", POLICY);
    Setup { policy: Some(policy), ..setup() }.set("PARTNER_SECRET", "the-secret-of-a-partner-0123456789")
}

async fn read_namesakes(app: &TestApp) {
    let first = store_key(app, "ana", "exa").await;
    let secret = add(app, "tutor", &["keys:read"], &["exa"]).await;
    let read = async |query: &str| read(app, &secret, "ana", &format!("exa{query}")).await;
    assert_eq!(read("").await.error(), error(400, "invalid_request", "issuer"));
    let (own, other) = (ISSUER, "partner");
    assert_eq!(read(&format!("?issuer={own}")).await.json()["key"], Value::from(first));
    assert_eq!(read(&format!("?issuer={other}")).await.error(), error(404, "not_found", ""));
    assert_eq!(read("?issuer=https://third.example").await.error(), error(400, "invalid_request", "issuer"));
    assert_eq!(read(&format!("?issuer={own}&more=1")).await.error(), error(400, "invalid_request", ""));
}

on_both_stores!(many_backends_at_once_never_get_anybody_elses_key, setup(), read_at_once);

async fn read_at_once(app: &TestApp) {
    const PROVIDERS: [&str; 2] = ["exa", "copilotkit"];
    let users: Vec<String> = (0..20).map(|n| format!("user-{n}")).collect();
    let mut keys = Vec::new();
    for user in &users {
        for provider in PROVIDERS {
            keys.push((user.as_str(), provider, store_key(app, user, provider).await));
        }
    }
    let mut secrets = Vec::new();
    for provider in PROVIDERS {
        secrets.push(add(app, &format!("for-{provider}"), &["keys:read"], &[provider]).await);
    }
    let reads = keys.iter().flat_map(|(user, provider, key)| {
        PROVIDERS.iter().zip(&secrets).map(move |(of, secret)| async move {
            let answer = read(app, secret, user, provider).await;
            match of == provider {
                true => assert_eq!(answer.json(), json!({ "provider": provider, "key": key })),
                false => assert_eq!(answer.error(), error(403, "not_allowed", "provider")),
            }
        })
    });
    // As many at once as there are connections, or some would have to wait for longer than they may.
    futures_util::stream::iter(reads).buffer_unordered(8).collect::<Vec<()>>().await;
    let rows = "SELECT count(*) FROM audit WHERE action = 'read_provider_key' AND result = 'done'";
    assert_eq!(app.database.texts(rows).await, ["40"], "each is written down before it is answered");
}
