//! What waits to be written: outcomes of mints, and refusals.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use crate::kernel::clock::minute;
use crate::kernel::code::Code;
use crate::kernel::user::{User, UserKey};
use crate::store::{Refusal, Settlement};

/// Refusals kept apart at most, while they can't be written. Beyond, new ones are not counted.
const MAX_REFUSALS: usize = 100_000;

/// Outcomes kept at most, while they can't be written. Beyond, new ones are dropped, and their mints stay unconfirmed.
const MAX_SETTLEMENTS: usize = 100_000;

/// What refusals are counted by: user, code and minute.
type Reason = (UserKey, Code, DateTime<Utc>);

/// Filled by requests, emptied by the writer. Nobody waits for either.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    settlements: Mutex<Vec<Settlement>>,
    /// Outcomes that were taken to be written, and of which nobody knows yet whether they are.
    taken: AtomicUsize,
    /// The same of refusals.
    taken_refusals: AtomicUsize,
    refusals: Mutex<HashMap<Reason, Refusal>>,
}

impl Outbox {
    pub(super) fn settle(&self, settlements: impl IntoIterator<Item = Settlement>) {
        let mut kept = held(&self.settlements);
        for settlement in settlements {
            if kept.len() < MAX_SETTLEMENTS {
                kept.push(settlement);
            } else {
                tracing::error!(id = %settlement.id.0, "too many outcomes wait for the store; one was dropped");
            }
        }
    }

    /// The oldest, so many of them at most.
    pub(super) fn take_settlements(&self, most: usize) -> Vec<Settlement> {
        let mut kept = held(&self.settlements);
        let count = kept.len().min(most);
        self.taken.fetch_add(count, Ordering::Relaxed);
        kept.drain(..count).collect()
    }

    pub(super) fn has_settlements(&self) -> bool {
        !held(&self.settlements).is_empty()
    }

    /// So many outcomes that were taken are written, or were given up on.
    pub(super) fn done(&self, count: usize) {
        self.taken.fetch_sub(count, Ordering::Relaxed);
    }

    /// Puts outcomes back that were taken and could not be written.
    pub(super) fn put_back(&self, settlements: &[Settlement]) {
        self.settle(settlements.iter().cloned());
        self.done(settlements.len());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.unwritten_settlements() == 0 && self.unwritten_refusals() == 0
    }

    pub(super) fn unwritten_settlements(&self) -> usize {
        held(&self.settlements).len() + self.taken.load(Ordering::Relaxed)
    }

    pub(super) fn unwritten_refusals(&self) -> usize {
        held(&self.refusals).len() + self.taken_refusals.load(Ordering::Relaxed)
    }

    pub(super) fn refuse(&self, user: &Arc<User>, code: Code, now: DateTime<Utc>) {
        self.add([Refusal { user: user.clone(), code, minute: minute(now), count: 1 }]);
    }

    /// Some of them, so many at most.
    pub(super) fn take_refusals(&self, most: usize) -> Vec<Refusal> {
        let mut counts = held(&self.refusals);
        let reasons: Vec<Reason> = counts.keys().take(most).copied().collect();
        self.taken_refusals.fetch_add(reasons.len(), Ordering::Relaxed);
        reasons.iter().filter_map(|reason| counts.remove(reason)).collect()
    }

    /// So many refusals that were taken are written, put back or given up on.
    pub(super) fn done_with_refusals(&self, count: usize) {
        self.taken_refusals.fetch_sub(count, Ordering::Relaxed);
    }

    /// Puts refusals back that could not be written, or adds new ones.
    pub(super) fn add(&self, refusals: impl IntoIterator<Item = Refusal>) {
        let mut counts = held(&self.refusals);
        for refusal in refusals {
            let full = counts.len() >= MAX_REFUSALS;
            match counts.entry((refusal.user.key, refusal.code, refusal.minute)) {
                std::collections::hash_map::Entry::Occupied(mut known) => {
                    known.get_mut().count += refusal.count
                }
                std::collections::hash_map::Entry::Vacant(free) if !full => drop(free.insert(refusal)),
                std::collections::hash_map::Entry::Vacant(_) => {}
            }
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
