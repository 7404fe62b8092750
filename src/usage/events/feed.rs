//! The task that reads events from the store.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{broadcast, mpsc};
use tokio::time::Interval;

use super::refusals::RefusalCounts;
use super::{Ask, Event};
use crate::kernel::cause::chain;
use crate::kernel::clock::Clock;
use crate::store::{Store, StoreError};
use crate::usage::tail::Tail;

/// How often it is looked for events.
const EVERY: Duration = Duration::from_secs(1);

/// A look that took long is followed by a pause of so many times as long: to look must not be what keeps the store busy.
const PAUSE: u32 = 9;

/// Reads events as long as somebody listens.
pub(super) struct Feed {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    asked: mpsc::Receiver<Ask>,
    events: broadcast::Sender<Arc<Event>>,
    /// None while nobody listens.
    told: Option<Told>,
}

/// What was told already.
struct Told {
    mints: Tail,
    refusals: RefusalCounts,
}

impl Feed {
    pub(super) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        asked: mpsc::Receiver<Ask>,
        ring: usize,
    ) -> Self {
        Self { store, clock, asked, events: broadcast::Sender::new(ring), told: None }
    }

    pub(super) async fn run(mut self) {
        let mut ticks = tokio::time::interval(EVERY);
        loop {
            tokio::select! {
                ask = self.asked.recv() => match ask {
                    Some(ask) => self.admit(ask).await,
                    None => return,
                },
                _ = ticks.tick() => self.look(&mut ticks).await,
            }
        }
    }

    /// Lets somebody listen, from now on.
    async fn admit(&mut self, ask: Ask) {
        let ear = match &self.told {
            Some(_) => Ok(self.events.subscribe()),
            None => self.begin().await.map(|told| {
                self.told = Some(told);
                self.events.subscribe()
            }),
        };
        // Whoever asked may have gone away meanwhile, and their ear with them.
        let _ = ask.send(ear);
    }

    async fn begin(&self) -> Result<Told, StoreError> {
        let now = self.clock.now();
        Ok(Told {
            mints: Tail::start(&*self.store, now).await?,
            refusals: RefusalCounts::start(&*self.store, now).await?,
        })
    }

    /// Looks for events, and says when to look again.
    async fn look(&mut self, ticks: &mut Interval) {
        if self.events.receiver_count() == 0 {
            self.told = None;
        }
        let Some(told) = &mut self.told else { return };
        let begun = self.clock.instant();
        if let Err(error) = tell(&*self.store, &*self.clock, told, &self.events).await {
            tracing::warn!(error = chain(&error), "the ledger could not be followed; it is tried again");
        }
        ticks.reset_after(EVERY.max(PAUSE * (self.clock.instant() - begun)));
    }
}

async fn tell(
    store: &dyn Store,
    clock: &dyn Clock,
    told: &mut Told,
    events: &broadcast::Sender<Arc<Event>>,
) -> Result<(), StoreError> {
    // Before the look: those of one look are told one after the other.
    let told_until = told.mints.told_until();
    let mints = told.mints.ended(store, clock.now()).await?;
    // That nobody listens any more is no error.
    for row in mints {
        let _ = events.send(Arc::new(Event::Mint { row, told_until }));
    }
    for refused in told.refusals.grown(store, clock.now()).await? {
        let _ = events.send(Arc::new(Event::Refused(refused)));
    }
    Ok(())
}
