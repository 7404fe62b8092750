//! What happens, for operators who look on: mints as they end, and refusals.
//!
//! Events are read from the store, so that those of all replicas come together. One task of a process reads it, about once a
//! second and only while somebody listens. Listeners share one ring of events: whoever is too slow for it loses the oldest,
//! and is told how many.

mod feed;
mod refusals;

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use self::feed::Feed;
use super::tail::ended_since;
use crate::kernel::clock::Clock;
use crate::kernel::ids::MintId;
use crate::store::{LedgerRow, Store, StoreError};

/// Listeners that a process has at most.
pub const MOST_LISTENERS: usize = 32;

/// Events that are kept for slow listeners.
const RING: usize = 1024;

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// A mint has ended.
    Mint {
        /// Its row.
        row: LedgerRow,
        /// Every mint before this one was told before.
        told_until: MintId,
    },
    /// A user was refused.
    Refused(Refused),
}

/// Refusals of one user for one reason.
#[derive(Debug)]
pub struct Refused {
    /// When they were seen, a moment after they were made.
    pub at: DateTime<Utc>,
    /// The issuer of the user's token; empty where it had none.
    pub issuer: String,
    /// The user, by the `sub` of their token.
    pub user_id: String,
    /// Why.
    pub code: String,
    /// How many since the last time.
    pub count: i64,
}

/// What a listener hears.
#[derive(Debug, Clone)]
pub enum Heard {
    /// Something happened.
    Event(Arc<Event>),
    /// So many events came too fast, or more than could be read at once.
    Lost(Option<u64>),
    /// The service stops; nothing comes any more.
    Over,
}

/// Why nobody can listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// All places are taken.
    #[error("{MOST_LISTENERS} listeners are there already")]
    Full,
    /// The service stops.
    #[error("the service is stopping")]
    Stopping,
    /// The store does not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An ear, on its way to the feed and back.
type Ask = oneshot::Sender<Result<broadcast::Receiver<Arc<Event>>, StoreError>>;

/// Lets operators listen.
#[derive(Debug, Clone)]
pub struct Events {
    asks: mpsc::Sender<Ask>,
    places: Arc<Semaphore>,
    stopping: CancellationToken,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Events {
    /// Events out of this store, with the task that reads them: it has to run.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> (Self, impl Future<Output = ()>) {
        let (asks, asked) = mpsc::channel(MOST_LISTENERS);
        let feed = Feed::new(store.clone(), clock.clone(), asked, RING);
        let (places, stopping) = (Arc::new(Semaphore::new(MOST_LISTENERS)), CancellationToken::new());
        (Self { asks, places, stopping, store, clock }, feed.run())
    }

    /// Hears of everything from now on and, with `resume`, first of the mints from there on: every one that has ended and is
    /// not before `resume`, even those that were heard before.
    pub async fn listen(&self, resume: Option<MintId>) -> Result<Listener, ListenError> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| ListenError::Full)?;
        let (ask, answer) = oneshot::channel();
        self.asks.send(ask).await.map_err(|_| ListenError::Stopping)?;
        let events = answer.await.map_err(|_| ListenError::Stopping)??;
        let mut listener = Listener {
            missed: VecDeque::new(),
            resumed: HashSet::new(),
            events,
            stopping: self.stopping.clone(),
            _place: place,
        };
        if let Some(from) = resume {
            let (rows, is_full) = ended_since(&*self.store, from, self.clock.now()).await?;
            listener.catch_up(from, rows, is_full);
        }
        Ok(listener)
    }

    /// Ends all that anybody hears, at once.
    pub fn stop(&self) {
        self.stopping.cancel();
    }
}

/// Somebody who listens. Their place is free again when this goes away.
#[derive(Debug)]
pub struct Listener {
    missed: VecDeque<Heard>,
    /// Mints that were among the missed.
    resumed: HashSet<MintId>,
    events: broadcast::Receiver<Arc<Event>>,
    stopping: CancellationToken,
    _place: OwnedSemaphorePermit,
}

impl Listener {
    fn catch_up(&mut self, from: MintId, rows: Vec<LedgerRow>, is_full: bool) {
        self.resumed = rows.iter().map(|row| row.id).collect();
        let mint = |row| Heard::Event(Arc::new(Event::Mint { row, told_until: from }));
        self.missed = rows.into_iter().map(mint).collect();
        if is_full {
            self.missed.push_back(Heard::Lost(None));
        }
    }

    /// What happens next. To stop waiting loses nothing.
    pub async fn next(&mut self) -> Heard {
        if self.stopping.is_cancelled() {
            return Heard::Over;
        }
        if let Some(missed) = self.missed.pop_front() {
            return missed;
        }
        loop {
            let heard = tokio::select! {
                biased;
                () = self.stopping.cancelled() => return Heard::Over,
                heard = self.events.recv() => heard,
            };
            match heard {
                Ok(event) if self.has_resumed_with(&event) => {}
                Ok(event) => return Heard::Event(event),
                Err(RecvError::Lagged(count)) => return Heard::Lost(Some(count)),
                Err(RecvError::Closed) => return Heard::Over,
            }
        }
    }

    fn has_resumed_with(&self, event: &Event) -> bool {
        matches!(event, Event::Mint { row, .. } if self.resumed.contains(&row.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener(ring: usize) -> (broadcast::Sender<Arc<Event>>, Listener) {
        let (sender, events) = broadcast::channel(ring);
        let place = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let stopping = CancellationToken::new();
        let (missed, resumed) = (VecDeque::new(), HashSet::new());
        (sender, Listener { missed, resumed, events, stopping, _place: place })
    }

    fn refused(count: i64) -> Arc<Event> {
        let (issuer, user_id, code) = (String::new(), "ana".to_owned(), "not_allowed".to_owned());
        Arc::new(Event::Refused(Refused { at: DateTime::UNIX_EPOCH, issuer, user_id, code, count }))
    }

    fn count(heard: &Heard) -> Option<i64> {
        match heard {
            Heard::Event(event) => match &**event {
                Event::Refused(refused) => Some(refused.count),
                Event::Mint { .. } => None,
            },
            _ => None,
        }
    }

    #[tokio::test]
    async fn whoever_is_slow_is_told_how_many_events_were_lost() {
        let (sender, mut listener) = listener(4);
        for n in 0..10 {
            sender.send(refused(n)).unwrap();
        }
        assert!(matches!(listener.next().await, Heard::Lost(Some(6))));
        for n in 6..10 {
            assert_eq!(count(&listener.next().await), Some(n));
        }
        drop(sender);
        assert!(matches!(listener.next().await, Heard::Over));
    }

    #[tokio::test]
    async fn a_stop_goes_before_everything_that_waits() {
        let (sender, mut listener) = listener(4);
        sender.send(refused(1)).unwrap();
        listener.missed.push_back(Heard::Lost(None));
        listener.stopping.cancel();
        assert!(matches!(listener.next().await, Heard::Over));
    }
}
