//! From a rule to a receiver, over real HTTP.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ephemint_test_support::{
    Answer, Person, Received, Receiver, Setup, StoreKind, TestApp, TestDatabase, on_both_stores, send,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::{KEY, SECRET};

const POLICY: &str = "
    defaults.default_role = 'r'
    defaults.instructions.en = 'Speak.'
    roles.r.hourly_tokens = 10
    alerts = [{ name = 'fast', kind = 'rapid_minting', over = 1, window = 30 }]
";

fn setup(receiver: &Receiver) -> Setup {
    let setup = Setup::policy(POLICY).with_operator().set("ALERT_WEBHOOK_URL", &receiver.url());
    setup.set("ALERT_WEBHOOK_SECRET", SECRET)
}

async fn listed(app: &TestApp) -> Vec<Value> {
    let answer: Answer = send(app.admin(Method::GET, "/v1/admin/alerts")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["alerts"].as_array().unwrap().clone()
}

/// What a receiver does with a message before it believes it.
fn expect_signed(message: &Received) {
    let key = hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes());
    let signature = message.signature.strip_prefix("v1,").unwrap();
    let signed = format!("{}.{}.{}", message.id, message.timestamp, message.body);
    hmac::verify(&key, signed.as_bytes(), &STANDARD.decode(signature).unwrap()).unwrap();
}

async fn mint_twice(app: &TestApp, name: &str) {
    for _ in 0..2 {
        assert_eq!(app.mint(&Person::new(name), json!({})).await.status, 200);
    }
}

/// Passes time until so many messages have come.
async fn pass_until(app: &TestApp, receiver: &Receiver, count: usize) {
    for _ in 0..200 {
        if receiver.received().len() >= count {
            break;
        }
        app.advance(5);
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    receiver.expect(count).await;
}

async fn run(kind: StoreKind) {
    let receiver = Receiver::start().await;
    receiver.answer(503);
    let app = TestApp::start(kind, setup(&receiver)).await;
    mint_twice(&app, "ana").await;
    app.advance(30);
    pass_until(&app, &receiver, 3).await;
    let before = listed(&app).await;
    assert_eq!((before.len(), &before[0]["delivery"]), (1, &json!("pending")));
    app.expect_metric("ephemint_alerts_raised_total{kind=\"rapid_minting\"} 1").await;

    // A redirect is not followed, and not taken for an answer.
    receiver.answer(307);
    let redirected = receiver.received().len() + 1;
    pass_until(&app, &receiver, redirected).await;
    receiver.answer(204);
    let whole = receiver.received().len() + 1;
    pass_until(&app, &receiver, whole).await;
    app.expect_texts("SELECT delivery FROM alerts", &["delivered"]).await;

    let messages = receiver.received();
    messages.iter().for_each(expect_signed);
    assert!(messages.iter().all(|message| message.path == "/alerts"), "{messages:?}");
    assert!(messages.iter().all(|message| message.id == messages[0].id && message.body == messages[0].body));
    assert!(messages.last().unwrap().timestamp > messages[0].timestamp, "each attempt has its own time");
    let alert = listed(&app).await.remove(0);
    assert!(alert["delivered_at"].as_str().unwrap() > alert["raised_at"].as_str().unwrap());
    let body: Value = serde_json::from_str(&messages[0].body).unwrap();
    assert_eq!(
        body,
        json!({
            "type": "alert.raised",
            "timestamp": alert["raised_at"],
            "data": {
                "id": messages[0].id,
                "rule": "fast",
                "kind": "rapid_minting",
                "subject": "ana",
                "window_start": "2026-11-20T12:00:00.000Z",
                "window_end": "2026-11-20T12:30:00.000Z",
                "raised_at": alert["raised_at"],
                "value": 2,
                "threshold": 1,
                "summary": "One user minted 2 times, which is over 1.",
            },
        })
    );
    app.expect_metric("ephemint_alert_deliveries_total{result=\"delivered\"} 1").await;
    app.expect_metric(&format!("ephemint_alert_deliveries_total{{result=\"failed\"}} {}", whole - 1)).await;
    app.stop().await;
    receiver.stop().await;
}

mod a_webhook_that_fails_for_a_while {
    use super::StoreKind;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_sqlite() {
        super::run(StoreKind::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_postgres() {
        if StoreKind::Postgres.is_wanted() {
            super::run(StoreKind::Postgres).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_over_a_restart() {
    let receiver = Receiver::start().await;
    receiver.answer(500);
    let database = TestDatabase::create(StoreKind::Sqlite).await;
    let app = TestApp::start_on(database, StoreKind::Sqlite, setup(&receiver)).await;
    mint_twice(&app, "ana").await;
    app.advance(30);
    pass_until(&app, &receiver, 1).await;
    let database = app.stop_and_keep().await;
    receiver.answer(200);
    let failed = receiver.received();
    let app = TestApp::start_on(database, StoreKind::Sqlite, setup(&receiver)).await;
    pass_until(&app, &receiver, failed.len() + 1).await;
    app.expect_texts("SELECT delivery FROM alerts", &["delivered"]).await;
    assert_eq!(receiver.received().last().unwrap().id, failed[0].id);
    app.stop().await;
    receiver.stop().await;
}

on_both_stores!(alerts_are_listed_page_by_page, Setup::policy(POLICY).with_operator(), list);

async fn list(app: &TestApp) {
    for name in ["ana", "bea", "eva"] {
        mint_twice(app, name).await;
        app.advance(30);
        app.expect_texts(&format!("SELECT count(*) FROM alerts WHERE subject = '{name}'"), &["1"]).await;
    }
    let page = async |query: &str| send(app.admin(Method::GET, &format!("/v1/admin/alerts{query}"))).await;
    let first = page("?limit=2").await.json();
    let subjects: Vec<_> = first["alerts"].as_array().unwrap().iter().map(|one| &one["subject"]).collect();
    assert_eq!(subjects, ["eva", "bea"]);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = page(&format!("?limit=2&cursor={cursor}")).await.json();
    assert_eq!((&second["alerts"][0]["subject"], &second["next_cursor"]), (&json!("ana"), &Value::Null));
    assert_eq!(second["alerts"][0]["delivery"], "none");
    for (query, param) in [("?limit=0", "limit"), ("?cursor=x", "cursor"), ("?rule=fast", "")] {
        assert_eq!(
            page(query).await.error(),
            (400, "invalid_request".to_owned(), param.to_owned()),
            "{query}"
        );
    }
}
