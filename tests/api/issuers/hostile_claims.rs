//! Hostile tokens: true signatures over claims that nobody should believe.

use super::hostile::Scene;
use super::*;

const NOW: i64 = 1_795_176_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_of_other_types_are_not_believed() {
    let scene = Scene::begin().await;
    let odd = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!([]),
        json!({}),
        json!(""),
        json!([1]),
    ];
    let mut tokens = Vec::new();
    for name in ["iss", "aud", "sub", "exp"] {
        for value in &odd {
            // A number is no odd type for a time.
            if !(name == "exp" && value.is_number()) {
                let mut claims = claims(&scene.server);
                claims[name] = value.clone();
                tokens.push(scene.key.sign("RS256", &claims));
            }
        }
    }
    for (name, value) in [
        ("exp", json!(NOW - 31)),
        ("exp", json!(0)),
        ("exp", json!(-4_000_000_000_i64)),
        ("exp", json!("4000000000")),
        ("exp", json!([4_000_000_000_i64])),
        ("nbf", json!(NOW + 31)),
        ("nbf", json!("0")),
        ("nbf", json!(null)),
        ("nbf", json!([])),
        ("nbf", json!({})),
        ("nbf", json!(true)),
        ("sub", json!("x".repeat(256))),
        ("sub", json!("a\u{0}b")),
        ("sub", json!("a\nb")),
        ("sub", json!(["ana"])),
        ("iss", json!([scene.server.base()])),
        ("iss", json!(format!("{}/", scene.server.base()))),
        ("iss", json!(scene.server.base().to_uppercase())),
        ("iss", json!(format!("{}\u{0}", scene.server.base()))),
        ("aud", json!("Voice")),
        ("aud", json!("voice,other")),
        ("aud", json!(["other", ["voice"]])),
        ("aud", json!({"voice": true})),
    ] {
        tokens.push(scene.key.sign("RS256", &with(claims(&scene.server), &json!({ name: value }))));
        let mut claims = claims(&scene.server);
        claims[name] = value;
        tokens.push(scene.key.sign("RS256", &claims));
    }
    for missing in ["iss", "aud", "sub", "exp"] {
        tokens.push(scene.key.sign("RS256", &with(claims(&scene.server), &json!({ missing: null }))));
    }
    // `nbf: null` taken away is a good token again.
    let good = scene.good();
    tokens.retain(|token| token.split('.').nth(1) != good.split('.').nth(1));
    scene.expect_refused(&tokens).await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_roles_names_and_languages_are_nobodys_gain() {
    let scene = Scene::begin().await;
    for odd in
        [json!(null), json!(7), json!({}), json!([7, null]), json!("a\u{0}b"), json!("x".repeat(1_500))]
    {
        let change = json!({"app_metadata": {"role": odd}, "user_metadata": {"full_name": odd}, "azp": odd});
        let answer = usage(&scene.app, &scene.key.sign("RS256", &with(claims(&scene.server), &change))).await;
        assert_eq!((answer.status, &answer.json()["role"]), (200, &json!("student")), "{odd:.100}");
        let answer = mint(&scene.app, &scene.key.sign("RS256", &with(claims(&scene.server), &change))).await;
        assert_eq!(answer.status, 200, "{odd:.100}: {}", answer.text);
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_said_twice() {
    let scene = Scene::begin().await;
    let text = String::from_utf8(scene.payload()).unwrap();
    let header = r#"{"alg":"RS256","kid":"k"}"#;
    let sign = |payload: &str| scene.key.sign_as("RS256", header, payload.as_bytes());
    assert_eq!(usage(&scene.app, &sign(&text)).await.status, 200);
    let members = text.trim_matches(['{', '}']);
    let mut tokens = Vec::new();
    for more in [
        r#""sub":"ana""#,
        r#""sub":"bo""#,
        r#""iss":"https://other.example""#,
        r#""aud":"voice""#,
        r#""aud":"other""#,
        r#""exp":1"#,
        r#""exp":4000000001"#,
        r#""nbf":0,"nbf":0"#,
        r#""azp":"a","azp":"b""#,
        r#""\u0073ub":"bo""#,
        r#""app_metadata":{"role":"student","role":"teacher"}"#,
        r#""app_metadata":{},"app_metadata":{"role":"teacher"}"#,
    ] {
        tokens.push(sign(&format!("{{{members},{more}}}")));
        tokens.push(sign(&format!("{{{more},{members}}}")));
    }
    scene.expect_refused(&tokens).await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payloads_that_are_no_claims_are_refused() {
    let scene = Scene::begin().await;
    let text = String::from_utf8(scene.payload()).unwrap();
    let deep = format!("{{\"a\":{}{},{}", "[".repeat(2_500), "]".repeat(2_500), &text[1..]);
    let payloads: Vec<Vec<u8>> = [
        "",
        "{}",
        "null",
        "[]",
        "7",
        "\"ana\"",
        "{",
        &text[..text.len() - 1],
        &format!("{text}{text}"),
        &format!("{text}\u{0}"),
        &format!("\u{0}{text}"),
        &format!("\u{feff}{text}"),
        &format!("[{text}]"),
        &text.replace('"', "'"),
        &deep,
    ]
    .iter()
    .map(|payload| payload.as_bytes().to_vec())
    .chain([b"\xff\xfe".to_vec(), text.replace("ana", "a\u{fffd}").replace('\u{fffd}', "\u{1}").into_bytes()])
    .chain([[text.as_bytes(), b"\xff"].concat()])
    .collect();
    let header = r#"{"alg":"RS256","kid":"k"}"#;
    let tokens: Vec<_> = payloads.iter().map(|payload| scene.key.sign_as("RS256", header, payload)).collect();
    scene.expect_refused(&tokens).await;
    scene.end().await;
}
