//! Every algorithm, under a key that is fit for it and under none other.

use ephemint_test_support::{KeyServer, SigningKey};

use super::*;

const RSA: [&str; 6] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_of_every_algorithm_open_the_service() {
    let keys = [
        (SigningKey::rsa("rsa"), &RSA[..]),
        (SigningKey::p256("p-256"), &["ES256"]),
        (SigningKey::p384("p-384"), &["ES384"]),
        (SigningKey::ed25519("ed"), &["EdDSA"]),
    ];
    let server = KeyServer::start(&keys.each_ref().map(|(key, _)| key)).await;
    for setup in [discovered(&server), pointed_at(&server)] {
        let app = start(setup).await;
        for (key, algorithms) in &keys {
            for algorithm in *algorithms {
                let answer = mint(&app, &key.sign(algorithm, &claims(&server))).await;
                assert_eq!(answer.status, 200, "{algorithm}: {}", answer.text);
                app.advance(3600);
            }
        }
        app.stop().await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_has_its_algorithm_and_no_other() {
    let (rsa, ec) = (SigningKey::rsa("rsa"), SigningKey::p256("ec"));
    let server = KeyServer::start(&[]).await;
    let mut pinned = rsa.jwk();
    pinned["alg"] = json!("RS256");
    server.publish_raw(vec![pinned, ec.jwk()]);
    let app = start(pointed_at(&server)).await;
    assert_eq!(usage(&app, &rsa.sign("RS256", &claims(&server))).await.status, 200);
    for algorithm in &RSA[1..] {
        let answer = usage(&app, &rsa.sign(algorithm, &claims(&server))).await;
        assert_eq!(answer.error(), error(401, "unauthorized"), "{algorithm}");
    }
    // A header that says one thing over a signature that is another.
    for (said, key) in [("ES256", &rsa), ("RS256", &ec), ("EdDSA", &ec), ("ES384", &ec), ("HS256", &rsa)] {
        let header = json!({"alg": said, "kid": key.id}).to_string();
        let token = key.sign_as("RS256", &header, claims(&server).to_string().as_bytes());
        assert_eq!(usage(&app, &token).await.error(), error(401, "unauthorized"), "{said}");
    }
    app.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issuer_may_be_held_to_some_algorithms() {
    let (rsa, ec) = (SigningKey::rsa("rsa"), SigningKey::p256("ec"));
    let server = KeyServer::start(&[&rsa, &ec]).await;
    let policy = format!(
        "{}\n[[issuers]]\nissuer = '{}'\naudience = 'voice'\nalgorithms = ['RS256']",
        several::ROLES,
        server.base()
    );
    let app = start(Setup { policy: Some(policy), ..asymmetric() }).await;
    assert_eq!(usage(&app, &rsa.sign("RS256", &claims(&server))).await.status, 200);
    for (key, algorithm) in [(&rsa, "PS256"), (&rsa, "RS512"), (&ec, "ES256")] {
        let answer = usage(&app, &key.sign(algorithm, &claims(&server))).await;
        assert_eq!(answer.error(), error(401, "unauthorized"), "{algorithm}");
    }
    app.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_need_not_name_its_key_where_there_is_one() {
    let (first, second) = (SigningKey::p256("first"), SigningKey::p256("second"));
    let server = KeyServer::start(&[&first]).await;
    let app = start(pointed_at(&server)).await;
    let unnamed = first.sign_as("ES256", r#"{"alg":"ES256"}"#, claims(&server).to_string().as_bytes());
    assert_eq!(usage(&app, &unnamed).await.status, 200);
    server.publish(&[&first, &second]);
    app.advance(11);
    assert_eq!(usage(&app, &second.sign("ES256", &claims(&server))).await.status, 200, "fetched");
    assert_eq!(usage(&app, &unnamed).await.error(), error(401, "unauthorized"), "which of the two?");
    app.stop().await;
    server.stop().await;
}
