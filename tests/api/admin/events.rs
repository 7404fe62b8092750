//! `GET /v1/admin/events`: what operators hear, and for how long.

use std::time::Duration;

use ephemint_sim::{Fault, Settings, Simulator};
use ephemint_test_support::{
    ADMIN_TOKEN, MINT, Person, ServiceProcess, StoreKind, TestApp, TestDatabase, on_both_stores, on_sqlite,
    send, settings,
};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use super::{ana, get, put, rows, setup};

const EVENTS: &str = "/v1/admin/events";

/// Listeners that a server has at most.
const PLACES: usize = 32;

/// One event, as a browser would understand it.
#[derive(Debug)]
struct Event {
    name: String,
    id: Option<String>,
    data: Value,
}

/// Somebody who listens.
struct Ear {
    response: Response,
    text: String,
}

impl Ear {
    async fn listen(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let mut ear = Self { response, text: String::new() };
        // It is heard at once that somebody listens.
        ear.more().await.unwrap();
        assert!(ear.text.starts_with(":\n\n"), "{:?}", ear.text);
        ear
    }

    async fn of_operator(app: &TestApp, query: &str) -> Self {
        Self::listen(app.admin(Method::GET, &format!("{EVENTS}{query}"))).await
    }

    async fn more(&mut self) -> Option<()> {
        let piece =
            tokio::time::timeout(Duration::from_secs(10), self.response.chunk()).await.unwrap().unwrap()?;
        self.text.push_str(std::str::from_utf8(&piece).unwrap());
        Some(())
    }

    /// The next event; none when there will be none.
    async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                if block != ":" {
                    return Some(event(&block));
                }
            }
            self.more().await?;
        }
    }

    async fn expect(&mut self, name: &str) -> Event {
        let event = self.next().await.unwrap();
        assert_eq!(event.name, name, "{event:?}");
        event
    }
}

fn event(block: &str) -> Event {
    let mut event = Event { name: String::new(), id: None, data: Value::Null };
    for line in block.lines() {
        let (field, value) = line.split_once(": ").unwrap();
        match field {
            "event" => event.name = value.to_owned(),
            "id" => event.id = Some(value.to_owned()),
            field => {
                assert_eq!(field, "data", "{block:?}");
                event.data = serde_json::from_str(value).unwrap();
            }
        }
    }
    event
}

on_both_stores!(every_mint_is_told_once_when_it_has_ended, setup(), try_mints);

async fn try_mints(app: &TestApp) {
    assert_eq!(app.mint(&Person::new("before"), json!({})).await.status, 200);
    app.expect_outcomes(&["issued"]).await;
    app.advance(1);
    let mut ear = Ear::of_operator(app, "").await;
    let headers = ear.response.headers();
    assert_eq!(headers["content-type"], "text/event-stream; charset=utf-8");
    assert_eq!([&headers["cache-control"], &headers["x-accel-buffering"]], ["no-store", "no"]);
    assert!(!headers.contains_key("content-encoding"));

    // Pending over more than one look.
    app.simulator.fail_next(1, Fault::Slow { millis: 2500 });
    assert_eq!(app.mint(&ana(), json!({})).await.status, 200);
    let issued = ear.expect("mint").await;
    assert_eq!((&issued.data["outcome"], &issued.data["user_id"]), (&json!("issued"), &json!("ana")));
    app.advance(1);
    app.simulator.fail_next(1, Fault::ServerError);
    assert_eq!(app.mint(&ana(), json!({})).await.status, 502);
    assert_eq!(ear.expect("mint").await.data["outcome"], "refunded");
    app.advance(1);
    app.simulator.fail_next(1, Fault::Garbage);
    assert_eq!(app.mint(&Person::new("bea"), json!({})).await.status, 502);
    let unconfirmed = ear.expect("mint").await;
    assert_eq!(unconfirmed.data["outcome"], "unconfirmed");

    let page = rows(app, "/v1/admin/mints", "mints").await;
    assert_eq!(page.len(), 4);
    assert_eq!(page[0], unconfirmed.data, "an event has what the page has");
    assert_eq!(page[2], issued.data);
}

on_both_stores!(refusals_are_told_by_how_many_there_were, setup(), try_refusals);

async fn try_refusals(app: &TestApp) {
    assert_eq!(app.mint(&ana(), json!({"role": "king"})).await.status, 403);
    app.expect_texts("SELECT count FROM refusals", &["1"]).await;
    let mut ear = Ear::of_operator(app, "").await;
    let mut count = 0;
    for _ in 0..3 {
        assert_eq!(app.mint(&ana(), json!({"role": "king"})).await.status, 403);
    }
    while count < 3 {
        let refusal = ear.expect("refusal").await.data;
        assert_eq!((&refusal["code"], &refusal["user_id"]), (&json!("role_not_allowed"), &json!("ana")));
        assert_eq!(
            (&refusal["issuer"], &refusal["at"]),
            (&json!(issuer()), &json!("2026-11-20T12:00:00.000Z"))
        );
        count += refusal["count"].as_i64().unwrap();
    }
    assert_eq!(count, 3, "the one from before is not among them");
    app.advance(61);
    assert_eq!(app.mint(&ana(), json!({"role": "king"})).await.status, 403);
    assert_eq!(ear.expect("refusal").await.data["count"], 1);
}

fn issuer() -> String {
    ana().user().issuer
}

on_both_stores!(one_can_listen_for_some_only, setup(), try_filters);

async fn try_filters(app: &TestApp) {
    let mut of_bea = Ear::of_operator(app, "?user=bea").await;
    let mut of_helpers = Ear::of_operator(app, "?role=helper").await;
    let mut of_bea_as_a_helper = Ear::of_operator(app, "?user=bea&role=helper").await;
    let bea = Person::new("bea");
    for (person, role) in
        [(&ana(), "guest"), (&ana(), "helper"), (&bea, "king"), (&bea, "guest"), (&bea, "helper")]
    {
        // Ids of one moment are in no order.
        app.advance(1);
        let status = app.mint(person, json!({"role": role})).await.status;
        assert_eq!(status, if role == "king" { 403 } else { 200 });
    }
    let mut heard = Vec::new();
    for _ in 0..3 {
        let event = of_bea.next().await.unwrap();
        assert_eq!(event.data["user_id"], "bea");
        heard.push(event.name);
    }
    heard.sort();
    assert_eq!(heard, ["mint", "mint", "refusal"]);
    for user in ["ana", "bea"] {
        let data = of_helpers.expect("mint").await.data;
        assert_eq!((&data["user_id"], &data["role"]), (&json!(user), &json!("helper")));
    }
    let data = of_bea_as_a_helper.expect("mint").await.data;
    assert_eq!((&data["user_id"], &data["role"]), (&json!("bea"), &json!("helper")));
    for (query, param) in [("?issuer=x", "issuer"), ("?user=", "user")] {
        let answer = get(app, &format!("{EVENTS}{query}")).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned(), param.to_owned()));
    }
    assert_eq!(get(app, &format!("{EVENTS}?usr=bea")).await.code(), "invalid_request");
}

on_both_stores!(who_comes_back_misses_no_mint, setup(), try_to_resume);

async fn try_to_resume(app: &TestApp) {
    let mut ear = Ear::of_operator(app, "").await;
    assert_eq!(app.mint(&ana(), json!({})).await.status, 200);
    let last = ear.expect("mint").await;
    drop(ear);
    for user in ["bea", "cai"] {
        app.advance(1);
        assert_eq!(app.mint(&Person::new(user), json!({})).await.status, 200);
    }
    app.expect_outcomes(&["issued", "issued", "issued"]).await;

    let again = app.admin(Method::GET, EVENTS).header("Last-Event-ID", last.id.unwrap());
    let mut ear = Ear::listen(again).await;
    assert_eq!(app.mint(&Person::new("dai"), json!({})).await.status, 200);
    let mut users = Vec::new();
    for _ in 0..4 {
        users.push(ear.expect("mint").await.data["user_id"].as_str().unwrap().to_owned());
    }
    // Whoever came within the last minute comes again, and nobody twice.
    assert_eq!(users, ["ana", "bea", "cai", "dai"]);
    let odd = send(app.admin(Method::GET, EVENTS).header("Last-Event-ID", "7")).await;
    assert_eq!(odd.error(), (400, "invalid_request".to_owned(), "Last-Event-ID".to_owned()));
}

on_sqlite!(nobody_listens_longer_than_they_may, setup(), try_credentials);

async fn try_credentials(app: &TestApp) {
    let boss = Person::new("boss").as_role("boss");
    let soon = json!(BEGIN + 3600);
    for (person, decided, seconds, code) in [
        (boss.clone(), json!({"disabled": true}), 0, "user_disabled"),
        (boss.clone(), json!({"role": "guest"}), 0, "not_allowed"),
        (boss.with("exp", soon), json!({}), 3700, "unauthorized"),
    ] {
        assert_eq!(put(app, "boss", json!({})).await.status, 200);
        let request = app.request(Method::GET, EVENTS).bearer_auth(person.token());
        let mut ear = Ear::listen(request).await;
        assert_eq!(app.mint(&Person::new(code), json!({})).await.status, 200);
        ear.expect("mint").await;
        assert_eq!(put(app, "boss", decided).await.status, 200);
        app.advance(seconds);
        let told = tokio::time::timeout(Duration::from_secs(5), ear.expect("end")).await;
        assert_eq!(told.unwrap().data["code"], code);
        assert!(ear.next().await.is_none(), "{code}: it goes on");
    }
}

/// When the clock of a test begins.
const BEGIN: i64 = 1_795_176_000;

on_sqlite!(whoever_goes_away_frees_their_place, setup(), try_places);

async fn try_places(app: &TestApp) {
    let mut ears = Vec::new();
    for _ in 0..PLACES {
        ears.push(Ear::of_operator(app, "").await);
    }
    let full = get(app, EVENTS).await;
    assert_eq!(full.error(), (503, "too_many_listeners".to_owned(), String::new()));
    assert_eq!(full.header("retry-after"), "15");
    assert_eq!(app.mint(&ana(), json!({})).await.status, 200);
    for ear in &mut ears {
        ear.expect("mint").await;
    }
    ears.pop();
    let mut status = 503;
    for _ in 0..240 {
        status = app.admin(Method::GET, EVENTS).send().await.unwrap().status().as_u16();
        if status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(status, 200, "the place of one who has gone stays taken");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listeners_do_not_hold_up_a_stop() {
    let app = TestApp::start(StoreKind::Sqlite, setup()).await;
    let mut ears = [Ear::of_operator(&app, "").await, Ear::of_operator(&app, "").await];
    let stopping = tokio::time::timeout(Duration::from_millis(1800), app.stop());
    let heard = async {
        for ear in &mut ears {
            assert_eq!(ear.expect("end").await.data["code"], "store_unavailable");
            assert!(ear.next().await.is_none());
        }
    };
    let (stopped, ()) = tokio::join!(stopping, heard);
    assert!(stopped.is_ok(), "it took too long to stop");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_replica_does_is_heard_on_another() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    let database = TestDatabase::create(StoreKind::Postgres).await;
    let mut settings = settings(&simulator, &database);
    settings.push(("ADMIN_TOKEN", ADMIN_TOKEN.to_owned()));
    let processes = [0, 1].map(|_| ServiceProcess::start(env!("CARGO_BIN_EXE_ephemint"), &settings));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let listen = |at: usize| http.get(format!("{}{EVENTS}", processes[at].base())).bearer_auth(ADMIN_TOKEN);
    let mut ears = [Ear::listen(listen(0)).await, Ear::listen(listen(1)).await];
    let mint = async |at: usize, user: &str, body: Value| {
        let url = format!("{}{MINT}", processes[at].base());
        send(http.post(url).bearer_auth(Person::new(user).token()).json(&body)).await.status
    };
    assert_eq!(mint(0, "ana", json!({})).await, 200);
    assert_eq!(mint(0, "ana", json!({"role": "king"})).await, 403);
    for ear in &mut ears {
        let mut heard = [ear.next().await.unwrap(), ear.next().await.unwrap()];
        heard.sort_by_key(|event| event.name.clone());
        assert_eq!(heard.each_ref().map(|event| event.name.as_str()), ["mint", "refusal"]);
        assert!(heard.iter().all(|event| event.data["user_id"] == "ana"), "{heard:?}");
    }
    assert_eq!(mint(1, "bea", json!({})).await, 200);
    for ear in &mut ears {
        assert_eq!(ear.expect("mint").await.data["user_id"], "bea");
    }
    drop(ears);
    for process in processes {
        let (status, output) = process.stop();
        assert!(status.success(), "{output}");
    }
    simulator.stop().await;
}
