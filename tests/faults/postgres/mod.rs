//! PostgreSQL fails, or the way to it does.

mod killed;
mod name;
mod network;
mod refusing;

use std::time::{Duration, Instant};

use ephemint::kernel::clock::{Clock, SystemClock};
use ephemint::kernel::code::Code;
use ephemint_sim::Fault;
use ephemint_test_support::{Answer, ChaosProxy, ServiceProcess, StoreKind, TestDatabase, send};

use crate::audit::{GRACE, expect_answers, expect_exact, expect_recovery};
use crate::leaks::{self, Held};
use crate::load::Load;
use crate::site::Site;

/// The longest that a request waits for PostgreSQL.
const BOUND: Duration = Duration::from_secs(5);

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

/// A service under load, before anything fails.
struct Ordeal {
    mode: Mode,
    site: Site,
    /// The way to the database.
    proxy: ChaosProxy,
    service: ServiceProcess,
    before: Held,
    load: Load,
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
        let on_error = if mode == Mode::Allow { "allow" } else { "deny" };
        let settings = [("DATABASE_URL", proxy.url()), ("RATE_LIMIT_ON_STORE_ERROR", on_error)];
        let service = site.start(&settings);
        site.simulator.set_fault(PROVIDER);
        let warm = Load::start(&[service.base()], CLIENTS);
        warm.until_tokens(50).await;
        warm.stop().await;
        let before = Held::by(&service);
        let load = Load::start(&[service.base()], CLIENTS);
        load.until_tokens(20).await;
        Self { mode, site, proxy, service, before, load }
    }

    /// Goes on while nothing comes through, and looks that it is felt.
    async fn suffer(&self) {
        let from = SystemClock.instant();
        self.feel().await;
        let (answer, took) = self.ready().await;
        match self.mode {
            Mode::Deny => assert_eq!((answer.status, answer.code().as_str()), (503, "store_unavailable")),
            Mode::Allow => {
                assert_eq!((answer.status, answer.json()["status"].as_str()), (200, Some("degraded")))
            }
        }
        assert!(took < BOUND + GRACE, "/readyz took {took:?}");
        self.load.go_on(WHILE.saturating_sub(from.elapsed())).await;
    }

    /// The same where only some of it fails, so that `/readyz` may say this or that.
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

    async fn ready(&self) -> (Answer, Duration) {
        let url = format!("{}/readyz", self.service.base());
        let begun = SystemClock.instant();
        let answer = send(reqwest::Client::builder().no_proxy().build().unwrap().get(url)).await;
        (answer, begun.elapsed())
    }

    /// The cause has just ended: looks at the recovery, and at everything that must have held.
    async fn recover(self) {
        let explained: &[Code] = if self.mode == Mode::Deny { &[Code::StoreUnavailable] } else { &[] };
        self.recover_from(SystemClock.instant(), explained).await;
    }

    async fn recover_from(self, end: Instant, explained: &[Code]) {
        self.load.go_on((GRACE - end.elapsed().min(GRACE)) + Duration::from_millis(50)).await;
        let (answer, took) = self.ready().await;
        assert!(took < GRACE, "/readyz took {took:?} when all was well again");
        assert_eq!(
            (answer.status, answer.json()["status"].as_str()),
            (200, Some("ready")),
            "{}",
            answer.text
        );
        self.load.until_tokens(30).await;
        let shots = self.load.stop().await;
        expect_answers(&shots, BOUND, explained);
        expect_recovery(&shots, end);
        expect_exact(&self.site, &shots).await;
        leaks::expect_none(&self.service, self.before).await;
        leaks::expect_no_connections_beyond(&self.site.database, 1).await;
        let (status, output) = self.service.stop();
        assert!(status.success(), "{output}");
    }
}
