//! PostgreSQL fails, or the way to it does.

mod beginning;
mod hosts;
mod killed;
mod name;
mod network;
mod refusing;
mod tasks;

use std::time::{Duration, Instant};

use ephemint::kernel::clock::{Clock, SystemClock};
use ephemint::kernel::code::Code;
use ephemint_sim::Fault;
use ephemint_test_support::{
    Answer, ChaosProxy, Person, ServiceProcess, StoreKind, TestDatabase, USAGE, send,
};

use crate::audit::{GRACE, expect_answers, expect_exact, expect_recovery, expect_recovery_until};
use crate::leaks::{self, Held};
use crate::load::{Load, fill_pools};
use crate::site::Site;

/// The longest that a mint waits for PostgreSQL.
const BOUND: Duration = Duration::from_secs(5);

/// The longest that anything else waits for it: for a connection, and for a statement that is in no hurry.
const CALM_BOUND: Duration = Duration::from_secs(6);

/// How long a cause lasts: longer than anything that the service does about it at once.
const WHILE: Duration = Duration::from_secs(3);

const CLIENTS: usize = 16;

/// The provider takes its time, so that there are always mints between their spend and their outcome.
const PROVIDER: Fault = Fault::Slow { millis: 150 };

/// What the service does while PostgreSQL fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Deny,
    Allow,
}

impl Mode {
    fn setting(self) -> (&'static str, &'static str) {
        ("RATE_LIMIT_ON_STORE_ERROR", if self == Self::Allow { "allow" } else { "deny" })
    }

    /// What may be told to somebody who would have got a token.
    fn explained(self) -> &'static [Code] {
        if self == Self::Deny { &[Code::StoreUnavailable] } else { &[] }
    }
}

/// A service under load, before anything fails.
struct Ordeal {
    mode: Mode,
    site: Site,
    /// The way to the database.
    proxy: ChaosProxy,
    service: ServiceProcess,
    before: Held,
    load: Load,
    /// When earlier causes ended, and until when all was well.
    healed: Vec<(Instant, Instant)>,
}

impl Ordeal {
    /// Begins on a database of its own; none where tests on PostgreSQL are not wanted.
    async fn begin(mode: Mode) -> Option<Self> {
        if !StoreKind::Postgres.is_wanted() {
            return None;
        }
        Some(Self::begin_on(TestDatabase::create(StoreKind::Postgres).await, mode).await)
    }

    async fn begin_on(database: TestDatabase, mode: Mode) -> Self {
        let proxy = ChaosProxy::before(&database.setting().1).await;
        let site = Site::on(database).await;
        let service = site.start(&[("DATABASE_URL", proxy.url()), mode.setting()]);
        Self::begin_with(service, site, proxy, mode).await
    }

    /// Warms the service up, counts what it holds, and sets clients on it.
    async fn begin_with(service: ServiceProcess, site: Site, proxy: ChaosProxy, mode: Mode) -> Self {
        site.simulator.set_fault(PROVIDER);
        let warm = Load::start(&[service.base()], CLIENTS);
        warm.until_tokens(50).await;
        fill_pools(service.base()).await;
        warm.stop().await;
        let before = Held::at_rest(&service).await;
        let load = Load::start(&[service.base()], CLIENTS);
        load.until_tokens(20).await;
        Self { mode, site, proxy, service, before, load, healed: Vec::new() }
    }

    /// Goes on while nothing comes through, and looks that it is felt.
    async fn suffer(&self) {
        let from = SystemClock.instant();
        self.feel().await;
        let (ready, took) = self.get("/readyz").await;
        match self.mode {
            Mode::Deny => assert_eq!((ready.status, ready.code().as_str()), (503, "store_unavailable")),
            Mode::Allow => assert_eq!((ready.status, status_of(&ready).as_str()), (200, "degraded")),
        }
        assert!(took < BOUND + GRACE, "/readyz took {took:?}");
        let (usage, took) = self.get(USAGE).await;
        assert_eq!((usage.status, usage.code().as_str()), (503, "store_unavailable"));
        assert!(took < CALM_BOUND + GRACE, "usage took {took:?}");
        self.load.go_on(WHILE.saturating_sub(from.elapsed())).await;
    }

    /// The same where only some of it fails, so that other requests may be answered in this way or that.
    async fn suffer_in_part(&self) {
        let from = SystemClock.instant();
        self.feel().await;
        self.load.go_on(WHILE.saturating_sub(from.elapsed())).await;
    }

    async fn feel(&self) {
        match self.mode {
            Mode::Deny => self.load.until(10, |shot| shot.status() == 503).await,
            Mode::Allow => self.load.until_tokens(20).await,
        }
    }

    async fn expect_usage(&self) {
        let (usage, took) = self.get(USAGE).await;
        assert_eq!(usage.status, 200, "{}", usage.text);
        assert!(took < GRACE, "usage took {took:?} when all was well again");
    }

    async fn get(&self, path: &str) -> (Answer, Duration) {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = http.get(format!("{}{path}", self.service.base()));
        let begun = SystemClock.instant();
        let answer = send(request.bearer_auth(Person::new("somebody").token())).await;
        (answer, begun.elapsed())
    }

    /// A cause has just ended, and another is to come when this returns.
    async fn heal(&mut self) {
        let end = SystemClock.instant();
        self.load.go_on(GRACE).await;
        self.expect_usage().await;
        self.load.go_on(Duration::from_secs(1)).await;
        self.healed.push((end, SystemClock.instant()));
        // Longer than any request takes now, so that what comes next meets none that began before.
        self.load.go_on(Duration::from_millis(600)).await;
    }

    /// The cause has just ended: looks at the recovery, and at everything that must have held.
    async fn recover(self) {
        let end = SystemClock.instant();
        self.load.go_on(GRACE).await;
        let (ready, took) = self.get("/readyz").await;
        assert_eq!((ready.status, status_of(&ready).as_str()), (200, "ready"), "{}", ready.text);
        assert!(took < GRACE, "/readyz took {took:?} when all was well again");
        self.expect_usage().await;
        self.load.until_tokens(30).await;
        let shots = self.load.stop().await;
        expect_answers(&shots, BOUND, self.mode.explained());
        self.healed.iter().for_each(|&(end, until)| expect_recovery_until(&shots, end, until));
        expect_recovery(&shots, end);
        expect_exact(&self.site, &shots).await;
        fill_pools(self.service.base()).await;
        leaks::expect_none(&self.service, self.before).await;
        leaks::expect_no_connections_beyond(&self.site.database, 1).await;
        let (status, output) = self.service.stop();
        assert!(status.success(), "{output}");
    }
}

fn status_of(ready: &Answer) -> String {
    ready.json()["status"].as_str().unwrap_or_default().to_owned()
}
