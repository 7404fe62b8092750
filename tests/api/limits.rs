//! The hourly limit over HTTP: never one more, whoever asks and however many at once.

use ephemint_sim::{Settings, Simulator};
use ephemint_test_support::{
    Person, ServiceProcess, Setup, StoreKind, TestApp, TestDatabase, on_both_stores, settings,
};
use serde_json::json;
use tokio::task::JoinSet;

const CLIENTS: usize = 64;
const LIMIT: usize = 10;

on_both_stores!(the_eleventh_has_to_wait, Setup::default(), eleven_in_a_row);

async fn eleven_in_a_row(app: &TestApp) {
    let ana = Person::new("ana");
    for used in 1..=LIMIT {
        let answer = app.mint(&ana, json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json()["rate_limit"]["remaining"], LIMIT - used);
        app.advance(60);
    }
    let refused = app.mint(&ana, json!({})).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limit_exceeded"));
    // Ten minutes have passed since the first: fifty are left.
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((2999..=3001).contains(&wait), "{wait}");
    assert_eq!(refused.header("ratelimit"), format!("\"hourly\";r=0;t={wait}"));
    assert_eq!(
        app.mint(&Person::new("bea"), json!({})).await.status,
        200,
        "others have an hour of their own"
    );

    app.advance(wait - 2);
    assert_eq!(app.mint(&ana, json!({})).await.status, 429);
    app.advance(3);
    assert_eq!(app.mint(&ana, json!({})).await.status, 200, "Retry-After was not honest");
    assert_eq!(app.mint(&ana, json!({})).await.status, 429);
    assert_eq!(app.simulator.minted(), 12);
}

on_both_stores!(sixty_four_clients_get_ten, Setup::default(), many_at_once);

async fn many_at_once(app: &TestApp) {
    for round in 0..20_u64 {
        let person = Person::new(&format!("user-{round}"));
        let statuses = rush(&[app.base().to_owned()], &person).await;
        assert_exactly_ten(&statuses, round);
        assert_eq!(app.simulator.minted(), (round + 1) * LIMIT as u64);
    }
    app.expect_outcomes(&["issued"; 20 * LIMIT]).await;
}

/// All clients at once, spread over the replicas. The statuses, in no order.
async fn rush(replicas: &[String], person: &Person) -> Vec<u16> {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let url = format!("{}/v1/realtime/client_secrets", replicas[client % replicas.len()]);
        let request = http.post(url).bearer_auth(person.token());
        clients.spawn(async move { request.send().await.unwrap().status().as_u16() });
    }
    clients.join_all().await
}

fn assert_exactly_ten(statuses: &[u16], round: u64) {
    let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(200), count(429)), (LIMIT, CLIENTS - LIMIT), "round {round}: {statuses:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_replicas_on_one_postgres_give_ten() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let database = TestDatabase::create(StoreKind::Postgres).await;
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    let settings = settings(&simulator, &database);
    // All at once on an empty database: they take turns at the schema.
    let start = |_| {
        let settings = settings.clone();
        tokio::task::spawn_blocking(move || ServiceProcess::start(env!("CARGO_BIN_EXE_ephemint"), &settings))
    };
    let mut replicas = Vec::new();
    for replica in (0..4).map(start).collect::<Vec<_>>() {
        replicas.push(replica.await.unwrap());
    }
    let bases: Vec<_> = replicas.iter().map(|replica| replica.base().to_owned()).collect();
    for round in 0..10_u64 {
        let statuses = rush(&bases, &Person::new(&format!("user-{round}"))).await;
        assert_exactly_ten(&statuses, round);
        assert_eq!(simulator.minted(), (round + 1) * LIMIT as u64);
    }
    for replica in replicas {
        let (status, output) = replica.stop();
        assert!(status.success(), "{output}");
    }
    let issued = "SELECT count(*) FROM mints WHERE outcome = 'issued'";
    assert_eq!(database.texts(issued).await, ["100"], "outcomes are written before a replica ends");
    let refused = "SELECT sum(count) FROM refusals WHERE code = 'rate_limit_exceeded'";
    assert_eq!(database.texts(refused).await, [(10 * (CLIENTS - LIMIT)).to_string()]);
    simulator.stop().await;
}
