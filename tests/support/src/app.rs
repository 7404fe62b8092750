//! The service under test.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use ephemint::app::{Options, Running, start};
use ephemint::config::{Config, Environment};
use ephemint::kernel::clock::ManualClock;
use ephemint::store::StoreClock;
use ephemint_sim::{DEMO_API_KEY, Settings, Simulator};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

use super::database::{StoreKind, TestDatabase};
use super::person::{ISSUER, JWT_SECRET, Person};
use super::run::{self, Place};

/// Where tokens are asked for.
pub const MINT: &str = "/v1/realtime/client_secrets";

/// Where older front ends ask for tokens.
pub const OLDER: &str = "/functions/v1/generate-realtime-token";

/// Where users read their own usage.
pub const USAGE: &str = "/v1/me/usage";

/// Where operators read what is counted.
pub const METRICS: &str = "/metrics";

/// The token of the operator, where there is one.
pub const ADMIN_TOKEN: &str = "operator-token-0123456789abcdef0123";

/// What differs from a plain service.
#[derive(Debug, Default, Clone)]
pub struct Setup {
    /// A policy file instead of the built-in policy.
    pub policy: Option<String>,
    /// Settings beside or instead of the usual ones. An empty value unsets.
    pub settings: Vec<(&'static str, String)>,
}

impl Setup {
    /// With a policy of its own.
    pub fn policy(text: &str) -> Self {
        Self { policy: Some(text.to_owned()), ..Self::default() }
    }

    /// With an operator.
    pub fn with_operator(self) -> Self {
        self.set("ADMIN_TOKEN", ADMIN_TOKEN)
    }

    /// With one more setting.
    pub fn set(mut self, name: &'static str, value: &str) -> Self {
        self.settings.push((name, value.to_owned()));
        self
    }
}

/// A running service, with all that belongs to it.
pub struct TestApp {
    /// Its clock, which decides limits and the validity of tokens. Starts on 2026-11-20 at noon, UTC.
    pub clock: Arc<ManualClock>,
    /// The provider.
    pub simulator: Simulator,
    /// The database.
    pub database: TestDatabase,
    /// Which store it is.
    pub store: StoreKind,
    http: reqwest::Client,
    base: String,
    running: Running,
    _policy: Option<PolicyFile>,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
}

impl Answer {
    /// The body as JSON; null where it is not.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// A header's value; empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The error code of the body, if it is an error.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The part of the request that the error is about; empty where it names none.
    pub fn param(&self) -> String {
        self.json()["param"].as_str().unwrap_or_default().to_owned()
    }

    /// Status, code and param of an error, to be compared at once.
    pub fn error(&self) -> (u16, String, String) {
        (self.status, self.code(), self.param())
    }
}

/// The settings of a plain service between this provider and this database. Bursts are off: the clock of a [`TestApp`]
/// stands still, so they would never end, and tests send all they have at once.
pub fn settings(provider: &Simulator, database: &TestDatabase) -> Vec<(&'static str, String)> {
    let settings = vec![
        ("BIND_ADDR", "127.0.0.1:0".to_owned()),
        ("JWT_SECRET", JWT_SECRET.to_owned()),
        ("JWT_ISSUER", ISSUER.to_owned()),
        ("OPENAI_API_KEY", DEMO_API_KEY.to_owned()),
        ("OPENAI_BASE_URL", provider.base_url().to_owned()),
        ("BURST_PER_USER", "0".to_owned()),
        ("BURST_PER_IP", "0".to_owned()),
        database.setting(),
    ];
    run::note_settings(&settings);
    settings
}

impl TestApp {
    /// Starts one on a fresh store.
    pub async fn start(store: StoreKind, setup: Setup) -> Self {
        Self::start_on(TestDatabase::create(store).await, store, setup).await
    }

    /// Starts one on this store.
    pub async fn start_on(database: TestDatabase, store: StoreKind, setup: Setup) -> Self {
        let simulator = Simulator::start(Settings::default()).await.unwrap();
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_176_000, 0).unwrap()));
        let policy = setup.policy.as_deref().map(PolicyFile::write);
        let mut settings = settings(&simulator, &database);
        settings.extend(policy.iter().map(|file| ("POLICY_FILE", file.0.clone())));
        settings.extend(setup.settings);
        run::note_settings(&settings);
        let environment: Environment = settings.into_iter().collect();
        let config = Config::read(&environment).unwrap();
        let options = Options {
            clock: clock.clone(),
            store_clock: StoreClock::Set(clock.clone()),
            ..Options::default()
        };
        let running = start(config, options).await.unwrap();
        Self {
            clock,
            simulator,
            database,
            store,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            base: format!("http://{}", running.address()),
            running,
            _policy: policy,
        }
    }

    /// Where it listens, such as `http://127.0.0.1:40123`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Where its metrics are open to everybody, such as `http://127.0.0.1:40124`. Needs `METRICS_ADDR`.
    pub fn metrics_base(&self) -> String {
        format!("http://{}", self.running.metrics_address().unwrap())
    }

    /// A request to it, to be filled in.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// A request of this person's for a token, without a body yet.
    pub fn mint_request(&self, person: &Person) -> RequestBuilder {
        self.request(Method::POST, MINT).bearer_auth(person.token())
    }

    /// Asks for a token, with this body.
    pub async fn mint(&self, person: &Person, body: Value) -> Answer {
        send(self.mint_request(person).json(&body)).await
    }

    /// What the provider was last sent.
    pub fn sent_upstream(&self) -> Value {
        self.simulator.last_request().unwrap().body.unwrap()
    }

    /// What the model was last told.
    pub fn instructions_upstream(&self) -> String {
        self.sent_upstream()["session"]["instructions"].as_str().unwrap().to_owned()
    }

    /// Waits until the provider has been asked so often.
    pub async fn expect_upstream_requests(&self, count: usize) {
        eventually(async || self.simulator.requests().len(), &count).await;
    }

    /// Reads a user's own usage.
    pub async fn usage(&self, person: &Person) -> Answer {
        send(self.request(Method::GET, USAGE).bearer_auth(person.token())).await
    }

    /// Moves the clock.
    pub fn advance(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    /// Waits until the ledger's outcomes, oldest first, are these. They are written within a second.
    pub async fn expect_outcomes(&self, expected: &[&str]) {
        let sql = "SELECT outcome FROM mints ORDER BY created_at, id";
        let expected: Vec<String> = expected.iter().map(|&outcome| outcome.to_owned()).collect();
        eventually(async || self.database.texts(sql).await, &expected).await;
    }

    /// Waits until a query's first column is this.
    pub async fn expect_texts(&self, sql: &str, expected: &[&str]) {
        let expected: Vec<String> = expected.iter().map(|&text| text.to_owned()).collect();
        eventually(async || self.database.texts(sql).await, &expected).await;
    }

    /// A request of the operator's, to be filled in. Needs the settings of [`Setup::with_operator`].
    pub fn admin(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(method, path).bearer_auth(ADMIN_TOKEN)
    }

    /// What is counted, as text. Needs the settings of [`Setup::with_operator`].
    pub async fn metrics(&self) -> String {
        send(self.request(Method::GET, METRICS).bearer_auth(ADMIN_TOKEN)).await.text
    }

    /// A report for operators, with its parameters: `daily?tz=UTC`. Needs the settings of [`Setup::with_operator`].
    pub async fn report(&self, report: &str) -> Answer {
        send(self.request(Method::GET, &format!("/v1/admin/usage/{report}")).bearer_auth(ADMIN_TOKEN)).await
    }

    /// Waits until this line is among the metrics.
    pub async fn expect_metric(&self, line: &str) {
        eventually(async || self.metrics().await.lines().any(|known| known == line), &true).await;
    }

    /// Stops it, and leaves the database to be looked at.
    pub async fn stop_and_keep(self) -> TestDatabase {
        self.note();
        self.running.stop().await.unwrap();
        self.simulator.stop().await;
        self.database
    }

    /// Stops it, and everything that belongs to it.
    pub async fn stop(self) {
        self.note();
        self.running.stop().await.unwrap();
        self.simulator.stop().await;
    }

    /// Keeps of it what the whole run is searched for, and in.
    fn note(&self) {
        run::heard(Place::Metrics, &self.running.metrics().text());
        self.simulator.requests().iter().filter_map(|request| request.body.as_ref()).for_each(run::upstream);
    }
}

/// Waits until something is so, and fails when it takes five seconds.
pub(super) async fn eventually<T: PartialEq + std::fmt::Debug>(look: impl AsyncFn() -> T, expected: &T) {
    let mut seen = look().await;
    for _ in 0..200 {
        if seen == *expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
        seen = look().await;
    }
    panic!("it stayed {seen:?} and did not become {expected:?}");
}

/// Sends a request and reads the whole answer.
pub async fn send(request: RequestBuilder) -> Answer {
    try_send(request).await.unwrap()
}

/// The same where there may be no answer, or half of one.
pub async fn try_send(request: RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = request.send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let is_older = response.url().path() == OLDER;
    let path = response.url().path().to_owned();
    let text = response.text().await?;
    run::answered(&path, status, &headers, &text);
    check_shape(status, &headers, &text, is_older);
    Ok(Answer { status: status.as_u16(), headers, text })
}

/// What holds of every answer, whatever the test is about.
fn check_shape(status: StatusCode, headers: &HeaderMap, text: &str, is_older: bool) {
    assert!(headers.contains_key("x-request-id"), "no X-Request-Id: {status} {text}");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    if !status.is_client_error() && !status.is_server_error() {
        return;
    }
    if is_older {
        assert_eq!(headers["content-type"], "application/json", "{status} {text}");
        let body: Value = serde_json::from_str(text).unwrap();
        let members = body.as_object().unwrap();
        assert!(members.len() == 1 && body["error"].as_str().is_some_and(|said| said.len() > 10), "{body}");
    } else {
        assert_eq!(headers["content-type"], "application/problem+json", "{status} {text}");
        let body: Value = serde_json::from_str(text).unwrap();
        assert_eq!(body["status"], status.as_u16(), "{body}");
        assert_eq!(body["error"]["code"], body["code"], "{body}");
        assert_eq!(body["error"]["message"], body["detail"], "{body}");
        assert_eq!(body["error"]["param"], body["param"], "{body}");
    }
}

/// A policy in a file of its own, for as long as the service runs.
struct PolicyFile(String);

impl PolicyFile {
    fn write(text: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("ephemint_policy_{}.toml", uuid::Uuid::now_v7().simple()));
        std::fs::write(&path, text).unwrap();
        Self(path.display().to_string())
    }
}

impl Drop for PolicyFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
