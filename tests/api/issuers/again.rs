//! Tokens that come again: they are known, and are held to the keys and the time of now all the same.

use std::time::Duration;

use ephemint::kernel::clock::Clock;
use ephemint_test_support::{Person, SigningKey};

use super::*;

async fn expect(app: &TestApp, token: &str, status: u16) {
    let mut last = 0;
    for _ in 0..200 {
        last = usage(app, token).await.status;
        if last == status {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(last, status, "it stayed so for two seconds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawn_key_takes_its_tokens_along() {
    let (old, new) = (SigningKey::p256("old"), SigningKey::p256("new"));
    let server = KeyServer::start(&[&old]).await;
    let app = start(pointed_at(&server)).await;
    let token = old.sign("ES256", &claims(&server));
    for _ in 0..3 {
        assert_eq!(usage(&app, &token).await.status, 200);
    }
    server.publish(&[&new]);
    app.advance(601);
    expect(&app, &token, 401).await;
    // Another key under the same name is another key.
    server.publish(&[&SigningKey::p256("old")]);
    app.advance(601);
    let fetches = server.fetches();
    while server.fetches() == fetches {
        assert_eq!(usage(&app, &token).await.status, 401);
    }
    assert_eq!(usage(&app, &token).await.status, 401);
    server.publish(&[&old]);
    app.advance(601);
    expect(&app, &token, 200).await;
    app.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_are_too_old_serve_nobody_however_often_they_came() {
    let key = SigningKey::p256("key");
    let server = KeyServer::start(&[&key]).await;
    let app = start(pointed_at(&server).set("JWKS_MAX_STALE_SECONDS", "7200")).await;
    let token = key.sign("ES256", &claims(&server));
    assert_eq!(usage(&app, &token).await.status, 200);
    server.stop().await;
    app.advance(7200);
    assert_eq!(usage(&app, &token).await.status, 200);
    app.advance(1);
    assert_eq!(usage(&app, &token).await.error(), error(503, "keys_unavailable"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_was_good_expires() {
    let app = start(Setup::default()).await;
    let now = app.clock.now().timestamp();
    // The clocks of two machines may be half a minute apart.
    let token = Person::new("ana").with("nbf", json!(now)).with("exp", json!(now + 100)).token();
    for (seconds, status) in
        [(0, 200), (0, 200), (129, 200), (1, 401), (-1, 200), (-159, 200), (-1, 401), (1, 200)]
    {
        app.advance(seconds);
        assert_eq!(usage(&app, &token).await.status, status, "{seconds}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_known_token_does_not_speak_for_its_like() {
    let app = start(Setup::default()).await;
    let token = Person::new("ana").token();
    assert_eq!(usage(&app, &token).await.status, 200);
    let (message, signature) = token.rsplit_once('.').unwrap();
    let other = Person::new("bo").token();
    let (others, _) = other.rsplit_once('.').unwrap();
    for like in
        [format!("{others}.{signature}"), format!("{message}."), message.to_owned(), format!("{token}A")]
    {
        assert_eq!(usage(&app, &like).await.status, 401, "{like}");
    }
    app.stop().await;
}
