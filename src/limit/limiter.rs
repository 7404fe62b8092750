//! The handle that requests hold.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::batch::{MAX_BATCH, Waiting};
use super::memory::Memory;
use super::outage::{Fallback, Outage};
use super::outbox::Outbox;
use super::writer::{Writer, never_asked};
use crate::kernel::clock::Clock;
use crate::kernel::code::Code;
use crate::kernel::ids::MintId;
use crate::kernel::user::{User, UserKey};
use crate::metrics::Metrics;
use crate::store::{Ask, Outcome, Settlement, Spent, Store, StoreError};

/// Asks that may wait; more than these are turned away at once.
const QUEUE: usize = 4096;

/// How long an ask waits for its turn and its answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What happens while the store can't be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnStoreError {
    /// Nothing is handed out.
    Deny,
    /// This process decides by what it remembers of the last hour, and tells the store later.
    Allow,
}

/// How the store is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Mints in one statement at most, 1 to [`MAX_BATCH`].
    pub max_batch: usize,
    /// What happens while it can't be asked.
    pub on_store_error: OnStoreError,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max_batch: MAX_BATCH, on_store_error: OnStoreError::Deny }
    }
}

/// An answer to an [`Ask`].
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The answer.
    pub spent: Spent,
    /// What was granted without the store, so that it has no ledger row yet.
    pub unrecorded: Option<Arc<Ask>>,
}

/// No decision could be had. Nothing is handed out then.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SpendError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
    /// Too many wait, or the answer took too long.
    #[error("the store is too slow: {0}")]
    Overloaded(&'static str),
    /// The service is stopping.
    #[error("the service is stopping")]
    Stopping,
}

/// Decides who may mint, and writes down what became of it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Limiter {
    asks: mpsc::Sender<Waiting>,
    outbox: Arc<Outbox>,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
    /// What decides without the store, where that is allowed.
    fallback: Option<Arc<Fallback>>,
}

impl Limiter {
    /// Starts the task that talks to the store. It ends after [`Limiter::stop`], as soon as everything is written.
    pub fn start(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        settings: Settings,
        metrics: Arc<Metrics>,
    ) -> (Self, JoinHandle<()>) {
        let (asks, queue) = mpsc::channel(QUEUE);
        let allowed = settings.on_store_error == OnStoreError::Allow;
        let fallback = allowed.then(|| Arc::new(Fallback::new(Memory::new(clock.clone()))));
        let outage = fallback.clone().map(|fallback| Outage::new(fallback, store.clone(), metrics.clone()));
        let limiter = Self { asks, outbox: Arc::default(), clock, stop: CancellationToken::new(), fallback };
        let outbox = limiter.outbox.clone();
        let writer = Writer::new(store, queue, settings.max_batch, outbox, outage, metrics);
        let task = tokio::spawn(writer.run(limiter.stop.clone()));
        (limiter, task)
    }

    /// Takes one from the user's hour, and writes the ledger row, or says why not.
    ///
    /// When the caller stops waiting, the spend is given back.
    pub async fn spend(&self, ask: Ask) -> Result<Verdict, SpendError> {
        let (id, user) = (ask.id, ask.user.key);
        let (answer, result) = oneshot::channel();
        let mut hearing = Hearing { limiter: self, id, user, answer: result };
        self.asks.try_send(Waiting { ask, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SpendError::Overloaded("too many requests are waiting"),
            mpsc::error::TrySendError::Closed(_) => SpendError::Stopping,
        })?;
        match tokio::time::timeout(PATIENCE, &mut hearing.answer).await {
            Ok(Ok(verdict)) => Ok(verdict?),
            Ok(Err(_)) => Err(SpendError::Stopping),
            Err(_) => Err(SpendError::Overloaded("no answer in time")),
        }
    }

    /// Writes down what became of a mint, soon; a refund gives back what was spent on it.
    pub fn settle(&self, user: &User, settlement: Settlement) {
        if let Some(fallback) = &self.fallback
            && settlement.outcome == Outcome::Refunded
        {
            fallback.memory.give_back(&user.key, settlement.id);
        }
        self.outbox.settle([settlement]);
    }

    /// Counts a refusal, soon.
    pub fn refused(&self, user: &Arc<User>, code: Code) {
        self.outbox.refuse(user, code, self.clock.now());
    }

    /// Whether the store is done without while it fails.
    pub fn can_do_without_store(&self) -> bool {
        self.fallback.is_some()
    }

    /// Whether the store is being done without at this moment.
    pub fn is_without_store(&self) -> bool {
        self.fallback.as_ref().is_some_and(|fallback| fallback.decides())
    }

    /// Takes no more asks, and has everything written that waits to be.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// What waits to be written.
    pub fn unwritten(&self) -> Unwritten {
        Unwritten {
            outcomes: self.outbox.unwritten_settlements(),
            refusals: self.outbox.unwritten_refusals(),
            entries: self.fallback.as_ref().map_or(0, |fallback| fallback.unentered()),
        }
    }

    /// Gives back what was spent on a mint that the provider was not asked for.
    fn never_asked(&self, user: &UserKey, id: MintId) {
        if let Some(fallback) = &self.fallback {
            fallback.memory.give_back(user, id);
        }
        self.outbox.settle([never_asked(id)]);
    }
}

/// What waits to be written, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unwritten {
    /// Outcomes of mints.
    pub outcomes: usize,
    /// Counts of refusals.
    pub refusals: usize,
    /// Mints that were granted without the store.
    pub entries: usize,
}

impl Unwritten {
    /// Whether nothing waits.
    pub fn is_none(self) -> bool {
        self == Self { outcomes: 0, refusals: 0, entries: 0 }
    }
}

/// Waits for the answer to an ask. Given up before it was heard, it gives back what was granted at the last moment.
struct Hearing<'a> {
    limiter: &'a Limiter,
    id: MintId,
    user: UserKey,
    answer: oneshot::Receiver<Result<Verdict, Arc<StoreError>>>,
}

impl Drop for Hearing<'_> {
    fn drop(&mut self) {
        // Whoever answers after this sees that nobody listens.
        self.answer.close();
        if let Ok(Ok(Verdict { spent: Spent::Granted(_), .. })) = self.answer.try_recv() {
            self.limiter.never_asked(&self.user, self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::kernel::clock::SystemClock;
    use crate::store::Hour;

    #[tokio::test]
    async fn what_is_granted_to_somebody_who_has_just_gone_is_given_back() {
        let (asks, mut queue) = mpsc::channel(1);
        let clock = Arc::new(SystemClock);
        let limiter = Limiter {
            asks,
            outbox: Arc::default(),
            clock: clock.clone(),
            stop: CancellationToken::new(),
            fallback: None,
        };
        let ask = sample::ask("ana", 1);
        let id = ask.id;
        let mut spending = Box::pin(limiter.spend(ask));
        tokio::select! {
            biased;
            _ = &mut spending => panic!("nobody has answered"),
            () = std::future::ready(()) => {}
        }
        let hour = Hour { at: clock.now(), used: 1, next_free: None };
        let granted = Verdict { spent: Spent::Granted(hour), unrecorded: None };
        assert!(queue.recv().await.unwrap().answer.send(Ok(granted)).is_ok(), "it is on its way");
        drop(spending);
        let given_back = limiter.outbox.take_settlements(2);
        assert_eq!((given_back.len(), given_back[0].id, given_back[0].outcome), (1, id, Outcome::Refunded));
    }
}
