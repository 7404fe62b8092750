//! What happens on its own, from time to time.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::MissedTickBehavior;

use crate::admin::Administration;
use crate::kernel::cause::chain;
use crate::kernel::clock::Clock;
use crate::kernel::ids::MintId;
use crate::limit::Bursts;
use crate::store::Store;

const EVERY: Duration = Duration::from_secs(10);

/// How much of the ledger each look goes over again. Whatever is pending is at most twice the provider's timeout old
/// when it is found, unless nobody looked for a while: the first look after a start reads everything.
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

/// Writes down what waits for that.
pub(super) async fn write_journal(administration: Administration) {
    let mut ticks = tokio::time::interval(WRITE_JOURNAL_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = administration.write_journal(false).await {
            tracing::warn!(error = chain(&error), "the audit trail could not be written; it is tried again");
        }
    }
}

/// Takes names and keys off what is left of erased users, as their last hours lapse.
pub(super) async fn anonymise(administration: Administration) {
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
    let mut since = MintId::FIRST;
    loop {
        ticks.tick().await;
        let next = MintId::before(clock.now() - LOOK_BACK);
        match store.give_up(timeout * 2, since).await {
            Ok(0) => since = next,
            Ok(count) => {
                tracing::warn!(count, "mints were left pending; they count as unconfirmed");
                since = next;
            }
            Err(error) => tracing::warn!(error = chain(&error), "pending mints could not be looked for"),
        }
    }
}
