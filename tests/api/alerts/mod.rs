//! Alerts: what raises them, and how they are delivered.

mod commands;
mod delivery;
mod erasing;
mod key_rotation;
mod money;
mod replicas;
mod rules;
mod signing_in;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use ephemint::alerts::{Alerts, Parts};
use ephemint::kernel::clock::{Clock, ManualClock};
use ephemint::kernel::code::Code;
use ephemint::kernel::ids::{AlertId, MintId, RequestId};
use ephemint::kernel::session::SessionType;
use ephemint::kernel::user::User;
use ephemint::metrics::Metrics;
use ephemint::policy::{CurrentPolicy, Policy};
use ephemint::store::reports::RolledUp;
use ephemint::store::{
    Ask, Batch, KeySource, Outcome, Refusal, Settlement, Spent, Standing, Store, StoreClock,
};
use ephemint::vault::{KeyAges, Reminders, SealingKey, Vault};
use ephemint_test_support::{StoreKind, TestDatabase};

/// The key that `SECRET` is of.
const KEY: &str = "0123456789abcdef0123456789abcdef";

/// What messages are signed with.
const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// A token for `model` costs 0.50.
const REST: &str = "
    defaults.default_role = 'r'
    defaults.instructions.en = 'Speak.'
    roles.r.hourly_tokens = 1000
    prices = { currency = 'EUR', models = { model = { minutes = 5, per_minute = 0.1 } } }
";

/// Alerts on a store of their own, by a clock that tests set: on 2026-11-20 at noon, UTC.
struct Bench {
    _database: TestDatabase,
    store: Arc<dyn Store>,
    clock: Arc<ManualClock>,
    alerts: Alerts,
}

impl Bench {
    async fn new(kind: StoreKind, rules: &str) -> Self {
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_176_000, 0).unwrap()));
        let database = TestDatabase::create(kind).await;
        let store = database.open(StoreClock::Set(clock.clone())).await;
        let alerts = alerts(&store, &clock, rules);
        Self { _database: database, store, clock, alerts }
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn pass(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    /// Goes to a time of this or another day.
    fn go_to(&self, time: &str) {
        let time: DateTime<Utc> = time.parse().unwrap();
        self.clock.advance(time - self.now());
    }

    /// Mints, all with this outcome.
    async fn mint(&self, user: &str, count: usize, outcome: Outcome) {
        let user = user_called(user);
        for _ in 0..count {
            let ask = self.ask(&user);
            let settlement =
                Settlement { id: ask.id, outcome, error: None, latency_ms: Some(9), expires_at: None };
            let spent = self.store.turn(&Batch { asks: vec![ask], settlements: Vec::new() }).await.unwrap();
            assert!(matches!(spent.as_slice(), [Spent::Granted(_)]), "{spent:?}");
            self.store.turn(&Batch { asks: Vec::new(), settlements: vec![settlement] }).await.unwrap();
        }
    }

    fn ask(&self, user: &Arc<User>) -> Ask {
        Ask {
            id: MintId::new(self.now()),
            user: user.clone(),
            assumed: Standing::default(),
            hourly_limit: 1000,
            role: "r".into(),
            language: "en".into(),
            session_type: SessionType::Realtime,
            model: "model".into(),
            key_source: KeySource::Operator,
            request_id: RequestId::new(self.now()),
        }
    }

    async fn refuse(&self, count: i64) {
        let minute = self.now();
        let refusal = Refusal { user: user_called("ana"), code: Code::RateLimitExceeded, minute, count };
        self.store.count_refusals(&[refusal]).await.unwrap();
    }

    /// Counts all that is old enough into the rollups.
    async fn roll_up(&self) {
        while let RolledUp::Closed | RolledUp::Mended = self.store.roll_up().await.unwrap() {}
    }

    /// Looks at the rules, and says what is there since the beginning, oldest first, then by subject: rule, subject
    /// and value.
    async fn look(&self) -> Vec<(String, String, f64)> {
        self.alerts.evaluate().await.unwrap();
        let mut rows = self.store.alerts(AlertId::LAST, 500).await.unwrap();
        rows.sort_by_key(|row| (row.raised_at, row.subject.clone()));
        rows.into_iter().map(|row| (row.rule, row.subject.unwrap_or_default(), row.value)).collect()
    }
}

fn alerts(store: &Arc<dyn Store>, clock: &Arc<ManualClock>, rules: &str) -> Alerts {
    let policy = Policy::load(&format!("{REST}{rules}")).unwrap();
    Alerts::new(Parts {
        store: store.clone(),
        policy: CurrentPolicy::new(Arc::new(policy)),
        clock: clock.clone(),
        metrics: Arc::new(Metrics::new("0")),
        webhook: None,
        keep_days: Some(31),
        key_ages: Some(KeyAges { vault: Arc::new(vault()), reminders: REMINDERS }),
    })
}

/// Users' keys are old after 7 days, the sealing key after 90.
const REMINDERS: Reminders =
    Reminders { provider_keys: Some(TimeDelta::days(7)), sealing_key: Some(TimeDelta::days(90)) };

fn vault() -> Vault {
    let key = "now:a3e49f3daa9f2ae47816224f72664c896be185650667cb649d9b98efc1bd4763";
    Vault::new(SealingKey::parse(key).unwrap(), Vec::new())
}

fn user_called(name: &str) -> Arc<User> {
    Arc::new(User::new("https://sign-in.example", name).unwrap())
}

fn raised(rule: &str, subject: &str, value: f64) -> (String, String, f64) {
    (rule.to_owned(), subject.to_owned(), value)
}

/// Runs a test over both stores.
macro_rules! over_both_stores {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$name(super::StoreKind::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if super::StoreKind::Postgres.is_wanted() {
                    super::$name(super::StoreKind::Postgres).await;
                }
            }
        })+
    };
}
use over_both_stores;
