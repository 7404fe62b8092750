//! Reports for operators, over HTTP.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use ephemint::kernel::clock::ManualClock;
use ephemint::kernel::code::Code;
use ephemint::kernel::ids::{MintId, RequestId};
use ephemint::kernel::session::SessionType;
use ephemint::store::{Ask, Batch, KeySource, Outcome, Refusal, Settlement, Standing, StoreClock};
use ephemint_test_support::{
    ADMIN_TOKEN, Person, Setup, StoreKind, TestApp, TestDatabase, on_both_stores, on_sqlite, send,
};
use reqwest::Method;
use serde_json::{Value, json};

async fn rows(app: &TestApp, report: &str) -> Vec<Value> {
    let answer = app.report(report).await;
    assert_eq!(answer.status, 200, "{report}: {}", answer.text);
    answer.json()["rows"].as_array().unwrap().clone()
}

/// Waits until outcomes and refusals are written.
async fn settled(app: &TestApp, refused: i64) {
    let ended = async || {
        let row = rows(app, "summary").await.remove(0);
        row["pending"] == 0 && row["refused"] == refused
    };
    while !ended().await {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

const PRICED: &str = "
    defaults.default_role = 'student'
    defaults.instructions.en = 'Speak.'
    defaults.allowed_models = ['gpt-realtime-2.1']
    roles.student.hourly_tokens = 3
    roles.teacher = {}
    prices.currency = 'EUR'
    prices.models.'gpt-realtime-2.1-mini' = { minutes = 2.5, per_minute = 0.061 }
";

on_both_stores!(
    the_questions_of_operators_are_answered,
    Setup::policy(PRICED).with_operator(),
    mint_and_look
);

async fn mint_and_look(app: &TestApp) {
    let (ana, eva) = (Person::new("ana"), Person::new("eva").as_role("teacher"));
    for status in [200, 200, 200, 429] {
        assert_eq!(app.mint(&ana, json!({})).await.status, status);
    }
    app.clock.advance(TimeDelta::hours(1) + TimeDelta::minutes(5));
    let dear = json!({"session": {"type": "realtime", "model": "gpt-realtime-2.1"}});
    assert_eq!(app.mint(&eva, dear).await.status, 200);
    app.clock.advance(TimeDelta::seconds(1));
    settled(app, 1).await;

    let row = rows(app, "summary").await.remove(0);
    for (column, value) in
        [("active_users", 2), ("mints", 4), ("tokens", 4), ("issued", 4), ("refused", 1), ("answered", 4)]
    {
        assert_eq!(row[column], value, "{column}: {row}");
    }
    assert_eq!((&row["tokens_per_user"], &row["error_rate"]), (&json!(2.0), &json!(0.0)));

    let daily = rows(app, "daily").await;
    assert_eq!(daily.len(), 30, "days without any use are there too");
    assert_eq!((&daily[29]["start"], &daily[29]["tokens"]), (&json!("2026-11-20T00:00:00Z"), &json!(4)));
    assert_eq!((&daily[28]["tokens"], &daily[28]["tokens_per_user"]), (&json!(0), &Value::Null));

    let hourly =
        rows(app, "hourly?from=2026-11-20T12:00:00Z&to=2026-11-20T15:00:00Z&tz=Asia/Kathmandu").await;
    let seen: Vec<_> = hourly.iter().map(|row| (row["start"].as_str().unwrap(), &row["tokens"])).collect();
    let (none, one, three) = (json!(0), json!(1), json!(3));
    assert_eq!(
        seen,
        [
            ("2026-11-20T17:45:00+05:45", &three),
            ("2026-11-20T18:00:00+05:45", &one),
            ("2026-11-20T19:00:00+05:45", &none),
            ("2026-11-20T20:00:00+05:45", &none),
        ]
    );

    let users = rows(app, "users").await;
    assert_eq!((&users[0]["user_id"], &users[0]["tokens"]), (&json!("ana"), &json!(3)));
    assert_eq!((&users[1]["user_id"], &users[1]["tokens"]), (&json!("eva"), &json!(1)));
    let roles = rows(app, "roles").await;
    assert_eq!((&roles[1]["role"], &roles[1]["mints"]), (&json!("teacher"), &json!(1)));
    let of_ana = rows(app, "models?user=ana").await;
    assert_eq!(of_ana.len(), 1);
    assert_eq!(of_ana[0]["tokens"], 3);
    let errors = rows(app, "errors").await;
    assert_eq!(errors, [json!({"kind": "refusal", "code": "rate_limit_exceeded", "count": 1})]);
    assert_eq!(rows(app, "latency").await.len(), 2);
    let costs = rows(app, "costs").await;
    assert_eq!(
        costs,
        [
            json!({"model": "gpt-realtime-2.1", "tokens": 1, "minutes": null, "estimated_cost": null, "currency": "EUR"}),
            json!({"model": "gpt-realtime-2.1-mini", "tokens": 3, "minutes": 2.5, "estimated_cost": "0.457500", "currency": "EUR"}),
        ]
    );
    let teachers = rows(app, "daily?role=teacher&from=2026-11-20").await;
    assert_eq!((&teachers[0]["tokens"], &teachers[0]["refused"]), (&json!(1), &Value::Null));
    let weeks = rows(app, "daily?group_by=week&from=2026-11-09&to=2026-11-23&tz=Asia/Kathmandu").await;
    let seen: Vec<_> = weeks
        .iter()
        .map(|row| (row["start"].as_str().unwrap(), &row["active_users"], &row["tokens"]))
        .collect();
    let two = json!(2);
    assert_eq!(
        seen,
        [("2026-11-09T00:00:00+05:45", &none, &none), ("2026-11-16T00:00:00+05:45", &two, &json!(4)),]
    );
    let months = rows(app, "daily?group_by=month&role=student").await;
    assert_eq!((months.len(), &months[1]["active_users"]), (2, &one));
    let by_role = rows(app, "daily?group_by=role&from=2026-11-19").await;
    assert_eq!(by_role.len(), 4, "each role on each day: {by_role:?}");
}

on_both_stores!(pages_stay_as_they_were_while_users_mint, Setup::default().with_operator(), turn_pages);

async fn turn_pages(app: &TestApp) {
    let people: Vec<_> = (0..7).map(|n| Person::new(&format!("user-{n}"))).collect();
    for (n, person) in people.iter().enumerate() {
        for _ in 0..=n {
            assert_eq!(app.mint(person, json!({})).await.status, 200);
        }
    }
    settled(app, 0).await;
    app.clock.advance(TimeDelta::minutes(1));
    let (mut seen, mut address) = (Vec::new(), "users?limit=2".to_owned());
    loop {
        let answer = app.report(&address).await;
        let page = answer.json();
        let users = page["rows"].as_array().unwrap();
        seen.extend(
            users.iter().map(|user| (user["user_id"].as_str().unwrap().to_owned(), user["tokens"].clone())),
        );
        // In the meantime somebody at the end of the list overtakes everybody, and somebody new comes.
        for newcomer in ["user-0", "new"] {
            assert_eq!(app.mint(&Person::new(newcomer), json!({})).await.status, 200);
        }
        app.clock.advance(TimeDelta::minutes(20));
        match page["next_cursor"].as_str() {
            Some(cursor) => {
                assert_eq!(answer.header("x-next-cursor"), cursor);
                address = format!("users?limit=2&cursor={cursor}");
            }
            None => break,
        }
    }
    let expected: Vec<_> = (0..7).rev().map(|n| (format!("user-{n}"), json!(n + 1))).collect();
    assert_eq!(seen, expected);
}

on_sqlite!(what_makes_no_sense_is_refused, Setup::default().with_operator(), ask_nonsense);

async fn ask_nonsense(app: &TestApp) {
    for (report, param, says) in [
        ("daily?from=2026-11-20&to=2026-11-19", "from", "before"),
        ("daily?from=2020-01-01", "from", "400 days"),
        ("hourly?from=2026-09-01", "from", "32 days"),
        ("daily?tz=Mars/Olympus", "tz", "Europe/Madrid"),
        ("daily?to=noon", "to", "2026-11-20T12:00:00Z"),
        ("daily?from=2026-11-20T00:00:01Z", "from", "quarter"),
        ("daily?form=2026-11-20", "form", "`from`"),
        ("daily?tz=UTC&tz=UTC", "tz", "twice"),
        ("daily?limit=3", "limit", "daily"),
        ("users?limit=0", "limit", "1 to 1000"),
        ("users?cursor=1.2.3", "cursor", "next_cursor"),
        ("users?user=ana", "user", "users"),
        ("daily?group_by=user", "group_by", "role"),
        ("hourly?group_by=week", "group_by", "outcome"),
        ("roles?group_by=model", "group_by", "not grouped"),
        ("daily?role=%00", "role", "control"),
    ] {
        let answer = app.report(report).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned(), param.to_owned()), "{report}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(says), "{report}: {}", answer.text);
    }
    assert_eq!(app.report("weekly").await.status, 404);
    let user = app.request(Method::GET, "/v1/admin/usage/summary").bearer_auth(Person::new("ana").token());
    assert_eq!(send(user).await.status, 401);
}

on_both_stores!(spreadsheets_get_no_formulas, Setup::default().with_operator(), export);

async fn export(app: &TestApp) {
    for name in ["=HYPERLINK(\"https://evil.example\")", "a, \"b\""] {
        assert_eq!(app.mint(&Person::new(name), json!({})).await.status, 200);
    }
    settled(app, 0).await;
    app.clock.advance(TimeDelta::seconds(1));
    let request = app.request(Method::GET, "/v1/admin/usage/users").bearer_auth(ADMIN_TOKEN);
    let answer = send(request.header("accept", "text/html, text/csv;q=0.9")).await;
    assert!(answer.header("content-type").starts_with("text/csv"));
    let mut lines: Vec<_> = answer.text.split("\r\n").collect();
    assert_eq!((lines.remove(0), lines.pop()), ("user_id,issuer,mints,tokens", Some("")));
    lines.sort_unstable();
    let issuer = "https://sign-in.example,1,1";
    assert_eq!(
        lines,
        [
            format!("\"'=HYPERLINK(\"\"https://evil.example\"\")\",{issuer}"),
            format!("\"a, \"\"b\"\"\",{issuer}")
        ]
    );
}

on_sqlite!(
    what_was_deleted_is_not_counted_wrongly,
    Setup::default().with_operator().set("LEDGER_RETENTION_DAYS", "31"),
    forget
);

async fn forget(app: &TestApp) {
    assert_eq!(app.mint(&Person::new("ana"), json!({})).await.status, 200);
    settled(app, 0).await;
    app.clock.advance(TimeDelta::days(40));
    // The job of the service does it within a minute; here is no time to wait.
    app.database
        .execute("UPDATE rollup_state SET closed_until = 1798588800000, kept_from = 1798588800000")
        .await;
    let whole_days = "users?from=2026-11-20&to=2026-11-21";
    assert_eq!(app.report(whole_days).await.status, 200);
    let answer = app.report(&format!("{whole_days}&tz=Europe/Madrid")).await;
    assert_eq!(answer.error(), (400, "invalid_request".to_owned(), "from".to_owned()));
}

#[test]
fn the_time_that_rows_are_kept_covers_what_users_are_shown() {
    for (days, fine) in [("30", false), ("31", true), ("0", false), ("always", false), ("", true)] {
        let settings = [("LEDGER_RETENTION_DAYS", days), ("DATA_DIR", "/tmp")];
        let read =
            ephemint::config::read_one(&settings.into_iter().collect(), ephemint::config::Storage::read);
        assert_eq!(read.is_ok(), fine, "{days:?}");
    }
}

mod the_service_counts_and_forgets_by_itself {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_sqlite() {
        run(StoreKind::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_postgres() {
        if StoreKind::Postgres.is_wanted() {
            run(StoreKind::Postgres).await;
        }
    }

    async fn run(kind: StoreKind) {
        let database = TestDatabase::create(kind).await;
        // 31 days and some before the clock of the service.
        mint_and_refuse(&database, "2026-10-18T23:50:00Z".parse().unwrap()).await;
        let setup = Setup::default().with_operator().set("LEDGER_RETENTION_DAYS", "31");
        let app = TestApp::start_on(database, kind, setup).await;
        while app.database.texts("SELECT count(*) FROM mints").await != ["0"]
            || app.database.texts("SELECT count(*) FROM refusals").await != ["0"]
        {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let row = rows(&app, "summary?from=2026-10-01").await.remove(0);
        let seen = ["mints", "issued", "active_users", "refused"].map(|column| row[column].clone());
        assert_eq!(seen, [1, 1, 1, 2].map(Value::from));
        app.stop().await;
    }

    async fn mint_and_refuse(database: &TestDatabase, then: DateTime<Utc>) {
        let store = database.open(StoreClock::Set(Arc::new(ManualClock::at(then)))).await;
        let user = Arc::new(Person::new("ana").user());
        let ask = Ask {
            id: MintId::new(then),
            user: user.clone(),
            assumed: Standing::default(),
            hourly_limit: 1,
            role: "student".into(),
            language: "en".into(),
            session_type: SessionType::Realtime,
            model: "gpt-realtime-2.1-mini".into(),
            key_source: KeySource::Operator,
            request_id: RequestId::new(then),
        };
        let (id, outcome) = (ask.id, Outcome::Issued);
        store.turn(&Batch { asks: vec![ask], settlements: Vec::new() }).await.unwrap();
        let end = Settlement { id, outcome, error: None, latency_ms: Some(70), expires_at: None };
        store.turn(&Batch { asks: Vec::new(), settlements: vec![end] }).await.unwrap();
        let refusal = Refusal { user, code: Code::RateLimitExceeded, minute: then, count: 2 };
        store.count_refusals(&[refusal]).await.unwrap();
    }
}
