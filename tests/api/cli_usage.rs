//! `ephemint usage`, beside a running service.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use ephemint_sim::{DEMO_API_KEY, Fault, Settings, Simulator};
use ephemint_test_support::{
    JWT_SECRET, MINT, Person, ServiceProcess, StoreKind, TestDatabase, command, send,
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
on_both_stores!(usage_is_told_beside_a_running_service, the_ledger_is_followed);

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
    assert_eq!(columns, ["TIME", "USER", "ROLE", "LANGUAGE", "MODEL", "OUTCOME", "LATENCY", "ERROR"]);
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
