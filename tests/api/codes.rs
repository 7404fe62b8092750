//! The list of error codes in the contract: each is reached over HTTP, and there are no others.

use std::collections::BTreeMap;

use ephemint::kernel::code::Code;
use ephemint_sim::{Fault, Standing};
use ephemint_test_support::{Answer, Person, Setup, StoreKind, TestApp, USAGE, send};
use reqwest::Method;
use serde_json::json;

/// The codes of the contract with their status.
const CONTRACT: &[(&str, u16)] = &[
    ("invalid_request", 400),
    ("unauthorized", 401),
    ("role_not_allowed", 403),
    ("not_allowed", 403),
    ("user_disabled", 403),
    ("not_found", 404),
    ("method_not_allowed", 405),
    ("no_provider_key", 409),
    ("provider_key_refused", 409),
    ("provider_key_unreadable", 409),
    ("keys_not_stored", 409),
    ("too_large", 413),
    ("unsupported_media_type", 415),
    ("rate_limit_exceeded", 429),
    ("burst_limit_exceeded", 429),
    ("internal", 500),
    ("provider_rejected", 502),
    ("provider_error", 502),
    ("store_unavailable", 503),
    ("keys_unavailable", 503),
    ("too_many_listeners", 503),
    ("provider_busy", 503),
    ("provider_unreachable", 503),
    ("provider_timeout", 504),
];

/// What no request can bring about: it answers what can't happen. A panic in the task of a mint and a users row that
/// changes three times in the course of one mint are what comes nearest, and neither can be made to happen from outside.
const OUT_OF_REACH: &str = "internal";

#[test]
fn the_contract_lists_every_code() {
    let ours: BTreeMap<_, _> = Code::ALL
        .iter()
        .map(|code| (code.as_str(), ephemint::http::table::row(*code).status.as_u16()))
        .collect();
    assert_eq!(ours, CONTRACT.iter().copied().collect());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_code_is_reached() {
    let setup = Setup::policy(ONE_TOKEN).set("OPENAI_TIMEOUT_MS", "1000");
    let app = TestApp::start(StoreKind::Sqlite, setup).await;
    let keyless = TestApp::start(StoreKind::Sqlite, Setup::default().set("OPENAI_API_KEY", "")).await;
    let mut answers = refusals(&app).await;
    answers.push(without_keys().await);
    answers.push(without_a_place().await);
    let hasty = TestApp::start(StoreKind::Sqlite, Setup::default().set("BURST_PER_USER", "1")).await;
    hasty.usage(&Person::new("ana")).await;
    answers.push(hasty.usage(&Person::new("ana")).await);
    answers.push(keyless.mint(&Person::new("ana"), json!({})).await);
    answers.push(put_key(&app).await);
    answers.extend(failures(&app).await);
    answers.extend(refused_keys().await);

    let reached: BTreeMap<String, u16> =
        answers.iter().map(|answer| (answer.code(), answer.status)).collect();
    let expected = CONTRACT.iter().filter(|(code, _)| *code != OUT_OF_REACH);
    let expected: BTreeMap<String, u16> =
        expected.map(|(code, status)| ((*code).to_owned(), *status)).collect();
    assert_eq!(reached, expected);
    for answer in &answers {
        assert_headers(answer);
    }
    app.stop().await;
    keyless.stop().await;
    hasty.stop().await;
}

/// What a service answers whose issuer can't be reached.
async fn without_keys() -> Answer {
    let setup = Setup::default()
        .set("JWT_SECRET", "")
        .set("JWT_ISSUER", "http://127.0.0.1:9")
        .set("JWT_AUDIENCE", "voice")
        .set("SAFETY_ID_SECRET", "safety-secret-of-the-tests-0123456789");
    let app = TestApp::start(StoreKind::Sqlite, setup).await;
    let person = Person::new("ana").with("iss", json!("http://127.0.0.1:9"));
    let answer = app.mint(&person, json!({})).await;
    app.stop().await;
    answer
}

async fn put_key(app: &TestApp) -> Answer {
    let key = json!({"key": "sk-user-0123456789-nobodys"});
    let put = app.request(Method::PUT, "/v1/me/keys/openai").bearer_auth(Person::new("ana").token());
    send(put.json(&key)).await
}

/// What a service answers that stores keys of users, and whose provider knows none of theirs.
async fn refused_keys() -> Vec<Answer> {
    const SEALING: &str = "a3e49f3daa9f2ae47816224f72664c896be185650667cb649d9b98efc1bd4763";
    let app = TestApp::start(StoreKind::Sqlite, Setup::default().set("ENCRYPTION_KEY", SEALING)).await;
    let mut answers = vec![put_key(&app).await];
    app.simulator.fail_next(1, Fault::ServerError);
    answers.push(put_key(&app).await);
    app.simulator.put_account("ana", "sk-user-0123456789-nobodys", Standing::Good);
    assert_eq!(put_key(&app).await.status, 200);
    app.database.execute("UPDATE provider_keys SET sealed = x'01'").await;
    answers.push(app.mint(&Person::new("ana"), json!({})).await);
    app.stop().await;
    answers
}

/// What the operator is answered who comes when all places are taken.
async fn without_a_place() -> Answer {
    let app = TestApp::start(StoreKind::Sqlite, Setup::default().with_operator()).await;
    let mut listening = Vec::new();
    for _ in 0..ephemint::usage::events::MOST_LISTENERS {
        listening.push(app.admin(Method::GET, "/v1/admin/events").send().await.unwrap());
    }
    let answer = send(app.admin(Method::GET, "/v1/admin/events")).await;
    app.stop().await;
    answer
}

const ONE_TOKEN: &str = "
    defaults.default_role = 'one'
    defaults.instructions.en = 'Speak.'
    roles.one.hourly_tokens = 1
";

async fn refusals(app: &TestApp) -> Vec<Answer> {
    let ana = Person::new("ana");
    let disabled = Person::new("dis");
    app.database.put_user(&disabled.user(), "NULL", "NULL", true).await;
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    let large = json!({"role": "x".repeat(65 * 1024)});
    vec![
        app.mint(&ana, json!({"rol": "x"})).await,
        send(app.request(Method::GET, USAGE)).await,
        app.mint(&ana, json!({"role": "king"})).await,
        app.mint(&ana, json!({"session": {"model": "gpt-realtime-2"}})).await,
        app.mint(&disabled, json!({})).await,
        send(app.request(Method::GET, "/nowhere")).await,
        send(app.request(Method::DELETE, USAGE)).await,
        app.mint(&ana, large).await,
        send(app.mint_request(&ana).body("{}")).await,
        app.mint(&ana, json!({})).await,
    ]
}

async fn failures(app: &TestApp) -> Vec<Answer> {
    let faults = [Fault::Forbidden, Fault::ServerError, Fault::RateLimited { retry_after: 7 }, Fault::Hang];
    let mut answers = Vec::new();
    for (n, fault) in faults.into_iter().enumerate() {
        app.simulator.set_fault(fault);
        answers.push(app.mint(&Person::new(&format!("user {n}")), json!({})).await);
    }
    app.database.execute("ALTER TABLE mints RENAME TO taken_away").await;
    answers.push(app.mint(&Person::new("bo"), json!({})).await);
    // Or it could not stop with everything written.
    app.database.execute("ALTER TABLE taken_away RENAME TO mints").await;
    answers
}

/// Which headers an error carries is a matter of its code alone.
fn assert_headers(answer: &Answer) {
    for (name, codes) in [
        ("www-authenticate", &["unauthorized"][..]),
        ("allow", &["method_not_allowed"]),
        (
            "retry-after",
            &[
                "rate_limit_exceeded",
                "burst_limit_exceeded",
                "provider_busy",
                "provider_unreachable",
                "store_unavailable",
                "too_many_listeners",
                "keys_unavailable",
            ],
        ),
        ("ratelimit", &["rate_limit_exceeded"]),
        ("ratelimit-policy", &["rate_limit_exceeded"]),
    ] {
        let wanted = codes.contains(&answer.code().as_str());
        assert_eq!(!answer.header(name).is_empty(), wanted, "{name}: {}", answer.text);
    }
}
