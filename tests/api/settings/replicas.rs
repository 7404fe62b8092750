//! What is set on one replica holds on all, and costs nobody a round trip more than it has to.

use ephemint_sim::{Settings, Simulator};
use ephemint_test_support::{
    EmptyDirectory, MINT, Person, ServiceProcess, StoreKind, TestApp, TestDatabase, on_both_stores, send,
    settings,
};
use serde_json::{Value, json};

use super::{POLICY, SETTINGS, ana, delete, set, setup};

/// Both processes have seen the user before, and assume what they saw.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_set_on_one_holds_on_the_other_at_once() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    let database = TestDatabase::create(StoreKind::Postgres).await;
    let folder = EmptyDirectory::create();
    let policy = folder.0.join("policy.toml");
    std::fs::write(&policy, POLICY).unwrap();
    let mut settings = settings(&simulator, &database);
    settings.push(("POLICY_FILE", policy.display().to_string()));
    let processes = [0, 1].map(|_| ServiceProcess::start(env!("CARGO_BIN_EXE_ephemint"), &settings));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let put = async |at: usize, prompt: &Value| {
        let url = format!("{}{SETTINGS}", processes[at].base());
        let body = json!({"system_prompt": prompt});
        let answer = send(http.put(url).bearer_auth(ana().token()).json(&body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    };
    let told = async |at: usize| {
        let url = format!("{}{MINT}", processes[at].base());
        assert_eq!(send(http.post(url).bearer_auth(ana().token()).json(&json!({}))).await.status, 200);
        let sent = simulator.last_request().unwrap().body.unwrap();
        sent["session"]["instructions"].as_str().unwrap().to_owned()
    };
    for round in 0..4 {
        let prompt = format!("This is round {round}.");
        put(round % 2, &prompt.as_str().into()).await;
        for at in [1, 0, 1] {
            let told = told(at).await;
            assert!(told.contains(&prompt) && told.matches("This is round").count() == 1, "{told}");
        }
        // The same text again, and none: what was seen before is never taken for what holds now.
        put(0, &Value::Null).await;
        assert!(!told(1).await.contains("This is round"));
        put(1, &prompt.as_str().into()).await;
        assert!(told(0).await.contains(&prompt));
    }
    for process in processes {
        let (status, output) = process.stop();
        assert!(status.success(), "{output}");
    }
    simulator.stop().await;
}

on_both_stores!(only_a_change_costs_another_round_trip, setup(), count_round_trips);

async fn count_round_trips(app: &TestApp) {
    let bob = Person::new("bob");
    let round_trips = async |person: &Person| {
        let before = asked(app).await;
        assert_eq!(app.mint(person, json!({})).await.status, 200);
        asked(app).await - before
    };
    assert_eq!([round_trips(&bob).await, round_trips(&ana()).await], [1, 1]);
    set(app, &ana(), &json!({"voice": "cedar"})).await;
    assert_eq!([round_trips(&ana()).await, round_trips(&ana()).await, round_trips(&bob).await], [2, 1, 1]);
    set(app, &ana(), &json!({"voice": "cedar"})).await;
    assert_eq!([round_trips(&ana()).await, round_trips(&ana()).await], [2, 1]);
    delete(app, &ana()).await;
    assert_eq!([round_trips(&ana()).await, round_trips(&ana()).await], [2, 1]);
}

/// How often mints have waited for the store.
async fn asked(app: &TestApp) -> u64 {
    let metrics = app.metrics().await;
    let count =
        metrics.lines().find_map(|line| line.strip_prefix("ephemint_mint_store_duration_seconds_count "));
    count.unwrap().parse().unwrap()
}
