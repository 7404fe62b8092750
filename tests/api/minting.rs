//! The main path: who asks gets a token, in exactly the form that was promised.

use std::collections::BTreeSet;

use ephemint_sim::{Fault, Settings, Simulator};
use ephemint_test_support::{
    Answer, MINT, OLDER, Person, Setup, StoreKind, TestApp, on_both_stores, on_sqlite, send,
};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

on_both_stores!(a_user_gets_a_token, Setup::default(), mint_one);

async fn mint_one(app: &TestApp) {
    let ana = Person::new("ana").named("Ana");
    let body = json!({"language": "es-MX", "session": {"audio": {"output": {"voice": "cedar"}}}});
    let answer = app.mint(&ana, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let audio = json!({"output": {"voice": "cedar"}});
    let session = json!({"output_modalities": ["audio"], "audio": audio});
    assert_eq!(answer.json(), promised(app, &answer, "es", session));
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("ratelimit-policy"), "\"hourly\";q=10;w=3600");
    assert_eq!(answer.header("ratelimit"), "\"hourly\";r=9;t=3600");
    assert_eq!(answer.header("cache-control"), "no-store");
    app.expect_outcomes(&["issued"]).await;
}

/// The whole answer to a student's first mint. What the provider made up is taken from the answer, once it was looked at.
fn promised(app: &TestApp, answer: &Answer, language: &str, mut session: Value) -> Value {
    let body = answer.json();
    let made_up = |pointer: &str, prefix: &str| {
        let text = body.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        assert!(text.starts_with(prefix) && text.len() > prefix.len() + 8, "{pointer}: {text}");
        text
    };
    session["id"] = made_up("/session/id", "sess_").into();
    session["type"] = "realtime".into();
    session["model"] = "gpt-realtime-2.1-mini-2026-07-08".into();
    session["expires_at"] = 0.into();
    json!({
        "value": made_up("/value", "ek_"),
        "expires_at": body["expires_at"].as_i64().unwrap(),
        "mode": "realtime",
        "session": session,
        "role": "student",
        "language": language,
        "connect_url": format!("{}/realtime/calls", app.simulator.base_url()),
        "rate_limit": {"limit": 10, "remaining": 9, "reset_seconds": 3600},
    })
}

on_sqlite!(a_session_in_text_has_no_voice, Setup::default(), mint_text);

async fn mint_text(app: &TestApp) {
    let body = json!({"session": {"output_modalities": ["text"]}});
    let answer = app.mint(&Person::new("ana"), body).await;
    let session = json!({"output_modalities": ["text"]});
    assert_eq!(answer.json(), promised(app, &answer, "en", session));
}

const DEADLINES: &str = "
    [defaults]
    default_role = 'guest'
    instructions.en = 'Speak.'
    max_call_seconds = 600
    session_types = ['realtime', 'transcription', 'translation']
    [roles.guest]
    self_assignable = true
    [roles.free]
    self_assignable = true
    max_call_seconds = 'none'
";

on_both_stores!(the_page_is_told_when_to_end_the_call, Setup::policy(DEADLINES), mint_with_deadlines);

async fn mint_with_deadlines(app: &TestApp) {
    let ana = Person::new("ana");
    for kind in ["realtime", "transcription", "translation"] {
        let answer = app.mint(&ana, json!({"session": {"type": kind}})).await;
        assert_eq!(answer.json()["max_call_seconds"], 600, "{}", answer.text);
        let sent = app.simulator.last_request().unwrap().body.unwrap().to_string();
        assert!(!sent.contains("max_call") && !sent.contains("600"), "the provider is told of it: {sent}");
    }
    let free = app.mint(&ana, json!({"role": "free"})).await;
    assert_eq!((free.status, free.json().get("max_call_seconds")), (200, None), "{}", free.text);
    let older = app.request(Method::POST, OLDER).bearer_auth(ana.token());
    assert_eq!(send(older).await.json().as_object().unwrap().len(), 2);
}

on_sqlite!(the_expiry_is_the_providers, Setup::default(), mint_and_look_at_the_expiry);

async fn mint_and_look_at_the_expiry(app: &TestApp) {
    // Decades from the provider's clock, ours can't be what is told.
    app.advance(30 * 365 * 86_400);
    for (sub, body, seconds) in
        [("ana", json!({}), 60), ("bo", json!({"expires_after": {"seconds": 10}}), 10)]
    {
        let answer = app.mint(&Person::new(sub), body).await;
        let asked_at = app.simulator.last_request().unwrap().at.timestamp();
        let expires_at = answer.json()["expires_at"].as_i64().unwrap();
        assert!((asked_at + seconds..=asked_at + seconds + 1).contains(&expires_at), "{expires_at}");
    }
}

on_sqlite!(no_header_moves_the_connect_url, Setup::default(), mint_with_strange_headers);

async fn mint_with_strange_headers(app: &TestApp) {
    let strange = [
        ("host", "evil.example"),
        ("forwarded", "host=evil.example;proto=https"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("x-original-url", "https://evil.example/"),
        ("x-forwarded-prefix", "/evil"),
    ];
    let request = app.mint_request(&Person::new("ana"));
    let answer = send(strange.iter().fold(request, |request, (name, value)| request.header(*name, *value)));
    let own = format!("{}/realtime/calls", app.simulator.base_url());
    assert_eq!(answer.await.json()["connect_url"], own);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slash_at_the_end_of_the_base_url_is_harmless() {
    let provider = Simulator::start(Settings::default()).await.unwrap();
    let setup = Setup::default().set("OPENAI_BASE_URL", &format!("{}/", provider.base_url()));
    let app = TestApp::start(StoreKind::Sqlite, setup).await;
    let answer = app.mint(&Person::new("ana"), json!({})).await;
    assert_eq!(answer.json()["connect_url"], format!("{}/realtime/calls", provider.base_url()));
    assert_eq!(provider.minted(), 1);
    app.stop().await;
    provider.stop().await;
}

/// Ways to ask for the same. They fill in a request of somebody who reads this language.
type Form = (&'static str, fn(RequestBuilder, &str, &str) -> RequestBuilder);

const JSON: (&str, &str) = ("content-type", "application/json");

const FORMS: &[Form] = &[
    ("no body", |request, _, language| request.header("accept-language", language)),
    ("an empty body", |request, _, language| request.header("accept-language", language).body("")),
    ("an empty body that says it is JSON", |request, _, language| {
        request.header("accept-language", language).header(JSON.0, JSON.1).body("")
    }),
    ("an empty object", |request, _, language| request.header("accept-language", language).json(&json!({}))),
    ("empty objects all the way", |request, _, language| {
        let body = json!({"language": language, "session": {"audio": {"output": {}}}});
        request.json(&body)
    }),
    ("a language", |request, _, language| request.json(&json!({"language": language}))),
    ("another spelling of the media type", |request, role, language| {
        let body = json!({"language": language, "role": role}).to_string();
        request.header(JSON.0, "Application/JSON; charset=utf-8").body(body)
    }),
    ("everything", |request, role, language| {
        request.json(&json!({
            "role": role,
            "language": language,
            "session": {
                "type": "realtime",
                "model": "gpt-realtime-2.1",
                "output_modalities": ["audio"],
                "audio": {"output": {"voice": "cedar"}},
            },
            "expires_after": {"anchor": "created_at", "seconds": 60},
        }))
    }),
    ("text", |request, _, language| {
        request.json(&json!({"language": language, "session": {"output_modalities": ["text"]}}))
    }),
    ("a short life", |request, _, language| {
        request.json(&json!({"language": language, "expires_after": {"seconds": 10}}))
    }),
];

on_sqlite!(every_role_language_and_form_is_accepted, Setup::default(), mint_every_way);

async fn mint_every_way(app: &TestApp) {
    let mut told = BTreeSet::new();
    let mut ways = 0;
    for role in ["student", "teacher", "family"] {
        for language in ["en", "es"] {
            for (form, fill_in) in FORMS {
                let person = Person::new(&format!("{role}, {language}, {form}")).as_role(role);
                let named = person.named("Xochiquetzal");
                let answer = send(fill_in(app.mint_request(&named), role, language)).await;
                assert_eq!(answer.status, 200, "{role}, {language}, {form}: {}", answer.text);
                assert_eq!(answer.json()["role"], role, "{form}");
                assert_eq!(answer.json()["language"], language, "{form}");
                told.insert(app.instructions_upstream());
                ways += 1;
            }
        }
    }
    assert_eq!(app.simulator.minted(), ways);
    assert!(app.simulator.requests().iter().all(|request| request.status == Some(200)));
    assert_eq!(told.len(), 6, "each role and language has words of its own, whatever the form");
    assert!(told.iter().all(|text| text.contains("Xochiquetzal")));
}

on_sqlite!(who_has_no_name_is_told_so, Setup::default(), mint_without_a_name);

async fn mint_without_a_name(app: &TestApp) {
    let mut told = BTreeSet::new();
    for role in ["student", "teacher", "family"] {
        for language in ["en", "es"] {
            let person = Person::new(&format!("{role}, {language}")).as_role(role);
            app.mint(&person, json!({"language": language})).await;
            let anonymous = app.instructions_upstream();
            app.mint(&person.named("Ana"), json!({"language": language})).await;
            assert_ne!(app.instructions_upstream(), anonymous);
            told.insert(anonymous);
        }
    }
    assert_eq!(told.len(), 6);
}

on_both_stores!(who_hangs_up_loses_no_row, Setup::default(), hang_up);

async fn hang_up(app: &TestApp) {
    app.simulator.fail_next(1, Fault::Slow { millis: 500 });
    let waiting = tokio::spawn(app.mint_request(&Person::new("ana")).send());
    app.expect_upstream_requests(1).await;
    waiting.abort();
    app.expect_outcomes(&["issued"]).await;
    let usage = app.usage(&Person::new("ana")).await.json();
    assert_eq!(usage["rate_limit"]["remaining"], 9);
}

on_both_stores!(the_ledger_says_what_was_handed_out, Setup::default(), mint_and_read_the_ledger);

async fn mint_and_read_the_ledger(app: &TestApp) {
    let teacher = Person::new("tea").as_role("teacher");
    let request = app.request(Method::POST, MINT).bearer_auth(teacher.token()).header("x-request-id", "r-1");
    let body = json!({"language": "es", "session": {"model": "gpt-realtime-2.1"}});
    send(request.json(&body)).await;
    app.expect_outcomes(&["issued"]).await;
    for (column, value) in [
        ("user_id", "tea"),
        ("issuer", "https://sign-in.example"),
        ("role", "teacher"),
        ("language", "es"),
        ("session_type", "realtime"),
        ("model", "gpt-realtime-2.1"),
        ("key_source", "operator"),
        ("request_id", "r-1"),
        ("error_code", "null"),
    ] {
        assert_eq!(app.database.texts(&format!("SELECT {column} FROM mints")).await, [value], "{column}");
    }
    let known = "SELECT count(*) FROM mints WHERE latency_ms IS NOT NULL AND expires_at IS NOT NULL";
    assert_eq!(app.database.texts(known).await, ["1"]);
}
