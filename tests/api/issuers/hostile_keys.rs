//! Hostile key sets: what an issuer's server may answer, and what comes of it.

use std::time::Duration;

use ephemint_test_support::{Behaviour, KeyServer, SigningKey, base64url, sign_hs256};

use super::*;

/// A service that may begin to fetch again, and the server that it will ask.
async fn scene(keys: Vec<Value>) -> (TestApp, KeyServer) {
    let server = KeyServer::start(&[]).await;
    server.publish_raw(keys);
    (start(pointed_at(&server)).await, server)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_in_a_key_set_is_none() {
    let secret = b"a-secret-that-is-published-0123456789";
    let oct = |alg: &str| json!({"kty": "oct", "kid": "k", "use": "sig", "alg": alg, "k": base64url(secret)});
    let untyped = json!({"kty": "oct", "kid": "k", "k": base64url(secret)});
    let (app, server) = scene(vec![oct("HS256"), untyped, oct("RS256")]).await;
    for header in [r#"{"alg":"HS256","kid":"k"}"#, r#"{"alg":"HS256"}"#, r#"{"alg":"RS256","kid":"k"}"#] {
        let token = sign_hs256(header, claims(&server).to_string().as_bytes(), secret);
        assert_eq!(mint(&app, &token).await.error(), error(401, "unauthorized"), "{header}");
    }
    assert_eq!(app.simulator.requests().len(), 0);
    app.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_are_weak_or_for_something_else_are_passed_over() {
    let fixture: Value = serde_json::from_str(include_str!("../../fixtures/rsa-1024.json")).unwrap();
    let key = SigningKey::p256("k");
    let for_encryption = json!({"use": "enc"});
    let (app, server) = scene(vec![fixture["jwk"].clone(), with(key.jwk(), &for_encryption)]).await;
    // The fixture's issuer has a name of its own, so it needs a service of its own.
    let short = start(pointed_at(&server).set("JWT_ISSUER", "https://short-key.example")).await;
    let token = fixture["token"].as_str().unwrap();
    assert_eq!(mint(&short, token).await.error(), error(401, "unauthorized"));
    let answer = mint(&app, &key.sign("ES256", &claims(&server))).await;
    assert_eq!(answer.error(), error(401, "unauthorized"));
    assert_eq!(app.simulator.requests().len() + short.simulator.requests().len(), 0);
    app.stop().await;
    short.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_key_set_changes_nothing() {
    let (key, other) = (SigningKey::p256("k"), SigningKey::p256("other"));
    let (app, server) = scene(vec![key.jwk()]).await;
    let elsewhere = KeyServer::start(&[&other]).await;
    let token = |key: &SigningKey| key.sign("ES256", &claims(&server));
    assert_eq!(usage(&app, &token(&key)).await.status, 200);
    let good = json!({"keys": [other.jwk()]}).to_string();
    let huge = format!("{{\"keys\": [{}], \"pad\": \"{}\"}}", other.jwk(), "x".repeat(300_000));
    let many = json!({"keys": vec![other.jwk(); 101]}).to_string();
    let location = vec![("location", elsewhere.keys_url())];
    for (status, headers, body) in [
        (200, vec![], huge),
        (200, vec![], many),
        (200, vec![], "<html>not found</html>".to_owned()),
        (200, vec![], String::new()),
        (200, vec![], "[]".to_owned()),
        (200, vec![], format!("{good}{good}")),
        (301, location.clone(), good.clone()),
        (302, location.clone(), good.clone()),
        (307, location, good.clone()),
        (203, vec![], good.clone()),
        (404, vec![], good.clone()),
        (500, vec![], good),
    ] {
        let body = body.into_bytes();
        let case = format!("{status} {:.60}", String::from_utf8_lossy(&body));
        server.behave(Behaviour { status, headers, body, ..Behaviour::default() });
        app.advance(11);
        let before = server.fetches();
        assert_eq!(usage(&app, &token(&other)).await.error(), error(401, "unauthorized"), "{case}");
        assert_eq!(server.fetches(), before + 1, "{case}");
        assert_eq!(usage(&app, &token(&key)).await.status, 200, "{case}");
    }
    assert_eq!(elsewhere.asked(), Vec::<String>::new());
    app.stop().await;
    elsewhere.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_server_holds_up_nobody_who_can_do_without() {
    let (key, other) = (SigningKey::p256("k"), SigningKey::p256("other"));
    let (app, server) = scene(vec![key.jwk()]).await;
    let token = |key: &SigningKey| key.sign("ES256", &claims(&server));
    assert_eq!(usage(&app, &token(&key)).await.status, 200);
    server.behave(Behaviour { delay: Duration::from_secs(60), ..Behaviour::default() });
    app.advance(700);
    let known = tokio::time::timeout(Duration::from_secs(3), usage(&app, &token(&key))).await.unwrap();
    assert_eq!(known.status, 200);
    let unknown = tokio::time::timeout(Duration::from_secs(15), usage(&app, &token(&other))).await.unwrap();
    assert_eq!(unknown.error(), error(401, "unauthorized"));
    app.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_configuration_speaks_for_its_own_issuer_only() {
    let key = SigningKey::p256("k");
    let server = KeyServer::start(&[&key]).await;
    let (base, keys) = (server.base().to_owned(), server.keys_url());
    for configuration in [
        json!({"issuer": "https://other.example", "jwks_uri": keys}),
        json!({"issuer": format!("{base}/"), "jwks_uri": keys}),
        json!({"issuer": "https://login.example/{tenantid}/v2.0", "jwks_uri": keys}),
        json!({"issuer": [base], "jwks_uri": keys}),
        json!({"jwks_uri": keys}),
        json!({"issuer": base}),
        json!({"issuer": base, "jwks_uri": "keys"}),
        json!({"issuer": base, "jwks_uri": "file:///etc/passwd"}),
        json!({"issuer": base, "jwks_uri": "http://192.0.2.1/keys"}),
        json!("configuration"),
    ] {
        let body = json!({"keys": [key.jwk()]}).to_string().into_bytes();
        let configuration = Some(configuration);
        server.behave(Behaviour { configuration: configuration.clone(), body, ..Behaviour::default() });
        let app = start(discovered(&server)).await;
        let answer = mint(&app, &key.sign("ES256", &claims(&server))).await;
        assert_eq!(answer.error(), error(503, "keys_unavailable"), "{configuration:?}");
        app.stop().await;
    }
    assert_eq!(server.fetches(), 0);
    server.stop().await;
}
