//! `RATE_LIMIT_ON_STORE_ERROR=allow`: the store fails, tokens are handed out all the same, and the limit holds.

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use ephemint::kernel::clock::{Clock, SystemClock};
use ephemint_sim::{DEMO_API_KEY, Fault, Settings, Simulator};
use ephemint_test_support::{
    Answer, ISSUER, JWT_SECRET, MINT, Person, ServiceProcess, Setup, StoreKind, TestApp, TestDatabase,
    on_both_stores, send,
};
use reqwest::Method;
use serde_json::json;
use tokio::task::{JoinHandle, JoinSet};

const FIVE: &str = "
    defaults.default_role = 'five'
    defaults.instructions.en = 'Speak.'
    roles.five.hourly_tokens = 5
    roles.staff.hourly_tokens = 50
";

fn allowed() -> Setup {
    Setup::policy(FIVE).with_operator().set("RATE_LIMIT_ON_STORE_ERROR", "allow")
}

async fn lose(app: &TestApp) {
    for table in ["mints", "users"] {
        app.database.execute(&format!("ALTER TABLE {table} RENAME TO {table}_away")).await;
    }
}

/// Brings the store back, and waits until it decides again.
async fn find(app: &TestApp) {
    for table in ["mints", "users"] {
        app.database.execute(&format!("ALTER TABLE {table}_away RENAME TO {table}")).await;
    }
    app.expect_metric("ephemint_store_unentered_mints 0").await;
    ready_is(app, "ready").await;
}

async fn ready(app: &TestApp) -> Answer {
    send(app.request(Method::GET, "/readyz")).await
}

async fn ready_is(app: &TestApp, expected: &str) {
    for _ in 0..200 {
        if ready(app).await.json()["status"] == expected {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    assert_eq!(ready(app).await.json()["status"], expected);
}

async fn statuses(app: &TestApp, person: &Person, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(app.mint(person, json!({})).await.status);
    }
    statuses
}

on_both_stores!(the_limit_holds_through_an_outage, allowed(), spend_before_during_and_after);

async fn spend_before_during_and_after(app: &TestApp) {
    let (ana, bea) = (Person::new("ana"), Person::new("bea"));
    assert_eq!(statuses(app, &ana, 2).await, [200, 200]);
    app.expect_outcomes(&["issued"; 2]).await;
    app.advance(600);
    lose(app).await;

    let granted = app.mint(&ana, json!({})).await;
    assert_eq!(granted.status, 200, "{}", granted.text);
    assert_eq!(granted.json()["rate_limit"], json!({"limit": 5, "remaining": 2, "reset_seconds": 3000}));
    assert_eq!(granted.header("ratelimit"), "\"hourly\";r=2;t=3000");
    assert_eq!(statuses(app, &ana, 3).await, [200, 200, 429], "what was spent before the outage counts");
    let refused = app.mint(&ana, json!({})).await;
    assert_eq!((refused.code().as_str(), refused.header("retry-after")), ("rate_limit_exceeded", "3000"));
    assert_eq!(statuses(app, &bea, 6).await, [200, 200, 200, 200, 200, 429]);
    assert_eq!(
        (ready(app).await.status, ready(app).await.json()["status"].clone()),
        (200, json!("degraded"))
    );
    app.expect_metric("ephemint_store_degraded_mints_total 8").await;
    app.expect_metric("ephemint_store_unentered_mints 8").await;
    assert_eq!(app.simulator.minted(), 10);

    find(app).await;
    app.expect_outcomes(&["issued"; 10]).await;
    app.expect_metric("ephemint_store_up 1").await;
    assert_eq!(statuses(app, &ana, 2).await, [429, 429], "what was granted without the store counts");
    assert_eq!(statuses(app, &bea, 2).await, [429, 429]);
    let usage = app.usage(&ana).await.json();
    assert_eq!((&usage["rate_limit"]["remaining"], &usage["tokens"]["last_hour"]), (&json!(0), &json!(5)));

    app.advance(3001);
    assert_eq!(statuses(app, &ana, 3).await, [200, 200, 429], "an hour after the first two");
    app.advance(600);
    assert_eq!(statuses(app, &ana, 4).await, [200, 200, 200, 429], "an hour after the other three");
}

on_both_stores!(a_rush_in_an_outage_gets_what_is_left, allowed(), rush_without_a_store);

async fn rush_without_a_store(app: &TestApp) {
    lose(app).await;
    for round in 0..5 {
        let person = Person::new(&format!("user {round}"));
        let mut clients: JoinSet<_> = (0..20).map(|_| send(app.mint_request(&person))).collect();
        let mut passed = 0;
        while let Some(answer) = clients.join_next().await {
            passed += usize::from(answer.unwrap().status == 200);
        }
        assert_eq!(passed, 5, "round {round}");
    }
    find(app).await;
    app.expect_outcomes(&["issued"; 25]).await;
}

on_both_stores!(a_refund_in_an_outage_can_be_spent_again, allowed(), fail_without_a_store);

async fn fail_without_a_store(app: &TestApp) {
    let ana = Person::new("ana");
    lose(app).await;
    app.simulator.fail_next(2, Fault::Unavailable);
    for expected in [502, 502, 200, 200, 200, 200, 200, 429] {
        app.advance(1);
        assert_eq!(statuses(app, &ana, 1).await, [expected]);
    }
    find(app).await;
    app.expect_outcomes(&["refunded", "refunded", "issued", "issued", "issued", "issued", "issued"]).await;
    assert_eq!(statuses(app, &ana, 1).await, [429]);
}

on_both_stores!(a_mint_in_flight_when_the_store_comes_back_is_settled, allowed(), come_back_in_mid_flight);

async fn come_back_in_mid_flight(app: &TestApp) {
    lose(app).await;
    app.simulator.fail_next(1, Fault::Slow { millis: 3_000 });
    let waiting = tokio::spawn(send(app.mint_request(&Person::new("ana"))));
    app.expect_upstream_requests(1).await;
    find(app).await;
    app.expect_outcomes(&["pending"]).await;
    assert_eq!(waiting.await.unwrap().status, 200);
    app.expect_outcomes(&["issued"]).await;
}

on_both_stores!(the_last_known_standing_counts, allowed(), stand_without_a_store);

async fn stand_without_a_store(app: &TestApp) {
    let (staff, disabled, stranger) = (Person::new("staff"), Person::new("out"), Person::new("new"));
    app.database.put_user(&staff.user(), "'staff'", "NULL", false).await;
    app.database.put_user(&disabled.user(), "NULL", "NULL", true).await;
    assert_eq!(app.mint(&staff, json!({})).await.json()["role"], "staff");
    assert_eq!(app.mint(&disabled, json!({})).await.code(), "user_disabled");
    lose(app).await;
    assert_eq!(app.mint(&staff, json!({})).await.json()["role"], "staff");
    assert_eq!(app.mint(&disabled, json!({})).await.code(), "user_disabled");
    assert_eq!(app.mint(&stranger, json!({})).await.json()["role"], "five");
    let claimed = app.mint(&stranger.clone().as_role("staff"), json!({})).await;
    assert_eq!(claimed.json()["role"], "staff", "{}", claimed.text);
    assert_eq!(app.mint(&stranger, json!({"role": "staff"})).await.code(), "role_not_allowed");
    find(app).await;
}

on_both_stores!(after_an_hour_of_outage_the_hour_is_whole_again, allowed(), wait_an_hour);

async fn wait_an_hour(app: &TestApp) {
    let ana = Person::new("ana");
    lose(app).await;
    assert_eq!(statuses(app, &ana, 6).await, [200, 200, 200, 200, 200, 429]);
    app.clock.advance(TimeDelta::milliseconds(3_599_000));
    assert_eq!(statuses(app, &ana, 1).await, [429]);
    app.advance(2);
    assert_eq!(statuses(app, &ana, 6).await, [200, 200, 200, 200, 200, 429]);
    find(app).await;
    assert_eq!(app.usage(&ana).await.json()["rate_limit"]["remaining"], 0);
    app.expect_outcomes(&["issued"; 10]).await;
}

on_both_stores!(a_store_that_hangs_is_not_waited_for, allowed(), go_on_while_it_hangs);

/// The turn that is given up on takes effect in the store later, after memory has granted the same.
async fn go_on_while_it_hangs(app: &TestApp) {
    let ana = Person::new("ana");
    let hold = Duration::from_millis(3_200);
    let held = hold_the_ledger(app, hold).await;
    let started = SystemClock.instant();
    assert_eq!(statuses(app, &ana, 1).await, [200]);
    assert!(SystemClock.instant() - started < hold, "nobody waits for a store that can be done without");
    assert_eq!(statuses(app, &ana, 5).await, [200, 200, 200, 200, 429]);
    held.await.unwrap();
    app.expect_metric("ephemint_store_unentered_mints 0").await;
    ready_is(app, "ready").await;
    app.expect_outcomes(&["issued"; 5]).await;
    assert_eq!(statuses(app, &ana, 1).await, [429]);
    assert_eq!(app.usage(&ana).await.json()["tokens"]["last_hour"], 5);
}

/// Keeps everybody else from writing the ledger for a while, from when this returns.
async fn hold_the_ledger(app: &TestApp, hold: Duration) -> JoinHandle<()> {
    let (held, holds) = tokio::sync::oneshot::channel();
    let task = if let Some(directory) = app.database.directory() {
        let file = directory.join("ephemint.db");
        tokio::task::spawn_blocking(move || {
            let connection = rusqlite::Connection::open(file).unwrap();
            connection.execute_batch("BEGIN IMMEDIATE").unwrap();
            held.send(()).unwrap();
            tokio::runtime::Handle::current().block_on(tokio::time::sleep(hold));
            connection.execute_batch("COMMIT").unwrap();
        })
    } else {
        let url = app.database.setting().1;
        tokio::spawn(async move {
            let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute("BEGIN; LOCK TABLE mints IN EXCLUSIVE MODE").await.unwrap();
            held.send(()).unwrap();
            tokio::time::sleep(hold).await;
            client.batch_execute("COMMIT").await.unwrap();
        })
    };
    holds.await.unwrap();
    task
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_has_what_the_ledger_lacks() {
    let database = TestDatabase::create(StoreKind::Sqlite).await;
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    let settings = [
        ("BIND_ADDR", "127.0.0.1:0".to_owned()),
        ("OPENAI_API_KEY", DEMO_API_KEY.to_owned()),
        ("OPENAI_BASE_URL", simulator.base_url().to_owned()),
        ("JWT_SECRET", JWT_SECRET.to_owned()),
        ("RATE_LIMIT_ON_STORE_ERROR", "allow".to_owned()),
        ("SHUTDOWN_TIMEOUT_MS", "1000".to_owned()),
        database.setting(),
    ];
    let process = ServiceProcess::start(env!("CARGO_BIN_EXE_ephemint"), &settings);
    database.execute("ALTER TABLE mints RENAME TO mints_away").await;
    let url = format!("{}{MINT}", process.base());
    let request = reqwest::Client::builder().no_proxy().build().unwrap().post(url);
    let request = request.bearer_auth(Person::new("ana").token()).header("x-request-id", "outage-1");
    assert_eq!(send(request.json(&json!({"language": "es"}))).await.status, 200);

    let line = process.expect_logged("mint without the store", 1).await.remove(0);
    let expected = json!({
        "issuer": ISSUER, "user": "ana", "role": "student", "language": "es", "session_type": "realtime",
        "model": "gpt-realtime-2.1-mini", "key_source": "operator", "outcome": "issued", "request_id": "outage-1",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&line[name], value, "{line}");
    }
    for time in ["created_at", "expires_at"] {
        assert!(DateTime::parse_from_rfc3339(line[time].as_str().unwrap()).is_ok(), "{line}");
    }
    assert!(line["id"].as_str().is_some_and(|id| id.len() == 36) && line["latency_ms"].is_u64(), "{line}");

    let (status, output) = process.stop();
    assert_eq!(status.code(), Some(1), "{output}");
    let lost = "mints could not be entered in the ledger; the log has a line for each";
    assert!(output.contains(lost), "{output}");
    simulator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_entered_when_the_service_stops() {
    let app = TestApp::start(StoreKind::Sqlite, allowed()).await;
    lose(&app).await;
    assert_eq!(statuses(&app, &Person::new("ana"), 2).await, [200, 200]);
    for table in ["mints", "users"] {
        app.database.execute(&format!("ALTER TABLE {table}_away RENAME TO {table}")).await;
    }
    let database = app.stop_and_keep().await;
    assert_eq!(database.texts("SELECT outcome FROM mints").await, ["issued", "issued"]);
}

fn denied() -> Setup {
    Setup::policy(FIVE).with_operator()
}

on_both_stores!(unless_allowed_nothing_is_handed_out, denied(), refuse_without_a_store);

async fn refuse_without_a_store(app: &TestApp) {
    let ana = Person::new("ana");
    lose(app).await;
    assert_eq!(statuses(app, &ana, 3).await, [503, 503, 503]);
    app.expect_metric("ephemint_store_up 0").await;
    app.expect_metric("ephemint_store_degraded_mints_total 0").await;
    assert_eq!(app.simulator.requests().len(), 0);
    for table in ["mints", "users"] {
        app.database.execute(&format!("ALTER TABLE {table}_away RENAME TO {table}")).await;
    }
    assert_eq!(statuses(app, &ana, 6).await, [200, 200, 200, 200, 200, 429]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_of_the_store_goes_away_and_the_service_goes_on() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let app = TestApp::start(StoreKind::Postgres, allowed()).await;
    let ana = Person::new("ana");
    assert_eq!(statuses(&app, &ana, 1).await, [200]);
    app.expect_outcomes(&["issued"]).await;
    app.database.allow_connections(false).await;
    assert_eq!(statuses(&app, &ana, 5).await, [200, 200, 200, 200, 429]);
    assert_eq!(
        (ready(&app).await.status, ready(&app).await.json()["status"].clone()),
        (200, json!("degraded"))
    );
    app.expect_metric("ephemint_store_up 0").await;

    app.database.allow_connections(true).await;
    app.expect_metric("ephemint_store_unentered_mints 0").await;
    ready_is(&app, "ready").await;
    app.expect_outcomes(&["issued"; 5]).await;
    assert_eq!(statuses(&app, &ana, 1).await, [429]);
    app.stop().await;
}
