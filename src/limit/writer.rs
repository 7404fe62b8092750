//! The one task that spends and settles.
//!
//! A batch is whatever gathered while the last one was in flight: nobody waits for a timer, and nobody alone waits for
//! company. Outcomes ride along; where nobody spends, they are written by the next tick.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::batch::{self, MAX_BATCH, Waiting};
use super::outbox::Outbox;
use crate::kernel::code::Code;
use crate::kernel::ids::MintId;
use crate::store::{Batch, Outcome, Settlement, Spent, Store, StoreError};

/// Outcomes and refusals wait no longer than this, while the store answers.
const TICK: Duration = Duration::from_millis(250);

/// How often the last writes are tried when the service stops.
const LAST_TRIES: u32 = 3;

pub(super) struct Writer {
    store: Arc<dyn Store>,
    queue: mpsc::Receiver<Waiting>,
    waiting: VecDeque<Waiting>,
    outbox: Arc<Outbox>,
}

impl Writer {
    pub(super) fn new(store: Arc<dyn Store>, queue: mpsc::Receiver<Waiting>, outbox: Arc<Outbox>) -> Self {
        Self { store, queue, waiting: VecDeque::new(), outbox }
    }

    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                first = self.queue.recv() => match first {
                    Some(first) => self.waiting.push_back(first),
                    None => break,
                },
                _ = tick.tick() => self.count_refusals().await,
                () = stop.cancelled() => break,
            }
            self.serve().await;
        }
        self.finish().await;
    }

    /// Serves everybody who waits, and writes the outcomes that wait.
    async fn serve(&mut self) {
        loop {
            while self.waiting.len() < MAX_BATCH
                && let Ok(next) = self.queue.try_recv()
            {
                self.waiting.push_back(next);
            }
            let batch = batch::take(&mut self.waiting);
            let settlements = self.outbox.take_settlements();
            if batch.is_empty() && settlements.is_empty() {
                return;
            }
            self.turn(batch, settlements).await;
            if self.waiting.is_empty() && self.queue.is_empty() {
                return;
            }
        }
    }

    async fn turn(&self, waiting: Vec<Waiting>, settlements: Vec<Settlement>) {
        let (asks, answers): (Vec<_>, Vec<_>) =
            waiting.into_iter().map(|waiting| (waiting.ask, waiting.answer)).unzip();
        let batch = Batch { asks, settlements };
        let results = self.try_turn(&batch).await;
        for ((ask, answer), result) in batch.asks.iter().zip(answers).zip(results) {
            let spent = matches!(result, Ok(Spent::Granted(_)));
            let unsure = result.is_err();
            let nobody_listens = answer.send(result).is_err();
            if unsure || (spent && nobody_listens) {
                self.outbox.settle([never_asked(ask.id)]);
            }
        }
    }

    /// One answer for each ask of the batch.
    async fn try_turn(&self, batch: &Batch) -> Vec<Result<Spent, Arc<StoreError>>> {
        match self.store.turn(batch).await {
            Ok(spent) => spent.into_iter().map(Ok).collect(),
            // One poisoned value fails all: find it, so that the others get what is theirs.
            Err(StoreError::Data { .. }) if batch.asks.len() + batch.settlements.len() > 1 => {
                self.one_by_one(batch).await
            }
            Err(error) => {
                self.keep(&batch.settlements, &error);
                let error = Arc::new(error);
                batch.asks.iter().map(|_| Err(error.clone())).collect()
            }
        }
    }

    async fn one_by_one(&self, batch: &Batch) -> Vec<Result<Spent, Arc<StoreError>>> {
        for settlement in &batch.settlements {
            let alone = Batch { asks: Vec::new(), settlements: vec![settlement.clone()] };
            if let Err(error) = self.store.turn(&alone).await {
                self.keep(&alone.settlements, &error);
            }
        }
        let mut results = Vec::with_capacity(batch.asks.len());
        for ask in &batch.asks {
            let alone = Batch { asks: vec![ask.clone()], settlements: Vec::new() };
            let answer = self.store.turn(&alone).await.map_err(Arc::new);
            results.push(answer.and_then(|spent| spent.into_iter().next().ok_or_else(no_answer)));
        }
        results
    }

    /// Keeps outcomes that could not be written for the next turn, unless the database will never take them.
    fn keep(&self, settlements: &[Settlement], error: &StoreError) {
        if settlements.is_empty() {
            return;
        }
        match error {
            StoreError::Unavailable { .. } => self.outbox.settle(settlements.iter().cloned()),
            StoreError::Data { .. } => {
                tracing::error!(error = %chain(error), count = settlements.len(), "outcomes of mints were refused");
            }
        }
    }

    async fn count_refusals(&self) {
        let refusals = self.outbox.take_refusals();
        if refusals.is_empty() {
            return;
        }
        match self.store.count_refusals(&refusals).await {
            Ok(()) => {}
            Err(StoreError::Unavailable { .. }) => self.outbox.add(refusals),
            Err(error @ StoreError::Data { .. }) => {
                tracing::error!(error = %chain(&error), count = refusals.len(), "counts of refusals were refused");
            }
        }
    }

    async fn finish(&mut self) {
        self.queue.close();
        while let Some(waiting) = self.queue.recv().await {
            self.waiting.push_back(waiting);
        }
        for _ in 0..LAST_TRIES {
            self.serve().await;
            self.count_refusals().await;
        }
        let lost = self.outbox.take_settlements().len();
        if lost > 0 {
            tracing::error!(
                count = lost,
                "outcomes of mints could not be written; they will count as unconfirmed"
            );
        }
    }
}

/// The provider was not asked: whatever was spent is given back.
fn never_asked(id: MintId) -> Settlement {
    Settlement {
        id,
        outcome: Outcome::Refunded,
        error: Some(Code::StoreUnavailable),
        latency_ms: None,
        expires_at: None,
    }
}

fn no_answer() -> Arc<StoreError> {
    Arc::new(StoreError::Unavailable { doing: "spending", cause: "the store gave no answer".into() })
}

fn chain(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}
