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

use super::batch::{self, Waiting};
use super::limiter::Verdict;
use super::outage::Outage;
use super::outbox::Outbox;
use crate::kernel::cause::chain;
use crate::kernel::code::Code;
use crate::kernel::ids::MintId;
use crate::metrics::Metrics;
use crate::store::{Ask, Batch, Outcome, Settlement, Spent, Store, StoreError};

/// Outcomes and refusals wait no longer than this, while the store answers.
const TICK: Duration = Duration::from_millis(250);

/// How long the store may take where it can be done without.
const STORE_PATIENCE: Duration = Duration::from_secs(2);

/// Outcomes, or counts of refusals, in one statement at most. After an outage many may wait: a statement with all of them
/// would take longer than it may, each time that it is tried.
const MOST_ROWS: usize = 2048;

/// How many ticks go by between two looks at who can be forgotten.
const FORGET_EVERY: u32 = 240;

pub(super) struct Writer {
    store: Arc<dyn Store>,
    queue: mpsc::Receiver<Waiting>,
    /// Asks in one turn at most.
    max_batch: usize,
    waiting: VecDeque<Waiting>,
    outbox: Arc<Outbox>,
    /// What happens where the store fails; none where nothing is handed out then.
    outage: Option<Outage>,
    metrics: Arc<Metrics>,
    ticks: u32,
    /// Whether the store answered when it was last asked.
    answered: bool,
}

impl Writer {
    pub(super) fn new(
        store: Arc<dyn Store>,
        queue: mpsc::Receiver<Waiting>,
        max_batch: usize,
        outbox: Arc<Outbox>,
        outage: Option<Outage>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let waiting = VecDeque::new();
        Self { store, queue, max_batch, waiting, outbox, outage, metrics, ticks: 0, answered: true }
    }

    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut came = Vec::new();
        loop {
            let has_more = self.serve().await;
            tokio::select! {
                count = self.queue.recv_many(&mut came, self.max_batch) => match count {
                    0 => break,
                    _ => self.waiting.extend(came.drain(..)),
                },
                () = std::future::ready(()), if has_more => {}
                _ = tick.tick() => self.tick().await,
                () = looked(&mut self.outage) => self.catch_up().await,
                () = stop.cancelled() => break,
            }
        }
        self.finish().await;
    }

    async fn catch_up(&mut self) {
        if let Some(outage) = &mut self.outage {
            outage.catch_up().await;
        }
    }

    fn is_without_store(&self) -> bool {
        self.outage.as_ref().is_some_and(Outage::is_on)
    }

    /// One turn for those who wait, and for the outcomes that wait. Says whether there is more to be done at once.
    async fn serve(&mut self) -> bool {
        let batch = batch::take(&mut self.waiting, self.max_batch);
        if self.is_without_store() {
            self.decide_without_store(batch);
            return !self.waiting.is_empty();
        }
        let settlements = self.outbox.take_settlements(MOST_ROWS);
        if !batch.is_empty() || !settlements.is_empty() {
            self.turn(batch, settlements).await;
        }
        !self.waiting.is_empty() || (self.answered && self.outbox.has_settlements())
    }

    async fn turn(&mut self, waiting: Vec<Waiting>, settlements: Vec<Settlement>) {
        if !waiting.is_empty() {
            self.metrics.batch(waiting.len());
        }
        let (asks, answers): (Vec<_>, Vec<_>) =
            waiting.into_iter().map(|waiting| (waiting.ask, waiting.answer)).unzip();
        let batch = Arc::new(Batch { asks, settlements });
        let results = self.try_turn(&batch).await;
        for ((ask, answer), result) in batch.asks.iter().zip(answers).zip(results) {
            // After an error nobody knows whether the store wrote it.
            let unsure = result.is_err();
            let result = self.verdict(ask, result);
            let spent = matches!(&result, Ok(Verdict { spent: Spent::Granted(_), .. }));
            let nobody_listens = answer.send(result).is_err();
            if (unsure && !spent) || (spent && nobody_listens) {
                self.never_asked(ask);
            }
        }
    }

    /// The store's answer, or that of memory where the store has none and can be done without.
    fn verdict(
        &mut self,
        ask: &Ask,
        result: Result<Spent, Arc<StoreError>>,
    ) -> Result<Verdict, Arc<StoreError>> {
        let Some(outage) = &mut self.outage else {
            return result.map(|spent| Verdict { spent, unrecorded: None });
        };
        match result {
            Ok(spent) => {
                if matches!(spent, Spent::Granted(_)) {
                    outage.memory().saw(&ask.user.key, ask.id);
                }
                Ok(Verdict { spent, unrecorded: None })
            }
            Err(error) if matches!(*error, StoreError::Unavailable { .. }) => {
                outage.begin(&error, None);
                outage.decide(ask).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Everybody who waits, decided by memory.
    fn decide_without_store(&mut self, batch: Vec<Waiting>) {
        let Some(outage) = &mut self.outage else { return };
        let mut unheard = Vec::new();
        for Waiting { ask, answer } in batch {
            let verdict = outage.decide(&ask);
            let spent = matches!(&verdict, Some(Verdict { spent: Spent::Granted(_), .. }));
            if answer.send(verdict.ok_or_else(no_room)).is_err() && spent {
                unheard.push(ask);
            }
        }
        unheard.iter().for_each(|ask| self.never_asked(ask));
    }

    /// The provider was not asked: whatever was spent is given back.
    fn never_asked(&self, ask: &Ask) {
        if let Some(outage) = &self.outage {
            outage.memory().give_back(&ask.user.key, ask.id);
        }
        self.outbox.settle([never_asked(ask.id)]);
    }

    /// One answer for each ask of the batch.
    async fn try_turn(&mut self, batch: &Arc<Batch>) -> Vec<Result<Spent, Arc<StoreError>>> {
        let result = self.ask_store(batch).await;
        self.answered = !matches!(result, Err(StoreError::Unavailable { .. }));
        self.metrics.store_answered(self.answered);
        match result {
            Ok(spent) => {
                self.outbox.done(batch.settlements.len());
                spent.into_iter().map(Ok).collect()
            }
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

    /// One turn of the store. Where the store can be done without, not for longer than callers wait; what is given up on
    /// goes on by itself, for a statement must not be left in the middle of a connection.
    async fn ask_store(&mut self, batch: &Arc<Batch>) -> Result<Vec<Spent>, StoreError> {
        let Some(outage) = &mut self.outage else {
            return self.store.turn(batch).await;
        };
        let (store, own) = (self.store.clone(), batch.clone());
        let mut turn = tokio::spawn(async move { store.turn(&own).await });
        match tokio::time::timeout(STORE_PATIENCE, &mut turn).await {
            Ok(Ok(result)) => {
                if let Err(error @ StoreError::Unavailable { .. }) = &result {
                    outage.begin(error, None);
                }
                result
            }
            Ok(Err(cause)) => Err(StoreError::Unavailable { doing: "spending", cause: Box::new(cause) }),
            Err(late) => {
                let error = StoreError::Unavailable { doing: "spending", cause: Box::new(late) };
                outage.begin(&error, Some(turn));
                Err(error)
            }
        }
    }

    async fn tick(&mut self) {
        self.ticks = self.ticks.wrapping_add(1);
        match &self.outage {
            Some(outage) if self.ticks.is_multiple_of(FORGET_EVERY) => outage.memory().forget_idle(),
            Some(outage) if outage.is_on() => {}
            Some(_) => {
                // Callers wait behind it, so it goes on by itself where the store is slow.
                let counting = tokio::spawn(count_refusals(self.store.clone(), self.outbox.clone()));
                let _ = tokio::time::timeout(STORE_PATIENCE, counting).await;
            }
            None => {
                count_refusals(self.store.clone(), self.outbox.clone()).await;
            }
        }
    }

    /// Each by itself, for as long as the store answers.
    async fn one_by_one(&mut self, batch: &Batch) -> Vec<Result<Spent, Arc<StoreError>>> {
        let mut failed = None;
        for settlement in &batch.settlements {
            let alone = Batch { asks: Vec::new(), settlements: vec![settlement.clone()] };
            match self.alone(&alone, &mut failed).await {
                Ok(_) => self.outbox.done(1),
                Err(error) => self.keep(&alone.settlements, &error),
            }
        }
        let mut results = Vec::with_capacity(batch.asks.len());
        for ask in &batch.asks {
            let alone = Batch { asks: vec![ask.clone()], settlements: Vec::new() };
            let answer = self.alone(&alone, &mut failed).await;
            results.push(answer.and_then(|spent| spent.into_iter().next().ok_or_else(no_answer)));
        }
        self.answered = failed.is_none();
        results
    }

    /// One of many. When the store has failed at one, the others don't wait for the same.
    async fn alone(
        &self,
        batch: &Batch,
        failed: &mut Option<Arc<StoreError>>,
    ) -> Result<Vec<Spent>, Arc<StoreError>> {
        if let Some(error) = failed {
            return Err(error.clone());
        }
        let answer = self.store.turn(batch).await.map_err(Arc::new);
        *failed =
            answer.as_ref().err().filter(|error| matches!(***error, StoreError::Unavailable { .. })).cloned();
        answer
    }

    /// Keeps outcomes that could not be written for the next turn, unless the database will never take them.
    fn keep(&self, settlements: &[Settlement], error: &StoreError) {
        if settlements.is_empty() {
            return;
        }
        match error {
            StoreError::Unavailable { .. } => self.outbox.put_back(settlements),
            StoreError::Data { .. } => {
                self.outbox.done(settlements.len());
                tracing::error!(error = %chain(error), count = settlements.len(), "outcomes of mints were refused");
            }
        }
    }

    /// Writes what waits, again and again. Who doesn't want to wait any longer drops the task.
    async fn finish(&mut self) {
        self.queue.close();
        while let Some(waiting) = self.queue.recv().await {
            self.waiting.push_back(waiting);
        }
        loop {
            if let Some(outage) = &mut self.outage {
                outage.end().await;
            }
            while self.serve().await {}
            while count_refusals(self.store.clone(), self.outbox.clone()).await {}
            let entered = self.outage.as_ref().is_none_or(|outage| outage.unentered() == 0);
            if entered && self.outbox.is_empty() {
                return;
            }
            tokio::time::sleep(TICK).await;
        }
    }
}

/// Writes some of the refusals that wait, or puts them back. Says whether it wrote any.
async fn count_refusals(store: Arc<dyn Store>, outbox: Arc<Outbox>) -> bool {
    let refusals = outbox.take_refusals(MOST_ROWS);
    if refusals.is_empty() {
        return false;
    }
    let count = refusals.len();
    let result = store.count_refusals(&refusals).await;
    let written = result.is_ok();
    match result {
        Ok(()) => {}
        Err(StoreError::Unavailable { .. }) => outbox.add(refusals),
        Err(error @ StoreError::Data { .. }) => {
            tracing::error!(error = %chain(&error), count, "counts of refusals were refused");
        }
    }
    outbox.done_with_refusals(count);
    written
}

/// Ends when a look at the store has that failed; never, where there is none.
async fn looked(outage: &mut Option<Outage>) {
    match outage {
        Some(outage) => outage.looked().await,
        None => std::future::pending().await,
    }
}

/// The end of a mint that was paid for and for which the provider was not asked.
pub(super) fn never_asked(id: MintId) -> Settlement {
    Settlement {
        id,
        outcome: Outcome::Refunded,
        error: Some(Code::StoreUnavailable),
        latency_ms: None,
        expires_at: None,
    }
}

fn no_room() -> Arc<StoreError> {
    let cause = "too many users spent within the hour to remember one more".into();
    Arc::new(StoreError::Unavailable { doing: "spending without the store", cause })
}

fn no_answer() -> Arc<StoreError> {
    Arc::new(StoreError::Unavailable { doing: "spending", cause: "the store gave no answer".into() })
}

#[cfg(test)]
mod tests {
    use super::super::double::Double;
    use super::super::limiter::{Limiter, Settings};
    use super::super::sample::ask;
    use super::*;
    use crate::kernel::clock::SystemClock;

    /// Settles this many mints at once, stops, and says how many outcomes each turn had. The third mint is the poisoned one
    /// where there is one.
    async fn turns(count: usize, poisoned: bool, fails: bool) -> Vec<usize> {
        let asks: Vec<Ask> = (0..count).map(|n| ask(&n.to_string(), 1)).collect();
        let poisoned = poisoned.then(|| asks[2].id);
        let store = Arc::new(Double { poisoned, fails, ..Double::default() });
        let metrics = Arc::new(Metrics::new("0"));
        let (limiter, task) =
            Limiter::start(store.clone(), Arc::new(SystemClock), Settings::default(), metrics);
        for ask in &asks {
            limiter.settle(&ask.user, Settlement { outcome: Outcome::Issued, ..never_asked(ask.id) });
        }
        limiter.stop();
        // Where the store fails, it is tried for as long as somebody waits.
        let gave_up = tokio::time::timeout(4 * TICK, task).await.is_err();
        assert_eq!(gave_up, fails);
        assert_eq!(limiter.unwritten().outcomes, if fails { count } else { 0 });
        std::mem::take(&mut *store.turns.lock().unwrap())
    }

    #[tokio::test]
    async fn many_outcomes_go_in_parts_and_none_is_left_at_the_end() {
        let count = 4 * MOST_ROWS + 7;
        let turns = turns(count, false, false).await;
        assert_eq!(turns.iter().sum::<usize>(), count);
        assert!(turns.iter().all(|&outcomes| outcomes <= MOST_ROWS), "{turns:?}");
    }

    #[tokio::test]
    async fn many_counts_of_refusals_go_in_parts_and_none_is_left_at_the_end() {
        let store = Arc::new(Double::default());
        let metrics = Arc::new(Metrics::new("0"));
        let (limiter, task) =
            Limiter::start(store.clone(), Arc::new(SystemClock), Settings::default(), metrics);
        let count = 2 * MOST_ROWS + 7;
        (0..count).for_each(|n| limiter.refused(&ask(&n.to_string(), 1).user, Code::NotAllowed));
        limiter.stop();
        task.await.unwrap();
        let counted = std::mem::take(&mut *store.counted.lock().unwrap());
        assert_eq!(counted.iter().sum::<usize>(), count);
        assert!(counted.iter().all(|&refusals| refusals <= MOST_ROWS), "{counted:?}");
    }

    #[tokio::test]
    async fn a_poisoned_outcome_stands_in_nobodys_way() {
        assert_eq!(turns(4, true, false).await, [4, 1, 1, 1, 1]);
    }

    #[tokio::test]
    async fn when_the_store_fails_at_one_the_others_do_not_wait_for_the_same() {
        let turns = turns(4, true, true).await;
        assert!(turns.chunks(2).all(|tried| tried == [4, 1]), "{turns:?}");
        assert!(turns.len() >= 4, "the last writes are tried again: {turns:?}");
    }
}
