//! Traces as a collector gets them: the program itself, built with the feature `traces`, and a small collector that reads
//! what it is sent.
#![cfg(feature = "traces")]
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod collector;

use std::time::Duration;

use ephemint::config::{Logging, read_one};
use ephemint_sim::{DEMO_API_KEY, Fault, Settings, Simulator};
use ephemint_test_support::{
    ADMIN_TOKEN, JWT_SECRET, MINT, Person, ServiceProcess, StoreKind, TestDatabase, send, settings,
};
use serde_json::json;

use self::collector::{Collector, Told};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";
const FAILED: &str = "traces can't be sent; they are dropped";

struct Scene {
    service: ServiceProcess,
    simulator: Simulator,
    http: reqwest::Client,
    _database: TestDatabase,
}

impl Scene {
    async fn start(endpoint: &str, more: &[(&'static str, &str)]) -> Self {
        let simulator = Simulator::start(Settings::default()).await.unwrap();
        let database = TestDatabase::create(StoreKind::Sqlite).await;
        let mut settings = settings(&simulator, &database);
        settings.push(("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.to_owned()));
        settings.push(("ADMIN_TOKEN", ADMIN_TOKEN.to_owned()));
        settings.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let service = ServiceProcess::start(env!("CARGO_BIN_EXE_ephemint"), &settings);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { service, simulator, http, _database: database }
    }

    /// Asks for a token, as part of this trace; says with which status that was answered.
    async fn mint(&self, traceparent: Option<&str>) -> u16 {
        let url = format!("{}{MINT}", self.service.base());
        let request = self.http.post(url).bearer_auth(Person::new("ana-canary").named("Ana Canary").token());
        let request =
            request.header("tracestate", "vendor=state-canary").header("x-request-id", "req-of-the-test");
        let request =
            traceparent.iter().fold(request, |request, value| request.header("traceparent", *value));
        send(request.json(&json!({}))).await.status
    }

    async fn stop(self) -> String {
        let (status, output) = self.service.stop();
        assert!(status.success(), "{output}");
        self.simulator.stop().await;
        output
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mint_is_three_spans_of_the_callers_trace_and_the_provider_is_told_of_it() {
    let collector = Collector::start().await;
    let scene = Scene::start(collector.base(), &[]).await;
    assert_eq!(scene.mint(Some(&format!("00-{TRACE}-{CALLER}-01"))).await, 200);
    let sent = scene.simulator.last_request().unwrap();
    assert!(!sent.header_names.contains(&"tracestate".to_owned()), "{sent:?}");
    // What was not sent yet is sent when the service stops.
    scene.stop().await;

    let spans = collector.spans();
    let [request, turn, upstream] = ["POST /v1/realtime/client_secrets", "store turn", "POST client_secrets"]
        .map(|name| {
            spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {spans:?}"))
        });
    assert_eq!(spans.len(), 3, "{spans:?}");
    assert!(spans.iter().all(|span| span.trace == TRACE), "{spans:?}");
    assert_eq!(request.parent, CALLER);
    assert_eq!((&turn.parent, &upstream.parent), (&request.id, &request.id));
    assert_eq!([request.kind, turn.kind, upstream.kind], ["server", "internal", "client"]);
    assert!(request.began <= turn.began && turn.ended <= upstream.began && upstream.ended <= request.ended);
    assert_eq!(sent.traceparent, Some(format!("00-{TRACE}-{}-01", upstream.id)));
    assert_eq!(
        request.attributes(),
        [
            "http.request.method=POST",
            "http.response.status_code=200",
            "http.route=/v1/realtime/client_secrets",
            "id=req-of-the-test",
            "method=POST",
            "path=/v1/realtime/client_secrets",
        ]
    );
    assert_eq!(turn.attributes(), [""; 0]);
    assert_eq!(upstream.attributes(), ["http.request.method=POST", "http.response.status_code=200"]);
    assert!(spans.iter().all(|span| !span.failed && span.events == 0), "{spans:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_secret_and_nobody_who_asks_is_in_a_trace() {
    let collector = Collector::start().await;
    let scene = Scene::start(collector.base(), &[("RUST_LOG", "trace")]).await;
    assert_eq!(scene.mint(None).await, 200);
    scene.simulator.fail_next(1, Fault::Unauthorized);
    assert_eq!(scene.mint(None).await, 502);
    let output = scene.stop().await;
    let told = String::from_utf8_lossy(&collector.bytes()).into_owned();
    assert!(
        told.contains("ephemint") && told.contains("client_secrets"),
        "this test looks at nothing: {told}"
    );
    let token = Person::new("ana-canary").token();
    let signature = token.rsplit('.').next().unwrap();
    for secret in [
        "ana-canary",
        "Ana Canary",
        "state-canary",
        "You are",
        "Eres",
        "ek_",
        DEMO_API_KEY,
        JWT_SECRET,
        ADMIN_TOKEN,
        "eyJ",
        signature,
    ] {
        assert!(!told.contains(secret), "{secret} is in a trace");
    }
    assert!(output.contains("ana-canary"), "the log names the user, or this test looks at nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_is_marked_and_a_trace_begins_where_the_caller_names_none() {
    let collector = Collector::start().await;
    let scene = Scene::start(collector.base(), &[]).await;
    scene.simulator.fail_next(1, Fault::ServerError);
    assert_eq!(scene.mint(None).await, 502);
    for unreadable in
        ["00-zz-00f067aa0ba902b7-01", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "nonsense"]
    {
        assert_eq!(scene.mint(Some(unreadable)).await, 200);
    }
    // The caller has decided that this one is not kept.
    assert_eq!(scene.mint(Some(&format!("00-{TRACE}-{CALLER}-00"))).await, 200);
    assert_eq!(scene.simulator.last_request().unwrap().traceparent.unwrap()[..36], format!("00-{TRACE}-"));
    scene.service.signal("TERM");
    let (status, output) = scene.service.ended(Duration::from_secs(10)).await;
    assert!(status.success(), "{output}");
    let spans = collector.spans();
    assert_eq!(spans.len(), 12, "{spans:?}");
    let failed: Vec<&Told> = spans.iter().filter(|span| span.failed).collect();
    assert_eq!(failed.len(), 2, "{spans:?}");
    assert!(failed.iter().all(|span| span.trace == failed[0].trace));
    let roots: Vec<_> = spans.iter().filter(|span| span.parent.is_empty()).collect();
    assert_eq!(roots.len(), 4);
    assert!(spans.iter().all(|span| span.trace != TRACE), "a trace that is not kept was sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_is_sent_its_headers_and_nobody_else_sees_them() {
    let collector = Collector::start().await;
    let headers = "authorization=Basic%20key-canary, x-collector-key=key%2Ccanary%25";
    let more = [("OTEL_EXPORTER_OTLP_HEADERS", headers), ("RUST_LOG", "trace")];
    let scene = Scene::start(collector.base(), &more).await;
    assert_eq!(scene.mint(None).await, 200);
    let upstream = scene.simulator.last_request().unwrap();
    assert!(!upstream.header_names.contains(&"x-collector-key".to_owned()), "{upstream:?}");
    let output = scene.stop().await;
    assert!(!collector.keys().is_empty());
    assert!(collector.keys().iter().all(|key| key == "key,canary%"), "{:?}", collector.keys());
    for secret in ["canary%", "key-canary", "key%2Ccanary"] {
        assert!(!output.contains(secret), "{secret} is in the log");
    }
}

/// How many spans of a trace of its own are sent, and of one that the caller keeps.
async fn sent(sampler: &str, share: &str) -> (usize, usize) {
    let collector = Collector::start().await;
    let more = [("OTEL_TRACES_SAMPLER", sampler), ("OTEL_TRACES_SAMPLER_ARG", share)];
    let scene = Scene::start(collector.base(), &more).await;
    assert_eq!(scene.mint(None).await, 200);
    assert_eq!(scene.mint(Some(&format!("00-{TRACE}-{CALLER}-01"))).await, 200);
    scene.stop().await;
    let spans = collector.spans();
    let callers = spans.iter().filter(|span| span.trace == TRACE).count();
    (spans.len() - callers, callers)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sampler_says_which_traces_are_sent() {
    assert_eq!(sent("", "").await, (3, 3));
    assert_eq!(sent("always_on", "").await, (3, 3));
    assert_eq!(sent("always_off", "").await, (0, 0));
    assert_eq!(sent("parentbased_always_off", "").await, (0, 3));
    assert_eq!(sent("parentbased_traceidratio", "0").await, (0, 3));
    assert_eq!(sent("traceidratio", "0").await, (0, 0));
    assert_eq!(sent("traceidratio", "1").await, (3, 3));
}

#[test]
fn mistakes_in_what_a_collector_wants_are_told_without_its_secrets() {
    for (name, bad, said) in [
        ("OTEL_EXPORTER_OTLP_HEADERS", "key-canary", "number 1 is no header"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=b,bad name=key-canary", "number 2 is no header"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=key-canary%zz", "number 1 is no header"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=key-canary%0A", "number 1 is no header"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=key-canary%4", "number 1 is no header"),
        ("OTEL_TRACES_SAMPLER", "jaeger_remote", "write parentbased_always_on or"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.5", "OTEL_TRACES_SAMPLER=parentbased_traceidratio"),
    ] {
        let settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"), (name, bad)];
        let told = mistakes(&settings);
        assert!(told.contains(name) && told.contains(said) && !told.contains("canary"), "{bad}: {told}");
    }
    for bad in ["1.1", "-0.1", "NaN", "half"] {
        let told = mistakes(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"),
            ("OTEL_TRACES_SAMPLER", "traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", bad),
        ]);
        assert!(told.contains("OTEL_TRACES_SAMPLER_ARG") && told.contains("from 0 to 1"), "{bad}: {told}");
    }
    let unused = [("OTEL_EXPORTER_OTLP_HEADERS", "nonsense"), ("OTEL_TRACES_SAMPLER", "jaeger_remote")];
    assert_eq!(mistakes(&unused), "", "without a collector they mean nothing");
}

fn mistakes(settings: &[(&str, &str)]) -> String {
    let found = read_one(&settings.iter().copied().collect(), Logging::read);
    found.err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_down_costs_a_line_in_the_log() {
    let gone = Collector::start().await;
    let endpoint = gone.base().to_owned();
    gone.stop().await;
    let scene = Scene::start(&endpoint, &[]).await;
    assert_eq!(scene.mint(None).await, 200);
    let told = scene.service.expect_logged(FAILED, 1).await;
    assert_eq!(told[0]["level"], "WARN");
    assert_eq!(scene.mint(None).await, 200);
    let output = scene.stop().await;
    assert_eq!(output.matches(FAILED).count(), 1, "{output}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_hangs_does_not_outlast_the_time_to_stop() {
    let collector = Collector::start().await;
    collector.hang();
    let scene = Scene::start(collector.base(), &[("SHUTDOWN_TIMEOUT_MS", "2000")]).await;
    assert_eq!(scene.mint(None).await, 200);
    scene.service.signal("TERM");
    // Less than the collector is waited for otherwise.
    let (status, output) = scene.service.ended(Duration::from_millis(4500)).await;
    assert!(status.success(), "{output}");
}
