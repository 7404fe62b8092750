//! What happens on its own, from time to time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior};

use crate::admin::Administration;
use crate::alerts::{self, Alerts};
use crate::kernel::cause::chain;
use crate::kernel::clock::Clock;
use crate::kernel::ids::MintId;
use crate::limit::Bursts;
use crate::store::reports::RolledUp;
use crate::store::{Store, StoreError};
use crate::vault::KeyUse;

const EVERY: Duration = Duration::from_secs(10);

/// How much of the ledger each look goes over again. Whatever is pending is at most twice the provider's timeout old
/// when it is found, unless nobody looked for a while: the first look after a start goes back as far as anything may be pending.
const LOOK_BACK: TimeDelta = TimeDelta::minutes(15);

/// Whoever was idle for a second can send a whole burst again, so nothing is to be kept of them: what is held at any
/// moment is the addresses and users of the last two seconds.
const FORGET_EVERY: Duration = Duration::from_secs(1);

/// Forgets bursts that are over.
pub(super) async fn forget_idle(bursts: Arc<Bursts>) {
    let mut ticks = tokio::time::interval(FORGET_EVERY);
    loop {
        ticks.tick().await;
        bursts.forget_idle();
    }
}

/// How long an act that nobody waits for is at most written down after its time.
const WRITE_JOURNAL_EVERY: Duration = Duration::from_secs(1);

/// What goes on for operators.
pub(super) fn administer(jobs: &mut JoinSet<()>, administration: &Administration) {
    jobs.spawn(write_journal(administration.clone()));
    jobs.spawn(anonymise(administration.clone()));
}

/// Writes down what waits for that.
async fn write_journal(administration: Administration) {
    let mut ticks = tokio::time::interval(WRITE_JOURNAL_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = administration.write_journal(false).await {
            tracing::warn!(error = chain(&error), "the audit trail could not be written; it is tried again");
        }
    }
}

/// Uses of keys wait no longer than this. Nobody waits for them, and at most the last of them are lost.
const NOTE_KEY_USE_EVERY: Duration = Duration::from_secs(2);

/// Notes which keys of users are used, and has that written down.
pub(super) fn note_key_use(jobs: &mut JoinSet<()>, store: &Arc<dyn Store>) -> Arc<KeyUse> {
    let key_use = Arc::new(KeyUse::new(store.clone()));
    jobs.spawn(write_key_use(key_use.clone()));
    key_use
}

async fn write_key_use(key_use: Arc<KeyUse>) {
    let mut ticks = tokio::time::interval(NOTE_KEY_USE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = key_use.write().await {
            tracing::warn!(
                error = chain(&error),
                "which keys were used could not be written; it is tried again"
            );
        }
    }
}

/// Takes names and keys off what is left of erased users, as their last hours lapse.
async fn anonymise(administration: Administration) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = administration.anonymise().await {
            tracing::warn!(error = chain(&error), "erased users could not be anonymised; it is tried again");
        }
    }
}

/// Marks mints as unconfirmed that nobody can be waiting for any more.
pub(super) async fn give_up(store: Arc<dyn Store>, clock: Arc<dyn Clock>, timeout: Duration) {
    let mut ticks = tokio::time::interval(EVERY);
    let mut since = None;
    loop {
        ticks.tick().await;
        let next = MintId::before(clock.now() - LOOK_BACK);
        match give_up_since(&*store, since, timeout * 2).await {
            Ok(count) => {
                if count > 0 {
                    tracing::warn!(count, "mints were left pending; they count as unconfirmed");
                }
                since = Some(next);
            }
            Err(error) => tracing::warn!(error = chain(&error), "pending mints could not be looked for"),
        }
    }
}

/// From an id on, or else from wherever the first pending mint may be: to read a large ledger whole takes too long.
async fn give_up_since(store: &dyn Store, since: Option<MintId>, age: Duration) -> Result<u64, StoreError> {
    let since = match since {
        Some(since) => since,
        None => MintId::before(store.pending_from().await? - LOOK_BACK),
    };
    store.give_up(age, since).await
}

/// How often it is looked whether a quarter of an hour can be counted.
const ROLL_UP_EVERY: Duration = Duration::from_secs(60);

/// Between two statements that delete. Steps of the rollups need none: whoever waits for the embedded store's writer comes in
/// between, for it takes work in order of arrival.
const BREATH: Duration = Duration::from_millis(5);

/// Rows that are deleted in one statement at most.
const FORGET_ROWS: u32 = 500;

/// Counts what has become old enough, and deletes what has become too old.
pub(super) async fn roll_up(store: Arc<dyn Store>, clock: Arc<dyn Clock>, keep_days: Option<u32>) {
    let mut ticks = tokio::time::interval(ROLL_UP_EVERY);
    loop {
        ticks.tick().await;
        roll_up_all(&*store).await;
        if let Some(days) = keep_days {
            forget(&*store, &*clock, TimeDelta::days(i64::from(days))).await;
        }
    }
}

/// Step by step, until nothing is due or another replica is at it.
async fn roll_up_all(store: &dyn Store) {
    loop {
        match store.roll_up().await {
            Ok(RolledUp::Closed | RolledUp::Mended | RolledUp::Packed) => {}
            Ok(RolledUp::Idle | RolledUp::Busy) => return,
            Err(error) => {
                return tracing::warn!(error = chain(&error), "mints could not be counted for reports");
            }
        }
    }
}

async fn forget(store: &dyn Store, clock: &dyn Clock, keep: TimeDelta) {
    let mut rows = 0;
    loop {
        match store.forget(clock.now() - keep, FORGET_ROWS).await {
            Ok(0) => break,
            Ok(some) => rows += some,
            Err(error) => {
                tracing::warn!(error = chain(&error), "old rows of the ledger could not be deleted");
                break;
            }
        }
        tokio::time::sleep(BREATH).await;
    }
    if rows > 0 {
        tracing::info!(rows, "old rows of the ledger were deleted");
    }
}

/// How often the rules of alerts are looked at.
const RAISE_EVERY: Duration = Duration::from_secs(30);

/// How often it is looked whether an alert is to be delivered.
const DELIVER_EVERY: Duration = Duration::from_secs(5);

/// Raises alerts, and delivers them.
pub(super) fn alert(jobs: &mut JoinSet<()>, parts: alerts::Parts) -> Arc<Alerts> {
    let clock = parts.clock.clone();
    let alerts = Arc::new(Alerts::new(parts));
    jobs.spawn(raise_alerts(alerts.clone(), clock.clone()));
    jobs.spawn(deliver_alerts(alerts.clone(), clock));
    alerts
}

/// Raises alerts.
async fn raise_alerts(alerts: Arc<Alerts>, clock: Arc<dyn Clock>) {
    let mut beat = Beat::new(clock, RAISE_EVERY);
    loop {
        beat.next().await;
        if let Err(error) = alerts.evaluate().await {
            tracing::warn!(
                error = chain(&error),
                "rules of alerts could not be looked at; they are again soon"
            );
        }
    }
}

/// Delivers alerts to the webhook, where there is one.
async fn deliver_alerts(alerts: Arc<Alerts>, clock: Arc<dyn Clock>) {
    let mut beat = Beat::new(clock, DELIVER_EVERY);
    loop {
        beat.next().await;
        if let Err(error) = alerts.deliver().await {
            tracing::warn!(error = chain(&error), "alerts could not be delivered; it is tried again");
        }
    }
}

/// Beats by the service's clock, which a test sets: at once, and whenever so much time has passed.
struct Beat {
    clock: Arc<dyn Clock>,
    every: Duration,
    last: Option<Instant>,
    ticks: Interval,
}

impl Beat {
    fn new(clock: Arc<dyn Clock>, every: Duration) -> Self {
        let mut ticks = tokio::time::interval(Duration::from_millis(500));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { clock, every, last: None, ticks }
    }

    async fn next(&mut self) {
        loop {
            self.ticks.tick().await;
            let now = self.clock.instant();
            if self.last.is_none_or(|last| now.saturating_duration_since(last) >= self.every) {
                self.last = Some(now);
                return;
            }
        }
    }
}
