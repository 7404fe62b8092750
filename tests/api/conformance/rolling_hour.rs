//! Random histories against the model, with a set clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::TimeDelta;
use ephemint::kernel::ids::MintId;
use ephemint::kernel::user::User;
use ephemint::store::{Ask, Batch, Outcome, Settlement, Spent};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::model::{MOST_IN_A_BATCH, Model};
use super::{Fixture, StoreKind, ask, over_both_stores, settlement, user};

const USERS: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    /// Several users ask at once, some of them more than once.
    Ask(Vec<usize>),
    /// The policy's limit changes.
    Limit(u16),
    /// Time goes on, by milliseconds.
    Forward(i64),
    /// The clock is set back, by milliseconds.
    Back(i64),
    /// An earlier mint ends; a refund may come twice, and together with the next spend.
    Refund(prop::sample::Index),
    Issue(prop::sample::Index),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => prop::collection::vec(0..USERS, 1..=MOST_IN_A_BATCH as usize).prop_map(Step::Ask),
        1 => prop_oneof![Just(0_u16), 1_u16..6].prop_map(Step::Limit),
        // Often right at the window's edge.
        4 => prop_oneof![0_i64..5, 1_000_i64..600_000, 3_599_990_i64..3_600_010, 0_i64..7_200_000].prop_map(Step::Forward),
        1 => (0_i64..1_800_000).prop_map(Step::Back),
        2 => any::<prop::sample::Index>().prop_map(Step::Refund),
        1 => any::<prop::sample::Index>().prop_map(Step::Issue),
    ]
}

/// One random history.
struct History<'a> {
    fixture: &'a Fixture,
    users: Vec<Arc<User>>,
    model: Model,
    limit: u16,
    granted: Vec<MintId>,
    ended: Vec<Settlement>,
}

impl History<'_> {
    async fn take(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Ask(who) => return self.ask(who).await,
            Step::Limit(limit) => self.limit = *limit,
            Step::Forward(millis) => self.fixture.clock.advance(TimeDelta::milliseconds(*millis)),
            Step::Back(millis) => self.fixture.clock.advance(TimeDelta::milliseconds(-millis)),
            Step::Refund(which) => self.end(*which, Outcome::Refunded),
            Step::Issue(which) => self.end(*which, Outcome::Issued),
        }
        Ok(())
    }

    async fn ask(&mut self, who: &[usize]) -> Result<(), String> {
        let now = self.fixture.now();
        let asks: Vec<Ask> = who.iter().map(|one| ask(&self.users[*one], self.limit, now)).collect();
        // What ended goes in with the next spend, before it.
        let settlements = std::mem::take(&mut self.ended);
        let spent = self.fixture.store.turn(&Batch { asks: asks.clone(), settlements }).await;
        for (ask, spent) in asks.iter().zip(spent.map_err(|error| format!("{error:?}"))?) {
            self.model.check(ask.user.key, ask.id, self.limit, now, &spent)?;
            if matches!(spent, Spent::Granted(_)) {
                self.granted.push(ask.id);
            }
        }
        Ok(())
    }

    fn end(&mut self, which: prop::sample::Index, outcome: Outcome) {
        if self.granted.is_empty() {
            return;
        }
        let id = *which.get(&self.granted);
        if self.ended.iter().any(|end| end.id == id) {
            return;
        }
        self.ended.push(settlement(id, outcome));
        if outcome == Outcome::Refunded {
            self.model.refund(id);
        } else {
            // What was issued stays issued: a refund that comes later must do nothing.
            self.granted.retain(|granted| *granted != id);
        }
    }

    async fn check_usage(&mut self) -> Result<(), String> {
        self.ask(&[0]).await?;
        for user in &self.users {
            let usage = self.fixture.store.usage(&user.key, 5).await.map_err(|error| format!("{error:?}"))?;
            let expected = self.model.counting(user.key, usage.at);
            if usage.stamps != expected {
                return Err(format!("usage says {:?}, the model {expected:?}", usage.stamps));
            }
        }
        Ok(())
    }
}

async fn play(fixture: &Fixture, case: u32, steps: &[Step]) -> Result<(), String> {
    let users = (0..USERS).map(|one| user(&format!("case-{case}-user-{one}"))).collect();
    let model = Model::new(fixture.tick());
    let mut history = History { fixture, users, model, limit: 3, granted: Vec::new(), ended: Vec::new() };
    for step in steps {
        history.take(step).await?;
    }
    history.check_usage().await
}

async fn the_hour_is_that_of_the_model(fixture: Fixture) {
    let runtime = tokio::runtime::Handle::current();
    let cases = AtomicU32::new(0);
    let run = move || {
        let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
        let history = prop::collection::vec(step(), 1..60);
        runner.run(&history, |steps| {
            let case = cases.fetch_add(1, Ordering::Relaxed);
            runtime.block_on(play(&fixture, case, &steps)).map_err(TestCaseError::fail)
        })
    };
    let result = tokio::task::spawn_blocking(run).await.unwrap();
    // The debug form has the history that was found, cut down to what it takes.
    assert!(result.is_ok(), "{:?}", result.unwrap_err());
}

over_both_stores!(the_hour_is_that_of_the_model);
