//! Hostile tokens: in their signature, their header and their size. None is taken, none reaches the provider, none is a
//! failure of ours.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use ephemint_test_support::{KeyServer, SigningKey, base64url, jwt, sign_hs256};

use super::*;

/// A service with an RSA key in its issuer's set, the issuer's server, and the key.
pub(super) struct Scene {
    pub(super) app: TestApp,
    pub(super) server: KeyServer,
    pub(super) key: SigningKey,
}

impl Scene {
    pub(super) async fn begin() -> Self {
        let key = SigningKey::rsa("k");
        let server = KeyServer::start(&[&key]).await;
        let app = start(pointed_at(&server)).await;
        let scene = Self { app, server, key };
        assert_eq!(usage(&scene.app, &scene.good()).await.status, 200);
        scene
    }

    pub(super) fn good(&self) -> String {
        self.key.sign("RS256", &claims(&self.server))
    }

    pub(super) fn payload(&self) -> Vec<u8> {
        claims(&self.server).to_string().into_bytes()
    }

    /// Good claims under any header, with a true signature.
    pub(super) fn under(&self, header: &str) -> String {
        self.key.sign_as("RS256", header, &self.payload())
    }

    /// None of these is taken.
    pub(super) async fn expect_refused(&self, tokens: &[String]) {
        for token in tokens {
            for answer in [mint(&self.app, token).await, usage(&self.app, token).await] {
                assert_eq!(answer.error(), error(401, "unauthorized"), "{token:.300}");
                assert!(answer.text.len() < 1_000, "{}", answer.text);
            }
        }
        assert_eq!(self.app.simulator.requests().len(), 0);
    }

    pub(super) async fn end(self) {
        self.app.stop().await;
        self.server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_algorithm_is_no_signature() {
    let scene = Scene::begin().await;
    let message = |alg: &str| format!("{}.{}", base64url(alg.as_bytes()), base64url(&scene.payload()));
    let mut tokens = Vec::new();
    for alg in [
        r#""none""#,
        r#""None""#,
        r#""NONE""#,
        r#""nOnE""#,
        r#""""#,
        "null",
        "[]",
        "0",
        r#"["none"]"#,
        r#""none ""#,
    ] {
        let header = format!(r#"{{"alg":{alg},"kid":"k"}}"#);
        tokens.push(format!("{}.", message(&header)));
        tokens.push(message(&header));
        tokens.push(jwt(&header, &scene.payload(), |_| b"x".to_vec()));
        tokens.push(scene.under(&header));
    }
    for header in [r#"{"kid":"k"}"#, r#"{"typ":"JWT"}"#, "{}", "", "null", "[]", "k"] {
        tokens.push(format!("{}.", message(header)));
        tokens.push(scene.under(header));
    }
    let (signed, signature) =
        scene.good().rsplit_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    tokens.extend([
        format!("{signed}."),
        signed.clone(),
        format!("{signed}.{signature}="),
        format!("{signed}.{signature}.{signature}"),
        format!("{signed}.{}", base64url(&[0; 256])),
        format!("{signed}.{}", base64url(&[0xff; 256])),
        format!("{signed}.{}", &signature[..signature.len() - 4]),
        format!(".{signed}.{signature}"),
        ".".to_owned(),
        "..".to_owned(),
        "....".to_owned(),
    ]);
    scene.expect_refused(&tokens).await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_public_key_is_no_secret() {
    let scene = Scene::begin().await;
    let der = scene.key.public_der();
    let line = |text: &str, end: &str| {
        let lines: Vec<_> =
            text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----{end}", lines.join("\n"))
    };
    let padded = {
        let text = base64url(&der).replace('-', "+").replace('_', "/");
        format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4))
    };
    let jwk = scene.key.jwk();
    let modulus = jwk["n"].as_str().unwrap();
    let secrets: Vec<Vec<u8>> = vec![
        line(&padded, "\n").into_bytes(),
        line(&padded, "").into_bytes(),
        der.clone(),
        modulus.as_bytes().to_vec(),
        // The modulus itself stands in the DER, after its header and before the exponent.
        der[33..289].to_vec(),
        jwk.to_string().into_bytes(),
        b"k".to_vec(),
        b"AQAB".to_vec(),
        vec![0],
    ];
    let mut tokens = Vec::new();
    for secret in &secrets {
        for alg in ["HS256", "HS384", "HS512", "RS256", "hs256"] {
            for kid in [r#","kid":"k""#, "", r#","kid":"other""#] {
                let header = format!(r#"{{"alg":"{alg}"{kid}}}"#);
                tokens.push(sign_hs256(&header, &scene.payload(), secret));
            }
        }
    }
    scene.expect_refused(&tokens).await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_does_not_say_by_which_key_it_is_judged() {
    let scene = Scene::begin().await;
    let (evil, fetched) = (SigningKey::rsa("k"), scene.server.asked().len());
    let evil_server = KeyServer::start(&[&evil]).await;
    let url = evil_server.keys_url();
    let certificate = base64url(&evil.public_der());
    let mut tokens = Vec::new();
    for (name, value) in [
        ("jku", json!(url)),
        ("x5u", json!(url)),
        ("jwk", evil.jwk()),
        ("jwk", json!({"kty": "oct", "k": "c2VjcmV0"})),
        ("jwk", json!("jwk")),
        ("x5c", json!([certificate])),
        ("x5t", json!(certificate)),
        ("iss", json!(evil_server.base())),
    ] {
        for kid in [json!("k"), json!(evil.id), json!(url)] {
            let header = json!({"alg": "RS256", "kid": kid, name: value});
            tokens.push(evil.sign_as("RS256", &header.to_string(), &scene.payload()));
        }
    }
    // An issuer that only the token knows.
    tokens.push(evil.sign("RS256", &claims(&evil_server)));
    scene.expect_refused(&tokens).await;
    assert_eq!(evil_server.asked(), Vec::<String>::new());
    assert_eq!(scene.server.asked().len(), fetched, "unknown keys are asked for every ten seconds at most");
    // And where the signature is the issuer's own, such a header does no harm.
    let header = json!({"alg": "RS256", "kid": "k", "jku": url, "x5u": url, "jwk": evil.jwk()}).to_string();
    assert_eq!(usage(&scene.app, &scene.under(&header)).await.status, 200);
    assert_eq!(evil_server.asked(), Vec::<String>::new());
    evil_server.stop().await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_name_of_a_key_is_only_a_name() {
    let scene = Scene::begin().await;
    let asked = scene.server.asked();
    scene.app.advance(60);
    let long = "k".repeat(5_000);
    let mut tokens = Vec::new();
    for kid in [
        json!("../../../../dev/null"),
        json!("/etc/passwd"),
        json!("file:///dev/null"),
        json!("' OR 1=1; DROP TABLE mints; --"),
        json!("k' UNION SELECT 'secret"),
        json!("k\u{0}"),
        json!("K"),
        json!(" k"),
        json!(""),
        json!("k|id"),
        json!("http://169.254.169.254/"),
        json!(long),
        json!(0),
        json!(["k"]),
        json!({"k": "k"}),
        json!(true),
    ] {
        let header = json!({"alg": "RS256", "kid": kid}).to_string();
        tokens.push(scene.under(&header));
        let header = json!({"alg": "HS256", "kid": kid}).to_string();
        tokens.push(sign_hs256(&header, &scene.payload(), b""));
    }
    scene.expect_refused(&tokens).await;
    let now_asked = scene.server.asked();
    assert_eq!(now_asked.len(), asked.len() + 1, "the crowd of them had the set fetched once");
    assert!(now_asked.iter().all(|path| path == "/keys"), "{now_asked:?}");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_that_must_be_understood_are_not() {
    let scene = Scene::begin().await;
    let headers = [
        r#"{"alg":"RS256","kid":"k","crit":["b64"],"b64":false}"#,
        r#"{"alg":"RS256","kid":"k","crit":["exp"],"exp":1}"#,
        r#"{"alg":"RS256","kid":"k","crit":[]}"#,
        r#"{"alg":"RS256","kid":"k","crit":"b64"}"#,
        r#"{"alg":"RS256","kid":"k","crit":7}"#,
        // Said twice.
        r#"{"alg":"RS256","alg":"RS256","kid":"k"}"#,
        r#"{"alg":"none","alg":"RS256","kid":"k"}"#,
        r#"{"alg":"RS256","kid":"x","kid":"k"}"#,
        // Not JSON, or not only.
        r#"{"alg":"RS256","kid":"k""#,
        r#"{"alg":"RS256","kid":"k"}}"#,
        r#"{"alg":"RS256","kid":"k"} {}"#,
        "{\"alg\":\"RS256\",\"kid\":\"k\"}\u{0}",
        r#"{"ALG":"RS256","kid":"k"}"#,
        r#"{"alg":"RS256 ","kid":"k"}"#,
        r#"{"alg":"rs256","kid":"k"}"#,
        r#"{"alg":"ES256K","kid":"k"}"#,
    ];
    let mut tokens: Vec<_> = headers.iter().map(|header| scene.under(header)).collect();
    let deep =
        format!("{{\"alg\":\"RS256\",\"kid\":\"k\",\"x\":{}{}}}", "[".repeat(2_000), "]".repeat(2_000));
    tokens.push(scene.under(&deep));
    scene.expect_refused(&tokens).await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_tokens_are_refused_whatever_is_in_them() {
    let scene = Scene::begin().await;
    let padded = |size: usize| {
        scene.key.sign("RS256", &with(claims(&scene.server), &json!({"pad": "x".repeat(size)})))
    };
    assert_eq!(usage(&scene.app, &padded(4_000)).await.status, 200);
    scene.expect_refused(&[padded(10_000), "x".repeat(10_000), ".".repeat(10_000)]).await;
    for size in [200_000, 10_000_000] {
        let status = raw(&scene.app, &format!("Authorization: Bearer {}\r\n", "x".repeat(size)));
        assert!(matches!(status, None | Some(400..500)), "{size}: {status:?}");
    }
    assert_eq!(usage(&scene.app, &scene.good()).await.status, 200, "the service goes on");
    assert_eq!(scene.app.simulator.requests().len(), 0);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_header_carries_one_token() {
    let scene = Scene::begin().await;
    let good = scene.good();
    for headers in [
        format!("Authorization: Bearer {good}\r\nAuthorization: Bearer {good}\r\n"),
        format!("Authorization: Bearer {good}\r\nauthorization: Bearer x\r\n"),
        format!("Authorization: Bearer x\r\nAuthorization: Bearer {good}\r\n"),
        format!("Authorization: Bearer {good}, Bearer {good}\r\n"),
        format!("Authorization: Bearer {good}\u{0}\r\n"),
        format!("Authorization: Bearer\u{0} {good}\r\n"),
        format!("Authorization: Bearer {good}\r\n {good}\r\n"),
        format!("Proxy-Authorization: Bearer {good}\r\n"),
    ] {
        let status = raw(&scene.app, &headers);
        assert!(matches!(status, Some(400 | 401)), "{status:?} {headers:.40?}");
    }
    assert_eq!(raw(&scene.app, &format!("Authorization: Bearer {good}\r\n")), Some(200));
    scene.end().await;
}

/// Asks for the usage with these headers, past any library that would mend them. None where the connection is cut off.
fn raw(app: &TestApp, headers: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(app.base().strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let head = format!("GET {USAGE} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
    // The server may have enough before everything is said.
    let _ = stream.write_all(head.as_bytes());
    let mut answer = Vec::new();
    if let Err(error) = stream.read_to_end(&mut answer) {
        assert_ne!(error.kind(), std::io::ErrorKind::WouldBlock, "the server hangs");
    }
    String::from_utf8_lossy(&answer).split(' ').nth(1)?.parse().ok()
}
