//! The services of a round, their clock, their database and their provider.

use std::sync::Arc;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use ephemint::app::{Options, Running, start};
use ephemint::config::Config;
use ephemint::kernel::clock::{Clock, ManualClock, SystemClock};
use ephemint::store::StoreClock;
use ephemint_sim::{Settings, Simulator};
use ephemint_test_support::run::{Place, heard};
use ephemint_test_support::{EmptyDirectory, ServiceProcess, StoreKind, TestDatabase, settings};
use reqwest::Client;

use super::processes;
use super::script::LIMITS;

/// Services that share a database and a provider.
pub(super) struct Deployment {
    pub(super) bases: Vec<String>,
    pub(super) simulator: Simulator,
    pub(super) database: TestDatabase,
    pub(super) http: Client,
    pub(super) store: StoreKind,
    /// None where the services go by the machine's.
    pub(super) clock: Option<Arc<ManualClock>>,
    services: Services,
    _policy: EmptyDirectory,
}

enum Services {
    Here(Vec<Running>),
    Apart(Vec<ServiceProcess>),
}

/// Where everything is before the services start.
struct Ground {
    simulator: Simulator,
    database: TestDatabase,
    settings: Vec<(&'static str, String)>,
    policy: EmptyDirectory,
}

impl Ground {
    async fn prepare(store: StoreKind) -> Self {
        let database = TestDatabase::create(store).await;
        let simulator = Simulator::start(Settings::default()).await.unwrap();
        let policy = EmptyDirectory::create();
        let file = policy.0.join("policy.toml");
        std::fs::write(&file, policy_text()).unwrap();
        let mut settings = settings(&simulator, &database);
        settings.push(("POLICY_FILE", file.display().to_string()));
        // A machine that is busy must not turn a refund into something unknown.
        settings.push(("OPENAI_TIMEOUT_MS", "60000".to_owned()));
        Self { simulator, database, settings, policy }
    }

    fn carry(self, store: StoreKind, clock: Option<Arc<ManualClock>>, services: Services) -> Deployment {
        let bases = match &services {
            Services::Here(all) => all.iter().map(|one| format!("http://{}", one.address())).collect(),
            Services::Apart(all) => all.iter().map(|one| one.base().to_owned()).collect(),
        };
        let http = Client::builder().no_proxy().build().unwrap();
        let Self { simulator, database, policy, .. } = self;
        Deployment { bases, simulator, database, http, store, clock, services, _policy: policy }
    }
}

impl Deployment {
    /// In this process, by a clock that is set.
    pub(super) async fn start(store: StoreKind, count: usize) -> Self {
        let ground = Ground::prepare(store).await;
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_176_000, 0).unwrap()));
        let mut services = Vec::new();
        for _ in 0..count {
            let config = Config::read(&ground.settings.iter().cloned().collect()).unwrap();
            let store_clock = StoreClock::Set(clock.clone());
            let options = Options { clock: clock.clone(), store_clock, ..Options::default() };
            services.push(start(config, options).await.unwrap());
        }
        ground.carry(store, Some(clock), Services::Here(services))
    }

    /// In processes of their own, by the machine's clock.
    pub(super) async fn spawn(store: StoreKind, count: usize) -> Self {
        let ground = Ground::prepare(store).await;
        let services = processes::start(count, &ground.settings).await;
        ground.carry(store, None, Services::Apart(services))
    }

    /// The time, as finely as the store has it.
    pub(super) fn now(&self) -> DateTime<Utc> {
        let now = self.clock.as_ref().map_or_else(|| SystemClock.now(), |clock| clock.now());
        now.duration_trunc(self.tick()).unwrap()
    }

    /// What tells a user's mints of one moment apart.
    pub(super) fn tick(&self) -> TimeDelta {
        match self.store {
            StoreKind::Sqlite => TimeDelta::milliseconds(1),
            StoreKind::Postgres => TimeDelta::microseconds(1),
        }
    }

    /// Moves the clock, where it is ours to move.
    pub(super) fn advance(&self, delta: TimeDelta) {
        if let Some(clock) = &self.clock {
            clock.advance(delta);
        }
    }

    pub(super) async fn stop(self) {
        match self.services {
            Services::Here(all) => {
                for one in all {
                    heard(Place::Metrics, &one.metrics().text());
                    one.stop().await.unwrap();
                }
            }
            Services::Apart(all) => processes::stop(all),
        }
        self.simulator.stop().await;
    }
}

/// A role for each limit.
fn policy_text() -> String {
    let roles = LIMITS.map(|limit| format!("[roles.{}]\nhourly_tokens = {limit}\n", role_of(limit)));
    format!("[defaults]\ndefault_role = 'l0'\ninstructions.en = 'Speak.'\n{}", roles.concat())
}

/// The role that has this limit.
pub(super) fn role_of(limit: u16) -> String {
    format!("l{limit}")
}

/// The limit of a role.
pub(super) fn limit_of(role: &str) -> u16 {
    role[1..].parse().unwrap()
}
