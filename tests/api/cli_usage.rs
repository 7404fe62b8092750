//! `ephemint usage`, beside a running service.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use chrono::TimeDelta;
use ephemint::kernel::clock::{Clock, SystemClock};
use ephemint::store::StoreClock;
use ephemint::usage::reports::Kind;
use ephemint_sim::{DEMO_API_KEY, Fault, Settings, Simulator};
use ephemint_test_support::{
    ADMIN_TOKEN, JWT_SECRET, MINT, Person, ServiceProcess, StoreKind, TestDatabase, command, send,
};
use serde_json::{Value, json};

use crate::cli::{PROGRAM, run, stderr, stdout};

/// The program, serving.
struct Service {
    process: ServiceProcess,
    simulator: Simulator,
    database: TestDatabase,
    http: reqwest::Client,
}

impl Service {
    async fn start(kind: StoreKind) -> Self {
        let database = TestDatabase::create(kind).await;
        let simulator = Simulator::start(Settings::default()).await.unwrap();
        let settings = [
            ("BIND_ADDR", "127.0.0.1:0".to_owned()),
            ("JWT_SECRET", JWT_SECRET.to_owned()),
            ("OPENAI_API_KEY", DEMO_API_KEY.to_owned()),
            ("OPENAI_BASE_URL", simulator.base_url().to_owned()),
            ("ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
            database.setting(),
        ];
        let process = ServiceProcess::start(PROGRAM, &settings);
        Self { process, simulator, database, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    async fn mint(&self, person: &Person, body: Value) -> u16 {
        let request = self.http.post(format!("{}{MINT}", self.process.base()));
        send(request.bearer_auth(person.token()).json(&body)).await.status
    }

    /// Runs `usage` with the storage settings and no others.
    fn usage(&self, arguments: &[&str]) -> String {
        let (name, place) = self.database.setting();
        let output = run(&[&["usage"], arguments].concat(), &[(name, &place)]);
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output)
    }

    /// Waits until the ledger's outcomes are these, by role.
    async fn counted(&self, expected: &Value) -> Value {
        let mut told = Value::Null;
        for _ in 0..200 {
            told = serde_json::from_str(&self.usage(&["--json"])).unwrap();
            if told["today"]["mints"] == *expected {
                return told;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        assert_eq!(told["today"]["mints"], *expected);
        told
    }

    async fn stop(self) {
        let (status, output) = self.process.stop();
        assert!(status.success(), "{output}");
        self.simulator.stop().await;
    }
}

macro_rules! on_both_stores {
    ($($name:ident),+) => {
        $(mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$name(StoreKind::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if StoreKind::Postgres.is_wanted() {
                    super::$name(StoreKind::Postgres).await;
                }
            }
        })+
    };
}
on_both_stores!(usage_is_told_beside_a_running_service, the_ledger_is_followed, reports_are_those_of_the_api);

async fn usage_is_told_beside_a_running_service(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fresh = service.usage(&[]);
    assert!(fresh.contains("no mints") && !fresh.contains("TIME"), "{fresh}");

    let ana = Person::new("ana");
    assert_eq!(service.mint(&ana, json!({"language": "es"})).await, 200);
    service.simulator.fail_next(1, Fault::ServerError);
    assert_eq!(service.mint(&ana.clone().as_role("teacher"), json!({})).await, 502);
    assert_eq!(service.mint(&ana, json!({"role": "wizard"})).await, 403);
    let told = service
        .counted(&json!([
            {"role": "student", "outcome": "issued", "count": 1},
            {"role": "teacher", "outcome": "refunded", "count": 1},
        ]))
        .await;
    let newest = told["newest"].as_array().unwrap();
    assert_eq!(newest.len(), 2);
    assert_eq!(newest[0]["error"], "provider_error");
    let row = &newest[1];
    let said = json!([
        row["user_id"],
        row["role"],
        row["language"],
        row["model"],
        row["session_type"],
        row["error"]
    ]);
    assert_eq!(said, json!(["ana", "student", "es", "gpt-realtime-2.1-mini", "realtime", null]));
    assert!(row["latency_ms"].is_u64() && row["created_at"].as_str().unwrap().ends_with('Z'), "{row}");
    assert!(told["today"]["since"].as_str().unwrap().ends_with("T00:00:00.000Z"), "{told}");

    let text = service.usage(&["--limit", "1"]);
    let heading = text.lines().find(|line| line.starts_with("TIME")).unwrap();
    let columns: Vec<_> = heading.split_whitespace().collect();
    assert_eq!(columns, ["TIME", "USER", "ROLE", "LANGUAGE", "MODEL", "KEY", "OUTCOME", "LATENCY", "ERROR"]);
    assert!(text.contains("provider_error") && !text.contains(" es "), "{text}");
    service.stop().await;
}

async fn the_ledger_is_followed(kind: StoreKind) {
    let service = Service::start(kind).await;
    let ana = Person::new("ana");
    assert_eq!(service.mint(&ana, json!({"language": "es"})).await, 200);
    service.counted(&json!([{"role": "student", "outcome": "issued", "count": 1}])).await;

    let (mut command, _directory) =
        command(PROGRAM, &["usage", "--follow", "--json"], &[service.database.setting()]);
    let mut follower = Ended(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(follower.0.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    assert_eq!(next()["language"], "es", "what was there comes first");
    for (fault, outcome) in [(Fault::ServerError, "refunded"), (Fault::Garbage, "unconfirmed")] {
        service.simulator.fail_next(1, fault);
        assert_eq!(service.mint(&ana, json!({})).await, 502);
        assert_eq!(next()["outcome"], outcome, "each mint comes once, when it has ended");
    }
    service.stop().await;
}

async fn reports_are_those_of_the_api(kind: StoreKind) {
    let service = Service::start(kind).await;
    let ana = Person::new("=ana()");
    assert_eq!(service.mint(&ana, json!({"language": "es"})).await, 200);
    assert_eq!(service.mint(&ana, json!({"role": "wizard"})).await, 403);
    service.simulator.fail_next(1, Fault::ServerError);
    assert_eq!(service.mint(&ana.clone().as_role("teacher"), json!({})).await, 502);
    service
        .counted(&json!([
            {"role": "student", "outcome": "issued", "count": 1},
            {"role": "teacher", "outcome": "refunded", "count": 1},
        ]))
        .await;
    // It can't become another day between the two.
    let day = |days| (SystemClock.now() + TimeDelta::days(days)).date_naive();
    let window =
        [("from", day(-5).to_string()), ("to", day(3).to_string()), ("tz", "Europe/Madrid".to_owned())];
    let query = window.each_ref().map(|(name, value)| format!("{name}={value}")).join("&");
    let flags = window.each_ref().map(|(name, value)| format!("--{name}={value}"));
    for report in Kind::ALL.map(Kind::as_str) {
        let flags: Vec<&str> = flags.iter().map(String::as_str).chain([report]).collect();
        let url = format!("{}/v1/admin/usage/{report}?{query}", service.process.base());
        let api = |media_type| {
            let request = service.http.get(&url).bearer_auth(ADMIN_TOKEN);
            send(request.header("Accept", media_type))
        };
        let (csv, json) = (api("text/csv").await.text, api("application/json").await.text);
        assert_eq!(service.usage(&[&flags[..], &["--csv"]].concat()), csv, "{report}");
        assert_eq!(service.usage(&[&flags[..], &["--json"]].concat()), format!("{json}\n"), "{report}");
        let text = service.usage(&flags);
        assert!(text.starts_with(&format!("{report}, from 20")) && !text.contains('\u{1b}'), "{text}");
    }
    let daily = service.usage(&["daily"]);
    let drawn = |name: &str| daily.lines().any(|line| line.starts_with(name) && line.ends_with("▁█"));
    assert!(drawn("mints  ") && drawn("refused  ") && daily.contains("up to 2  "), "{daily}");
    let by_role = service.usage(&["daily", "--group-by", "role"]);
    assert!(
        by_role.contains("tokens, student  up to 1  ") && !by_role.contains("tokens, teacher"),
        "{by_role}"
    );
    assert!(service.usage(&["users", "--role", "family"]).contains("nothing in this time"));
    let mints = service.usage(&["mints", "--limit", "1"]);
    assert!(mints.starts_with("TIME") && mints.lines().count() == 2, "{mints}");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_is_shown_again_and_again() {
    let service = Service::start(StoreKind::Sqlite).await;
    let arguments = ["usage", "roles", "--watch", "--csv"];
    let (mut command, _directory) = command(PROGRAM, &arguments, &[service.database.setting()]);
    let mut watcher = Ended(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(watcher.0.stdout.take().unwrap()).lines();
    let mut next = || lines.next().unwrap().unwrap();
    assert!(next().starts_with("role,mints,"));
    assert_eq!(service.mint(&Person::new("ana"), json!({})).await, 200);
    assert!(next().starts_with("role,mints,"));
    assert!(next().starts_with("student,1,"));
    service.stop().await;
}

/// What is said of it, from a folder without any ledger: mistakes come before that.
fn mistake(arguments: &[&str]) -> String {
    let output = run(&[&["usage"], arguments].concat(), &[("DATA_DIR", "./nowhere")]);
    assert!(!output.status.success() && output.stdout.is_empty());
    stderr(&output)
}

#[test]
fn mistakes_name_the_flag_and_the_mend() {
    for (arguments, said) in [
        (&["daily", "--group-by", "user"][..], "--group-by: the report `daily` is grouped by role, language"),
        (&["errors", "--group-by", "role"], "--group-by: the report `errors` is not grouped any further"),
        (
            &["daily", "--from", "2026-11-20", "--to", "2026-11-01"],
            "--from: it can't be: `from` has to be before `to`",
        ),
        (&["daily", "--to", "yesterday"], "--to: it can't be: \"yesterday\" is neither a date such as"),
        (
            &["hourly", "--from", "2025-01-01", "--to", "2026-01-01"],
            "--from: it can't be: from `from` to `to` are more than 32 days",
        ),
        (
            &["daily", "--tz", "Madrid"],
            "--tz: it can't be: there is no time zone \"Madrid\"; write one such as Europe/Madrid",
        ),
        (&["daily", "--limit", "7"], "--limit: the report `daily` does not take it"),
        (&["users", "--limit", "1001"], "--limit: write a whole number from 1 to 1000"),
        (&["users", "--user", "ana"], "--user: the report `users` does not take it"),
        (&["users", "--cursor", "7"], "--cursor: send `next_cursor` as it came"),
        (&["daily", "--follow"], "--follow: only mints are followed; a report is drawn again by --watch"),
        (&["--csv"], "--csv: only reports take it, such as `ephemint usage daily`"),
        (&["mints", "--role", "student"], "--role: only reports take it"),
        (&["mints", "--limit", "10001"], "--limit: write a whole number from 0 to 10000"),
        (&["weekly"], "[possible values: today, mints, summary, daily"),
        (&["daily", "--json", "--csv"], "cannot be used with"),
        (&["daily"], "no ledger to read in ./nowhere (DATA_DIR)"),
    ] {
        let told = mistake(arguments);
        assert!(told.contains(said), "{arguments:?}: {told}");
    }
}

#[tokio::test]
async fn only_costs_need_the_policy() {
    let database = TestDatabase::create(StoreKind::Sqlite).await;
    drop(database.open(StoreClock::Own).await);
    let (name, place) = database.setting();
    let settings = [(name, place.as_str()), ("POLICY_FILE", "./gone.toml")];
    let output = run(&["usage", "roles"], &settings);
    assert!(output.status.success(), "{}", stderr(&output));
    let output = run(&["usage", "costs"], &settings);
    let told = stderr(&output);
    assert!(!output.status.success() && told.contains("POLICY_FILE: ./gone.toml: No such file"), "{told}");
    assert!(told.contains("name a policy file that can be read"), "{told}");
}

/// A process that ends with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn without_a_ledger_it_is_said_where_it_was_looked_for() {
    let output = run(&["usage"], &[("DATA_DIR", "./nowhere")]);
    assert!(!output.status.success());
    assert!(stderr(&output).contains("no ledger to read in ./nowhere (DATA_DIR)"), "{}", stderr(&output));
}
