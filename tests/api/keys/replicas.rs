//! What becomes of a key on one replica holds on all.

use ephemint_sim::{Settings, Simulator, Standing};
use ephemint_test_support::{MINT, Person, ServiceProcess, StoreKind, TestDatabase, send, settings};
use reqwest::Method;
use serde_json::{Value, json};

use super::SEALING;

struct Deployment {
    processes: [ServiceProcess; 2],
    http: reqwest::Client,
    ana: Person,
}

impl Deployment {
    async fn send(&self, at: usize, method: Method, path: &str, body: Value) -> u16 {
        let url = format!("{}{path}", self.processes[at].base());
        send(self.http.request(method, url).bearer_auth(self.ana.token()).json(&body)).await.status
    }

    async fn put(&self, at: usize, key: &str) {
        assert_eq!(self.send(at, Method::PUT, "/v1/me/keys/openai", json!({ "key": key })).await, 200);
    }
}

/// Both processes have seen the user before, and assume what they saw: the spend tells them otherwise, so that it holds at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_gone_on_one_is_gone_on_the_other_at_once() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    let database = TestDatabase::create(StoreKind::Postgres).await;
    let mut settings = settings(&simulator, &database);
    settings.push(("ENCRYPTION_KEYS", SEALING.to_owned()));
    let processes = [0, 1].map(|_| ServiceProcess::start(env!("CARGO_BIN_EXE_ephemint"), &settings));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let deployment = Deployment { processes, http, ana: Person::new("ana") };
    for (account, key) in [("one", "sk-user-one-0123456789"), ("two", "sk-user-two-0123456789")] {
        simulator.put_account(account, key, Standing::Good);
    }
    let minted_by = async |at: usize| {
        simulator.clear();
        assert_eq!(deployment.send(at, Method::POST, MINT, json!({})).await, 200);
        simulator.last_request().unwrap().account.unwrap()
    };
    assert_eq!(minted_by(1).await, "default");
    deployment.put(0, "sk-user-one-0123456789").await;
    assert_eq!([minted_by(1).await, minted_by(0).await], ["one", "one"]);
    deployment.put(0, "sk-user-two-0123456789").await;
    assert_eq!([minted_by(1).await, minted_by(0).await], ["two", "two"]);
    assert_eq!(deployment.send(0, Method::DELETE, "/v1/me/keys/openai", json!({})).await, 204);
    assert_eq!([minted_by(1).await, minted_by(0).await], ["default", "default"]);
    for process in deployment.processes {
        let (status, output) = process.stop();
        assert!(status.success(), "{output}");
        assert!(!output.contains("sk-user-"), "{output}");
    }
    simulator.stop().await;
}
