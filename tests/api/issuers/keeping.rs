//! How key sets are kept: refreshed by age and for unknown keys, asked for seldom, used while the issuer is away.

use std::time::Duration;

use ephemint_test_support::{Answer, Behaviour, KeyServer, SigningKey};
use futures_util::future::join_all;

use super::*;

struct Scene {
    app: TestApp,
    server: KeyServer,
    old: SigningKey,
    new: SigningKey,
}

impl Scene {
    /// A service that has fetched the old key.
    async fn begin(setup: impl FnOnce(&KeyServer) -> Setup) -> Self {
        let (old, new) = (SigningKey::p256("old"), SigningKey::p256("new"));
        let server = KeyServer::start(&[&old]).await;
        let app = start(setup(&server)).await;
        let scene = Self { app, server, old, new };
        assert_eq!(scene.call(&scene.old).await.status, 200);
        assert_eq!(scene.server.fetches(), 1);
        scene
    }

    async fn call(&self, key: &SigningKey) -> Answer {
        usage(&self.app, &key.sign("ES256", &claims(&self.server))).await
    }

    async fn ready(&self) -> Answer {
        send(self.app.request(Method::GET, "/readyz")).await
    }

    fn break_server(&self) {
        self.server.behave(Behaviour { status: 500, ..Behaviour::default() });
    }

    /// Waits until the key set was fetched so often. What is fetched in the background is there a moment later.
    async fn expect_fetches(&self, count: usize) {
        for _ in 0..200 {
            if self.server.fetches() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(self.server.fetches(), count);
    }

    /// Waits until a token of this key is answered so. For what happens in the background.
    async fn expect(&self, key: &SigningKey, status: u16) {
        let mut last = 0;
        for _ in 0..200 {
            last = self.call(key).await.status;
            if last == status {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(last, status, "it stayed so for two seconds");
    }

    async fn end(self) {
        self.app.stop().await;
        self.server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_unknown_key_is_asked_for_once_by_any_crowd() {
    let scene = Scene::begin(pointed_at).await;
    scene.server.publish(&[&scene.old, &scene.new]);
    scene.app.advance(11);
    let held = scene.server.hold().await;
    let crowd = async { join_all((0..64).map(|_| scene.call(&scene.new))).await };
    let release = async {
        scene.expect_fetches(2).await;
        // Whoever has a known key does not wait.
        assert_eq!(scene.call(&scene.old).await.status, 200);
        drop(held);
    };
    let (answers, ()) = tokio::join!(crowd, release);
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(scene.server.fetches(), 2);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn unknown_keys_are_asked_for_every_ten_seconds_at_most() {
    let scene = Scene::begin(pointed_at).await;
    for round in 0..3 {
        let keys: Vec<_> = (0..20).map(|n| SigningKey::p256(&format!("bogus {round} {n}"))).collect();
        scene.app.advance(if round == 0 { 9 } else { 10 });
        for answer in join_all(keys.iter().map(|key| scene.call(key))).await {
            assert_eq!(answer.error(), error(401, "unauthorized"));
        }
        assert_eq!(scene.server.fetches(), 1 + round);
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_goes_away_takes_nothing_along() {
    let scene = Scene::begin(pointed_at).await;
    scene.server.publish(&[&scene.new]);
    scene.app.advance(11);
    let held = scene.server.hold().await;
    let impatient = tokio::time::timeout(Duration::from_millis(200), scene.call(&scene.new)).await;
    assert!(impatient.is_err(), "the server gives no answer yet");
    drop(held);
    assert_eq!(scene.call(&scene.new).await.status, 200);
    assert_eq!(scene.server.fetches(), 2);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_set_is_refreshed_by_age_and_nobody_waits_for_that() {
    let scene = Scene::begin(pointed_at).await;
    scene.app.advance(599);
    assert_eq!(scene.call(&scene.old).await.status, 200);
    assert_eq!(scene.server.fetches(), 1, "fresh for ten minutes where the issuer doesn't say");
    scene.server.publish(&[&scene.new]);
    let held = scene.server.hold().await;
    scene.app.advance(2);
    assert_eq!(scene.call(&scene.old).await.status, 200, "the old set serves until the new one is there");
    scene.expect_fetches(2).await;
    drop(held);
    scene.expect(&scene.old, 401).await;
    assert_eq!(scene.call(&scene.new).await.status, 200);
    assert_eq!(scene.server.fetches(), 2);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_issuers_own_age_holds_within_bounds() {
    let scene = Scene::begin(pointed_at).await;
    let mut fetches = 1;
    for (said, seconds) in
        [("max-age=1800", 1800), ("no-store", 300), ("max-age=1", 300), ("max-age=999999", 86_400)]
    {
        // The last set grows old, and one that says so comes in its place.
        let newest = SigningKey::p256(said);
        let body = json!({"keys": [scene.old.jwk(), newest.jwk()]}).to_string().into_bytes();
        let headers = vec![("cache-control", said.to_owned())];
        scene.server.behave(Behaviour { headers, body, ..Behaviour::default() });
        scene.app.advance(86_400);
        fetches += 1;
        scene.expect(&newest, 200).await;
        scene.app.advance(seconds - 1);
        assert_eq!(scene.call(&scene.old).await.status, 200);
        assert_eq!(scene.server.fetches(), fetches, "{said}");
        scene.app.advance(1);
        fetches += 1;
        assert_eq!(scene.call(&scene.old).await.status, 200);
        scene.expect_fetches(fetches).await;
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_serve_while_their_server_is_down_but_not_for_ever() {
    let scene = Scene::begin(|server| pointed_at(server).set("JWKS_MAX_STALE_SECONDS", "7200")).await;
    scene.break_server();
    scene.app.advance(7200);
    assert_eq!(scene.call(&scene.old).await.status, 200);
    assert_eq!(scene.call(&scene.new).await.error(), error(401, "unauthorized"));
    assert_eq!(scene.ready().await.status, 200);

    scene.app.advance(1);
    for answer in [scene.call(&scene.old).await, scene.call(&scene.new).await, scene.ready().await] {
        assert_eq!(answer.error(), error(503, "keys_unavailable"));
        let wait: u32 = answer.header("retry-after").parse().unwrap();
        assert!((1..=10).contains(&wait), "{wait}");
    }
    assert_eq!(scene.app.simulator.requests().len(), 0);

    scene.server.publish(&[&scene.new]);
    scene.app.advance(10);
    assert_eq!(scene.call(&scene.new).await.status, 200, "whoever needs them waits for them");
    assert_eq!(scene.call(&scene.old).await.error(), error(401, "unauthorized"));
    assert_eq!(scene.ready().await.status, 200);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_starts_without_the_issuer_and_gets_ready_when_it_comes() {
    for setup in [discovered, pointed_at] {
        let key = SigningKey::p256("new");
        let server = KeyServer::start(&[]).await;
        server.behave(Behaviour {
            status: 503,
            configuration: Some(json!({"sorry": true})),
            ..Behaviour::default()
        });
        let scene =
            Scene { app: start(setup(&server)).await, server, old: SigningKey::p256("old"), new: key };
        assert_eq!(scene.call(&scene.new).await.error(), error(503, "keys_unavailable"));
        assert_eq!(scene.ready().await.error(), error(503, "keys_unavailable"));
        assert_eq!(send(scene.app.request(Method::GET, "/healthz")).await.status, 200);
        let asked = scene.server.asked().len();
        assert_eq!(scene.call(&scene.new).await.error(), error(503, "keys_unavailable"));
        assert_eq!(scene.server.asked().len(), asked, "a server that is down is not asked all the time");

        scene.server.publish(&[&scene.new]);
        scene.app.advance(10);
        // A load balancer asks before it sends anybody; that alone has to be enough.
        for _ in 0..200 {
            if scene.ready().await.status == 200 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(scene.ready().await.status, 200);
        assert_eq!(scene.call(&scene.new).await.status, 200);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_issuer_that_is_down_does_not_shut_out_the_users_of_another() {
    let server = KeyServer::start(&[]).await;
    server.behave(Behaviour { status: 500, ..Behaviour::default() });
    let issuer = format!("[[issuers]]\nissuer = '{}'\naudience = 'voice'", server.base());
    let app = start(Setup::policy(&format!("{}{issuer}", several::ROLES))).await;
    let key = SigningKey::p256("k");
    assert_eq!(usage(&app, &key.sign("ES256", &claims(&server))).await.code(), "keys_unavailable");
    assert_eq!(usage(&app, &ephemint_test_support::Person::new("ana").token()).await.status, 200);
    assert_eq!(send(app.request(Method::GET, "/readyz")).await.status, 200);
    app.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_age_of_a_key_set_is_among_the_metrics_and_nobody_has_to_come_for_it_to_be_refreshed() {
    let scene = Scene::begin(|server| pointed_at(server).with_operator()).await;
    let line = |name: &str, value: &str| {
        format!("ephemint_key_set_{name}{{issuer=\"{}\"}} {value}", scene.server.base())
    };
    scene.app.advance(120);
    scene.app.expect_metric(&line("age_seconds", "120.0")).await;
    scene.app.expect_metric(&line("fresh_for_seconds", "600.0")).await;
    scene.app.advance(500);
    scene.app.expect_metric(&line("age_seconds", "0.0")).await;
    scene.break_server();
    scene.app.advance(700);
    scene.app.expect_metric(&line("age_seconds", "700.0")).await;
    scene.app.expect_metric(&line("usable", "1")).await;
    scene.app.advance(86_400);
    scene.app.expect_metric(&line("usable", "0")).await;
    scene.end().await;
}
