//! What is counted of mints and of the service, and where it is read.

use ephemint::config::{Config, Environment, Logging, read_one};
use ephemint_sim::Fault;
use ephemint_test_support::{
    JWT_SECRET, MINT, Person, Setup, StoreKind, TestApp, on_both_stores, on_sqlite, send,
};
use reqwest::Method;
use serde_json::json;

/// Two roles, one of which may ask for another model.
const POLICY: &str = "
    defaults.default_role = 'one'
    defaults.instructions.en = 'Speak.'
    defaults.model = 'gpt-realtime-2.1-mini'
    roles.one = { hourly_tokens = 2 }
    roles.two = { allowed_models = ['gpt-realtime-2.1'], self_assignable = true }
";

fn mints(outcome: &str, role: &str, model: &str, count: u32) -> String {
    format!("ephemint_mints_total{{outcome=\"{outcome}\",role=\"{role}\",model=\"{model}\"}} {count}")
}

fn expect(text: &str, line: &str) {
    assert!(text.lines().any(|known| known == line), "{line} is missing in {text}");
}

on_both_stores!(mints_are_counted_by_outcome_role_and_model, Setup::policy(POLICY).with_operator(), mint_all);

async fn mint_all(app: &TestApp) {
    let (ana, ben) = (Person::new("ana"), Person::new("ben"));
    for status in [200, 200, 429] {
        assert_eq!(app.mint(&ana, json!({})).await.status, status);
    }
    let other = json!({"role": "two", "session": {"type": "realtime", "model": "gpt-realtime-2.1"}});
    assert_eq!(app.mint(&ben, other).await.status, 200);
    let denied = json!({"role": "two", "session": {"type": "realtime", "model": "gpt-realtime-9"}});
    assert_eq!(app.mint(&ben, denied).await.status, 403);
    app.simulator.fail_next(1, Fault::ServerError);
    assert_eq!(app.mint(&ben, json!({"role": "two"})).await.status, 502);

    let text = app.metrics().await;
    for line in [
        mints("issued", "one", "gpt-realtime-2.1-mini", 2),
        mints("rate_limit_exceeded", "one", "gpt-realtime-2.1-mini", 1),
        mints("issued", "two", "gpt-realtime-2.1", 1),
        mints("issued", "two", "gpt-realtime-2.1-mini", 0),
        mints("not_allowed", "two", "other", 1),
        mints("provider_error", "two", "gpt-realtime-2.1-mini", 1),
    ] {
        expect(&text, &line);
    }
    for (series, count) in [
        ("mint_duration_seconds_count{result=\"issued\"}", 3),
        ("mint_duration_seconds_count{result=\"refused\"}", 2),
        ("mint_duration_seconds_count{result=\"failed\"}", 1),
        ("mint_store_duration_seconds_count", 5),
        ("mint_upstream_duration_seconds_count", 4),
        ("store_batch_mints_count", 5),
        ("store_batch_mints_bucket{le=\"1.0\"}", 5),
    ] {
        expect(&text, &format!("ephemint_{series} {count}"));
    }
    assert!(!text.contains("ana") && !text.contains("gpt-realtime-9"), "{text}");
    let lanes = match app.store {
        StoreKind::Sqlite => ["writer", "reader"],
        StoreKind::Postgres => ["hot", "calm"],
    };
    for lane in lanes {
        assert!(value(&text, &format!("ephemint_store_waiting{{lane=\"{lane}\"}}")) < 5);
    }
    if app.store == StoreKind::Postgres {
        let open = ["busy", "idle"].map(|state| {
            value(&text, &format!("ephemint_store_connections{{lane=\"hot\",state=\"{state}\"}}"))
        });
        assert!((1..=4).contains(&open.iter().sum::<u64>()), "{open:?}");
        assert_eq!(value(&text, "ephemint_store_connections_max{lane=\"hot\"}"), 4);
    }
}

/// The value of a series.
fn value(text: &str, series: &str) -> u64 {
    let value = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    assert!(value.is_some(), "{series} is missing in {text}");
    value.unwrap().parse().unwrap()
}

on_sqlite!(the_process_is_among_the_metrics, Setup::default().with_operator(), look_at_the_process);

async fn look_at_the_process(app: &TestApp) {
    let text = app.metrics().await;
    expect(&text, "process_start_time_seconds 1795176000");
    for name in ["process_resident_memory_bytes", "process_open_fds", "process_max_fds"] {
        assert!(value(&text, name) > 0, "{name}");
    }
}

fn apart() -> Setup {
    Setup::default().with_operator().set("METRICS_ADDR", "127.0.0.1:0")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_of_their_own_serves_the_metrics_to_everybody_and_nothing_else() {
    let app = TestApp::start(StoreKind::Sqlite, apart()).await;
    assert_eq!(app.mint(&Person::new("ana"), json!({})).await.status, 200);
    let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
    let base = app.metrics_base();
    let open = send(http.get(format!("{base}/metrics"))).await;
    assert_eq!(open.status, 200);
    assert_eq!(open.header("content-type"), ephemint::metrics::MEDIA_TYPE);
    expect(&open.text, &mints("issued", "student", "gpt-realtime-2.1-mini", 1));
    for path in ["/", MINT, "/healthz", "/readyz", "/openapi.yaml", "/v1/me/usage", "/metrics/"] {
        let answer = send(http.get(format!("{base}{path}"))).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{path}");
    }
    let mint = http.post(format!("{base}{MINT}")).bearer_auth(Person::new("ana").token());
    assert_eq!(send(mint).await.status, 404);
    let posted = send(http.post(format!("{base}/metrics"))).await;
    assert_eq!((posted.status, posted.header("allow")), (405, "GET"));
    // It opens nothing on the service's own address.
    assert_eq!(send(app.request(Method::GET, "/metrics")).await.status, 401);
    app.stop().await;
    let after = http.get(format!("{base}/metrics")).send().await;
    assert!(after.is_err(), "it is still served after the stop: {after:?}");
}

/// What is wrong with these settings beside the usual ones: where, and the mend.
fn mistakes(name: &str, value: &str) -> Vec<(String, String)> {
    let environment: Environment = [("JWT_SECRET", JWT_SECRET), (name, value)].into_iter().collect();
    let (config, logging) = (Config::read(&environment), read_one(&environment, Logging::read));
    let mistakes = [config.err(), logging.err()].into_iter().flatten().flatten();
    mistakes.map(|mistake| (mistake.at, mistake.mend)).collect()
}

#[test]
fn an_address_without_a_port_is_refused() {
    assert_eq!(mistakes("METRICS_ADDR", "127.0.0.1:9464"), []);
    for bad in ["9464", "127.0.0.1", "localhost:9464"] {
        let mistakes = mistakes("METRICS_ADDR", bad);
        assert_eq!(mistakes.len(), 1, "{bad}");
        assert!(mistakes[0].0 == "METRICS_ADDR" && mistakes[0].1.contains("a port"), "{mistakes:?}");
    }
}

#[test]
fn a_collector_has_a_plain_address_and_a_program_that_can_send_to_it() {
    const NAME: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let wrong = if cfg!(feature = "traces") { "a collector's address" } else { "--features traces" };
    for bad in ["collector:4318", "ftp://collector", "http://user:word@collector", "http://collector?a=b"] {
        let mistakes = mistakes(NAME, bad);
        assert_eq!(mistakes.len(), 1, "{bad}");
        assert!(mistakes[0].0 == NAME && mistakes[0].1.contains(wrong), "{mistakes:?}");
    }
    let good = mistakes(NAME, "https://collector.example/otlp/");
    assert_eq!(good.is_empty(), cfg!(feature = "traces"), "{good:?}");
}
