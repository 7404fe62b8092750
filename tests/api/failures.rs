//! The provider or the store fails: what the caller is told, and who pays.

use std::collections::BTreeMap;

use ephemint_sim::{DEMO_API_KEY, Fault};
use ephemint_test_support::{
    Answer, Person, Setup, StoreKind, TestApp, USAGE, on_both_stores, on_sqlite, send,
};
use reqwest::Method;
use serde_json::json;

/// What goes wrong, and what comes of it.
struct Case {
    fault: Fault,
    status: u16,
    code: &'static str,
    retry_after: &'static str,
    /// What the ledger says afterwards.
    outcome: &'static str,
}

const fn case(fault: Fault, status: u16, code: &'static str, outcome: &'static str) -> Case {
    Case { fault, status, code, retry_after: "", outcome }
}

const GIVEN_BACK: &str = "refunded";
const KEPT: &str = "unconfirmed";

fn cases() -> Vec<Case> {
    let busy = |seconds, retry_after| Case {
        retry_after,
        ..case(Fault::RateLimited { retry_after: seconds }, 503, "provider_busy", GIVEN_BACK)
    };
    let elsewhere = "http://127.0.0.1:9/v1/realtime/client_secrets".to_owned();
    vec![
        // Whole answers that are not 2xx: surely nothing was handed out.
        case(Fault::Unauthorized, 502, "provider_rejected", GIVEN_BACK),
        case(Fault::Forbidden, 502, "provider_rejected", GIVEN_BACK),
        case(Fault::InsufficientQuota, 502, "provider_rejected", GIVEN_BACK),
        busy(20, "20"),
        busy(0, "1"),
        busy(86_400, "86400"),
        case(Fault::ServerError, 502, "provider_error", GIVEN_BACK),
        case(Fault::Unavailable, 502, "provider_error", GIVEN_BACK),
        case(Fault::Redirect { location: elsewhere }, 502, "provider_error", GIVEN_BACK),
        // Nobody knows whether a token was made.
        case(Fault::Reset, 502, "provider_error", KEPT),
        case(Fault::Cut, 502, "provider_error", KEPT),
        case(Fault::Garbage, 502, "provider_error", KEPT),
        case(Fault::NoValue, 502, "provider_error", KEPT),
        case(Fault::Oversized { bytes: 600_000 }, 502, "provider_error", KEPT),
    ]
}

on_both_stores!(the_provider_fails, Setup::default(), meet_every_fault);

async fn meet_every_fault(app: &TestApp) {
    meet(app, cases()).await;
}

fn impatient() -> Setup {
    Setup::default().set("OPENAI_TIMEOUT_MS", "300")
}

on_both_stores!(the_provider_does_not_answer, impatient(), meet_silence);

async fn meet_silence(app: &TestApp) {
    let slow = Fault::Slow { millis: 60_000 };
    let timed_out = |fault| case(fault, 504, "provider_timeout", KEPT);
    meet(app, vec![timed_out(Fault::Hang), timed_out(slow)]).await;
}

async fn meet(app: &TestApp, cases: Vec<Case>) {
    let codes: Vec<&str> = cases.iter().map(|case| case.code).collect();
    let mut outcomes = Vec::new();
    let mut said = BTreeMap::new();
    for (n, case) in cases.into_iter().enumerate() {
        let person = Person::new(&format!("user {n}"));
        let fault = format!("{:?}", case.fault);
        app.advance(1);
        app.simulator.set_fault(case.fault);
        let answer = app.mint(&person, json!({})).await;
        assert_eq!(answer.error(), (case.status, case.code.to_owned(), String::new()), "{fault}");
        assert_eq!(answer.header("retry-after"), case.retry_after, "{fault}");
        assert_eq!(answer.header("ratelimit"), "", "{fault}");
        assert_quiet(app, &answer);
        let detail = answer.json()["detail"].clone();
        assert_eq!(said.entry(case.code).or_insert_with(|| detail.clone()), &detail, "{fault}");

        outcomes.push(case.outcome);
        app.expect_outcomes(&outcomes).await;
        let usage = app.usage(&person).await.json();
        let (remaining, counted) = if case.outcome == KEPT { (9, 1) } else { (10, 0) };
        assert_eq!(usage["rate_limit"]["remaining"], remaining, "{fault}");
        assert_eq!(usage["tokens"]["last_hour"], counted, "{fault}");
    }
    assert_eq!(app.simulator.requests().len(), outcomes.len(), "no request is made twice");
    assert_eq!(app.database.texts("SELECT error_code FROM mints ORDER BY created_at").await, codes);
}

/// A failure's answer tells nothing about our inside.
fn assert_quiet(app: &TestApp, answer: &Answer) {
    let host = app.simulator.address().to_string();
    let inside = [
        host.as_str(),
        DEMO_API_KEY,
        "127.0.0.1",
        "reqwest",
        "hyper",
        "connection",
        "status",
        "mints",
        "relation",
        "no such",
        "SELECT",
        "sqlite",
        "postgres",
        "ephemint_test",
    ];
    let mut said = answer.json();
    said.as_object_mut().unwrap().retain(|name, _| matches!(name.as_str(), "title" | "detail" | "error"));
    let said = said.to_string();
    for word in inside {
        assert!(!said.contains(word), "{word} in {said}");
    }
}

on_both_stores!(a_refund_can_be_spent_again, Setup::policy(ONE), fail_then_mint);

const ONE: &str = "
    defaults.default_role = 'one'
    defaults.instructions.en = 'Speak.'
    roles.one.hourly_tokens = 1
";

async fn fail_then_mint(app: &TestApp) {
    let ana = Person::new("ana");
    app.simulator.fail_next(1, Fault::Unavailable);
    assert_eq!(app.mint(&ana, json!({})).await.status, 502);
    // The refund goes ahead of the next spend, so nobody has to wait for it.
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    assert_eq!(app.mint(&ana, json!({})).await.status, 429);
}

fn nobody_listens() -> Setup {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    Setup::default().set("OPENAI_BASE_URL", &format!("http://{address}/v1"))
}

on_both_stores!(the_provider_is_not_there, nobody_listens(), mint_into_the_void);

async fn mint_into_the_void(app: &TestApp) {
    let ana = Person::new("ana");
    let answer = app.mint(&ana, json!({})).await;
    assert_eq!(answer.error(), (502, "provider_error".to_owned(), String::new()));
    assert_quiet(app, &answer);
    app.expect_outcomes(&[GIVEN_BACK]).await;
    assert_eq!(app.usage(&ana).await.json()["rate_limit"]["remaining"], 10);
}

on_both_stores!(the_store_lacks_its_ledger, Setup::default(), take_the_ledger_away);

async fn take_the_ledger_away(app: &TestApp) {
    let ana = Person::new("ana");
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    app.expect_outcomes(&["issued"]).await;
    app.database.execute("ALTER TABLE mints RENAME TO taken_away").await;
    for answer in [app.mint(&ana, json!({})).await, app.usage(&ana).await] {
        assert_store_unavailable(app, &answer);
    }
    assert_eq!(app.simulator.requests().len(), 1, "nothing is handed out without a row");
    app.database.execute("ALTER TABLE taken_away RENAME TO mints").await;
    let answer = app.mint(&ana, json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["rate_limit"]["remaining"], 8);
    app.expect_outcomes(&["issued", "issued"]).await;
}

fn assert_store_unavailable(app: &TestApp, answer: &Answer) {
    assert_eq!(answer.error(), (503, "store_unavailable".to_owned(), String::new()));
    assert_eq!(answer.header("retry-after"), "1");
    assert_quiet(app, answer);
}

on_both_stores!(an_outcome_waits_for_the_store, Setup::default(), take_the_ledger_away_in_mid_flight);

async fn take_the_ledger_away_in_mid_flight(app: &TestApp) {
    app.simulator.fail_next(1, Fault::Slow { millis: 1_500 });
    let waiting = tokio::spawn(send(app.mint_request(&Person::new("ana"))));
    app.expect_upstream_requests(1).await;
    app.database.execute("ALTER TABLE mints RENAME TO taken_away").await;
    let answer = waiting.await.unwrap();
    assert_eq!(answer.status, 200, "the token was made, so it is handed out: {}", answer.text);
    // What was to be written went along with this, in vain.
    assert_eq!(app.mint(&Person::new("bo"), json!({})).await.status, 503);
    let pending = app.database.texts("SELECT outcome FROM taken_away").await;
    assert_eq!(pending, ["pending"]);
    app.database.execute("ALTER TABLE taken_away RENAME TO mints").await;
    app.expect_outcomes(&["issued"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_of_the_store_goes_away_and_comes_back() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let app = TestApp::start(StoreKind::Postgres, Setup::default()).await;
    let ana = Person::new("ana");
    let ready = async || send(app.request(Method::GET, "/readyz")).await;
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    app.expect_outcomes(&["issued"]).await;
    assert_eq!(ready().await.status, 200);

    app.database.allow_connections(false).await;
    for answer in [app.mint(&ana, json!({})).await, app.usage(&ana).await, ready().await] {
        assert_store_unavailable(&app, &answer);
    }
    assert_eq!(send(app.request(Method::GET, "/healthz")).await.status, 200, "alive all the same");
    let unknown = send(app.request(Method::GET, USAGE)).await;
    assert_eq!(unknown.status, 401, "who somebody is does not take a store");

    app.database.allow_connections(true).await;
    assert_eq!(ready().await.status, 200);
    assert_eq!(app.usage(&ana).await.status, 200);
    let answer = app.mint(&ana, json!({})).await;
    assert_eq!(answer.json()["rate_limit"]["remaining"], 8, "{}", answer.text);
    app.stop().await;
}

on_sqlite!(nobody_waits_for_somebody_elses_mint, Setup::default(), mint_beside_a_slow_one);

async fn mint_beside_a_slow_one(app: &TestApp) {
    app.simulator.fail_next(1, Fault::Slow { millis: 1_500 });
    let waiting = tokio::spawn(send(app.mint_request(&Person::new("ana"))));
    app.expect_upstream_requests(1).await;
    assert_eq!(app.mint(&Person::new("bo"), json!({})).await.status, 200);
    assert!(!waiting.is_finished());
    assert_eq!(waiting.await.unwrap().status, 200);
}
