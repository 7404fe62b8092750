//! A user's own limit holds until it expires, by the store's clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use ephemint::kernel::user::User;
use ephemint::store::{Batch, Decided, OwnLimit, Spent, Standing};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::admin::act;
use super::{Fixture, StoreKind, ask, over_both_stores, user};

over_both_stores!(an_expired_limit_is_none, a_spend_knows_which_limit_holds);

fn own(hourly_limit: Option<u16>) -> Standing {
    Standing { hourly_limit, ..Standing::default() }
}

async fn decide(fixture: &Fixture, user: &Arc<User>, limit: Option<OwnLimit>) {
    let decided = Decided { hourly_limit: limit, ..Decided::default() };
    fixture.store.put_user(user, &decided, &act(fixture, user)).await.unwrap();
}

/// What the store answers to somebody who assumes this.
async fn spend(fixture: &Fixture, user: &Arc<User>, assumed: Option<u16>) -> Spent {
    let mut ask = ask(user, assumed.unwrap_or(1000), fixture.now());
    ask.assumed = own(assumed);
    let batch = Batch { asks: vec![ask], settlements: Vec::new() };
    fixture.store.turn(&batch).await.unwrap().remove(0)
}

async fn an_expired_limit_is_none(fixture: Fixture) {
    let ana = user("ana");
    let until = Some(fixture.now() + TimeDelta::seconds(10));
    decide(&fixture, &ana, Some(OwnLimit { tokens: 2, until })).await;
    assert_eq!(fixture.store.standing(&ana.key).await.unwrap(), own(Some(2)));
    assert_eq!(fixture.store.usage(&ana.key, 1).await.unwrap().standing, own(Some(2)));
    assert_eq!(spend(&fixture, &ana, None).await, Spent::Otherwise(own(Some(2))));
    assert!(matches!(spend(&fixture, &ana, Some(2)).await, Spent::Granted(_)));
    fixture.clock.advance(TimeDelta::milliseconds(9_999));
    assert!(matches!(spend(&fixture, &ana, Some(2)).await, Spent::Granted(_)));
    assert!(matches!(spend(&fixture, &ana, Some(2)).await, Spent::Refused(_)));
    fixture.clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(spend(&fixture, &ana, Some(2)).await, Spent::Otherwise(own(None)));
    assert_eq!(fixture.store.standing(&ana.key).await.unwrap(), own(None));
    assert_eq!(fixture.store.usage(&ana.key, 1).await.unwrap().standing, own(None));
    assert!(matches!(spend(&fixture, &ana, None).await, Spent::Granted(hour) if hour.used == 3));

    decide(&fixture, &ana, Some(OwnLimit { tokens: 0, until: None })).await;
    fixture.clock.advance(TimeDelta::days(4000));
    assert!(matches!(spend(&fixture, &ana, Some(0)).await, Spent::Refused(_)));
}

#[derive(Debug, Clone)]
enum Step {
    /// A limit, and in how many seconds it expires; it may have done so already.
    Decide(u16, Option<i64>),
    Undecide,
    Forward(i64),
    /// Somebody asks who assumes this, or what is true.
    Ask(Option<Option<u16>>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_u16..3, prop::option::of(-5_i64..60)).prop_map(|(tokens, until)| Step::Decide(tokens, until)),
        1 => Just(Step::Undecide),
        3 => (0_i64..40).prop_map(Step::Forward),
        4 => prop::option::of(prop::option::of(0_u16..3)).prop_map(Step::Ask),
    ]
}

/// Slow and obvious: whatever was decided last, unless its time is over.
fn holds(decided: Option<OwnLimit>, now: DateTime<Utc>) -> Option<u16> {
    let own = decided?;
    match own.until {
        Some(until) if until <= now => None,
        _ => Some(own.tokens),
    }
}

async fn play(fixture: &Fixture, case: u32, steps: &[Step]) -> Result<(), String> {
    let ana = user(&format!("ana-{case}"));
    let mut decided = None;
    for step in steps {
        let now = fixture.now();
        match step {
            Step::Decide(tokens, until) => {
                let until = until.map(|seconds| now + TimeDelta::seconds(seconds));
                decided = Some(OwnLimit { tokens: *tokens, until });
                decide(fixture, &ana, decided).await;
            }
            Step::Undecide => {
                decided = None;
                decide(fixture, &ana, None).await;
            }
            Step::Forward(seconds) => fixture.clock.advance(TimeDelta::seconds(*seconds)),
            Step::Ask(assumed) => {
                let truth = holds(decided, now);
                let assumed = assumed.unwrap_or(truth);
                let spent = spend(fixture, &ana, assumed).await;
                let told = match &spent {
                    Spent::Otherwise(held) => Some(held.hourly_limit),
                    Spent::Granted(_) | Spent::Refused(_) => None,
                };
                if told != (assumed != truth).then_some(truth) {
                    return Err(format!("{assumed:?} was assumed, {truth:?} holds: {spent:?}"));
                }
            }
        }
    }
    Ok(())
}

async fn a_spend_knows_which_limit_holds(fixture: Fixture) {
    let runtime = tokio::runtime::Handle::current();
    let cases = AtomicU32::new(0);
    let run = move || {
        let config = Config { failure_persistence: None, cases: 64, ..Config::default() };
        TestRunner::new(config).run(&prop::collection::vec(step(), 1..30), |steps| {
            let case = cases.fetch_add(1, Ordering::Relaxed);
            runtime.block_on(play(&fixture, case, &steps)).map_err(TestCaseError::fail)
        })
    };
    let result = tokio::task::spawn_blocking(run).await.unwrap();
    assert!(result.is_ok(), "{:?}", result.unwrap_err());
}
