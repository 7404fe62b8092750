//! What every store has to do, asked of both.

mod admin;
mod concurrency;
mod entering;
mod erasing;
mod ledger;
mod model;
mod own_limits;
mod packed;
mod provider_keys;
mod reported;
mod reports;
mod rolling_hour;
mod rollups;
mod tail;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use ephemint::kernel::clock::{Clock, ManualClock};
use ephemint::kernel::ids::{MintId, RequestId};
use ephemint::kernel::session::SessionType;
use ephemint::kernel::user::User;
use ephemint::store::{
    Ask, Batch, KeySource, Outcome, Settlement, Spent, Standing, Store, StoreClock, StoreError,
};
use ephemint_test_support::{StoreKind, TestDatabase};

/// A store with a clock that tests set.
struct Fixture {
    database: TestDatabase,
    store: Arc<dyn Store>,
    clock: Arc<ManualClock>,
}

impl Fixture {
    async fn new(kind: StoreKind) -> Self {
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_176_000, 0).unwrap()));
        let database = TestDatabase::create(kind).await;
        let store = database.open(StoreClock::Set(clock.clone())).await;
        Self { database, store, clock }
    }

    /// What tells a user's mints of one moment apart.
    fn tick(&self) -> TimeDelta {
        match self.database.directory() {
            Some(_) => TimeDelta::milliseconds(1),
            None => TimeDelta::microseconds(1),
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    async fn spend(&self, user: &Arc<User>, limit: u16) -> (MintId, Spent) {
        let ask = ask(user, limit, self.now());
        let id = ask.id;
        let batch = Batch { asks: vec![ask], settlements: Vec::new() };
        let mut spent = self.store.turn(&batch).await.unwrap();
        assert_eq!(spent.len(), 1);
        (id, spent.remove(0))
    }

    async fn settle(&self, id: MintId, outcome: Outcome) {
        let batch = Batch { asks: Vec::new(), settlements: vec![settlement(id, outcome)] };
        assert_eq!(self.store.turn(&batch).await.unwrap(), []);
    }
}

fn user(name: &str) -> Arc<User> {
    Arc::new(User::new("https://sign-in.example", name).unwrap())
}

fn ask(user: &Arc<User>, hourly_limit: u16, now: DateTime<Utc>) -> Ask {
    Ask {
        id: MintId::new(now),
        user: user.clone(),
        assumed: Standing::default(),
        hourly_limit,
        role: "student".into(),
        language: "en".into(),
        session_type: SessionType::Realtime,
        model: "gpt-realtime-2.1-mini".into(),
        key_source: KeySource::Operator,
        request_id: RequestId::new(now),
    }
}

fn settlement(id: MintId, outcome: Outcome) -> Settlement {
    Settlement { id, outcome, error: None, latency_ms: Some(12), expires_at: None }
}

/// Runs a test over both stores.
macro_rules! over_both_stores {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$name(super::Fixture::new(super::StoreKind::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if super::StoreKind::Postgres.is_wanted() {
                    super::$name(super::Fixture::new(super::StoreKind::Postgres).await).await;
                }
            }
        })+
    };
}
use over_both_stores;
