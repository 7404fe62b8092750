//! What goes on while the store fails and the operator chose `allow`: this process's memory decides, and what it grants
//! waits to be entered in the ledger.
//!
//! Owned by the one task that talks to the store, so decisions and the way back are strictly one after the other: the
//! store decides again only when it has been told of everything that was granted without it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::{JoinError, JoinHandle};

use super::batch::MAX_BATCH;
use super::limiter::Verdict;
use super::memory::Memory;
use crate::kernel::cause::chain;
use crate::metrics::Metrics;
use crate::store::{Ask, Entry, Spent, Store, StoreError};

/// Mints that wait to be entered, at most. Beyond, they stand in the log only.
const MOST_ENTRIES: usize = 20_000;

/// Between two looks whether the store is back.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How long everybody waits at most for the last mints to be entered, so that no more come meanwhile.
const CATCH_UP: Duration = Duration::from_secs(1);

/// What requests and the writer both see of it.
#[derive(Debug)]
pub(super) struct Fallback {
    pub(super) memory: Memory,
    without_store: AtomicBool,
    unentered: AtomicUsize,
}

impl Fallback {
    pub(super) fn new(memory: Memory) -> Self {
        Self { memory, without_store: AtomicBool::new(false), unentered: AtomicUsize::new(0) }
    }

    /// Whether memory decides at this moment.
    pub(super) fn decides(&self) -> bool {
        self.without_store.load(Ordering::Relaxed)
    }

    /// Mints that wait to be entered.
    pub(super) fn unentered(&self) -> usize {
        self.unentered.load(Ordering::Relaxed)
    }
}

/// A turn that took too long and was not waited for.
pub(super) type Unfinished = JoinHandle<Result<Vec<Spent>, StoreError>>;

/// The state of an outage, or of none.
pub(super) struct Outage {
    fallback: Arc<Fallback>,
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
    backlog: VecDeque<Entry>,
    recovery: Option<JoinHandle<Recovery>>,
}

/// How far a look at the store came.
struct Recovery {
    entered: usize,
    result: Result<(), StoreError>,
}

impl Outage {
    pub(super) fn new(fallback: Arc<Fallback>, store: Arc<dyn Store>, metrics: Arc<Metrics>) -> Self {
        Self { fallback, store, metrics, backlog: VecDeque::new(), recovery: None }
    }

    pub(super) fn is_on(&self) -> bool {
        self.fallback.decides()
    }

    pub(super) fn unentered(&self) -> usize {
        self.fallback.unentered()
    }

    pub(super) fn memory(&self) -> &Memory {
        &self.fallback.memory
    }

    /// The store failed. `unfinished` is work on it that may still take effect: nothing is entered before it has ended.
    pub(super) fn begin(&mut self, error: &StoreError, unfinished: Option<Unfinished>) {
        if self.is_on() {
            return;
        }
        tracing::error!(error = %chain(error), "the store fails: this process decides by its own memory");
        self.fallback.without_store.store(true, Ordering::Relaxed);
        self.look(unfinished, LOOK_EVERY);
    }

    /// Decides without the store; none where memory can't.
    pub(super) fn decide(&mut self, ask: &Ask) -> Option<Verdict> {
        let spent = self.fallback.memory.spend(ask)?;
        let Spent::Granted(hour) = spent else {
            return Some(Verdict { spent, unrecorded: None });
        };
        let ask = Arc::new(ask.clone());
        self.metrics.degraded_mint();
        if self.backlog.len() < MOST_ENTRIES {
            self.backlog.push_back(Entry { ask: ask.clone(), created_at: hour.at });
            self.count_unentered();
        }
        Some(Verdict { spent, unrecorded: Some(ask) })
    }

    /// Ends when a look at the store has; never, where none is on.
    pub(super) async fn looked(&mut self) {
        let Some(recovery) = &mut self.recovery else {
            return std::future::pending().await;
        };
        let outcome = recovery.await;
        self.noted(outcome);
    }

    /// Enters what was granted while a look was under way. Nobody is decided about meanwhile: where many ask, there would
    /// always be something to enter, and the store would never decide again.
    pub(super) async fn catch_up(&mut self) {
        if !self.is_on() || self.recovery.is_some() {
            return;
        }
        self.look(None, Duration::ZERO);
        if let Some(recovery) = &mut self.recovery
            && let Ok(outcome) = tokio::time::timeout(CATCH_UP, recovery).await
        {
            self.noted(outcome);
        }
    }

    /// A look has ended. Where it went well and mints still wait to be entered, the next is left to [`Self::catch_up`].
    fn noted(&mut self, outcome: Result<Recovery, JoinError>) {
        self.recovery = None;
        let Ok(Recovery { entered, result }) = outcome else {
            return self.look(None, LOOK_EVERY);
        };
        self.backlog.drain(..entered.min(self.backlog.len()));
        self.count_unentered();
        self.metrics.store_answered(result.is_ok());
        match result {
            Ok(()) if self.backlog.is_empty() => {
                tracing::info!("the store is back, and knows what was granted without it");
                self.fallback.without_store.store(false, Ordering::Relaxed);
            }
            Ok(()) => {}
            Err(_) => self.look(None, LOOK_EVERY),
        }
    }

    /// Looks whether the store is back, beside everything else, and enters what waits.
    fn look(&mut self, unfinished: Option<Unfinished>, after: Duration) {
        let (store, entries) = (self.store.clone(), self.backlog.iter().cloned().collect::<Vec<_>>());
        self.recovery = Some(tokio::spawn(async move {
            if let Some(unfinished) = unfinished {
                // However it ended, it is over.
                let _ = unfinished.await;
            }
            tokio::time::sleep(after).await;
            recover(&*store, &entries).await
        }));
    }

    fn count_unentered(&self) {
        let waiting = self.backlog.len();
        self.fallback.unentered.store(waiting, Ordering::Relaxed);
        self.metrics.unentered_mints(waiting);
    }

    /// The last look, when the service stops.
    pub(super) async fn end(&mut self) {
        if self.is_on() {
            let entries: Vec<Entry> = self.backlog.iter().cloned().collect();
            let Recovery { entered, result } = recover(&*self.store, &entries).await;
            self.backlog.drain(..entered.min(self.backlog.len()));
            self.count_unentered();
            if result.is_ok() {
                self.fallback.without_store.store(false, Ordering::Relaxed);
            }
        }
    }
}

async fn recover(store: &dyn Store, entries: &[Entry]) -> Recovery {
    let mut entered = 0;
    let mut result = store.ping().await;
    for chunk in entries.chunks(MAX_BATCH) {
        if result.is_ok() {
            result = enter(store, chunk).await;
        }
        if result.is_ok() {
            entered += chunk.len();
        }
    }
    Recovery { entered, result }
}

/// Enters mints; one that the database will never take is told and passed over.
async fn enter(store: &dyn Store, entries: &[Entry]) -> Result<(), StoreError> {
    match store.enter(entries).await {
        Err(StoreError::Data { .. }) => {}
        answer => return answer,
    }
    for entry in entries {
        match store.enter(std::slice::from_ref(entry)).await {
            Err(error @ StoreError::Data { .. }) => {
                tracing::error!(id = %entry.ask.id.0, error = %chain(&error), "a mint can't be entered in the ledger");
            }
            answer => answer?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::double::Double;
    use super::super::sample;
    use super::*;
    use crate::kernel::clock::SystemClock;

    fn gone() -> StoreError {
        StoreError::Unavailable { doing: "anything", cause: "gone".into() }
    }

    fn ask(user: usize) -> Ask {
        sample::ask(&user.to_string(), 1)
    }

    fn outage(store: Arc<dyn Store>) -> Outage {
        let fallback = Arc::new(Fallback::new(Memory::new(Arc::new(SystemClock))));
        let mut outage = Outage::new(fallback, store, Arc::new(Metrics::new("0")));
        outage.begin(&gone(), None);
        outage
    }

    #[tokio::test]
    async fn a_poisoned_entry_stands_in_nobodys_way() {
        let asks: Vec<Ask> = (0..3).map(ask).collect();
        let ledger = Arc::new(Double { poisoned: Some(asks[1].id), ..Double::default() });
        let mut outage = outage(ledger.clone());
        for ask in &asks {
            assert!(outage.decide(ask).unwrap().unrecorded.is_some());
            assert_eq!(outage.decide(ask).unwrap().unrecorded.map(|ask| ask.id), None, "the hour is spent");
        }
        outage.end().await;
        assert_eq!(outage.fallback.unentered(), 0);
        assert!(!outage.is_on());
        assert_eq!(*ledger.entered.lock().unwrap(), [asks[0].id, asks[2].id]);
    }

    #[tokio::test]
    async fn no_more_entries_wait_than_there_is_room_for() {
        let ledger = Arc::new(Double::default());
        let mut outage = outage(ledger.clone());
        for user in 0..=MOST_ENTRIES {
            let verdict = outage.decide(&ask(user)).unwrap();
            assert!(verdict.unrecorded.is_some(), "it is granted and told in the log all the same");
        }
        assert_eq!(outage.backlog.len(), MOST_ENTRIES);
        outage.end().await;
        assert_eq!(outage.fallback.unentered(), 0);
        assert_eq!(ledger.entered.lock().unwrap().len(), MOST_ENTRIES);
    }
}
