//! Several replicas, many tasks, the same few users.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use ephemint::kernel::user::User;
use ephemint::store::{Batch, Outcome, Spent, Store, StoreClock};

use super::{Fixture, StoreKind, ask, over_both_stores, settlement, user};

const LIMIT: u16 = 5;
const TASKS: usize = 8;
const TURNS: usize = 30;

/// Asks for the users in an order of its own, and refunds every third mint, sometimes twice.
async fn hammer(store: Arc<dyn Store>, users: Vec<Arc<User>>, seed: usize, now: DateTime<Utc>) {
    let mut ended = Vec::new();
    for turn in 0..TURNS {
        let who = |n: usize| &users[(seed * 7 + turn * 3 + n * 5) % users.len()];
        let asks: Vec<_> = (0..4).map(|n| ask(who(n), LIMIT, now)).collect();
        let batch = Batch { asks, settlements: std::mem::take(&mut ended) };
        let spent = store.turn(&batch).await.unwrap();
        for (n, (ask, spent)) in batch.asks.iter().zip(spent).enumerate() {
            if matches!(spent, Spent::Granted(_)) && (turn + n) % 3 == 0 {
                ended.push(settlement(ask.id, Outcome::Refunded));
            }
        }
        if turn % 5 == 0 {
            let twice = Batch { asks: Vec::new(), settlements: ended.clone() };
            store.turn(&twice).await.unwrap();
        }
    }
    store.turn(&Batch { asks: Vec::new(), settlements: ended }).await.unwrap();
}

async fn nobody_gets_more_than_the_limit(fixture: Fixture) {
    let clock = StoreClock::Set(fixture.clock.clone());
    // A second replica where there can be one.
    let other = match fixture.database.directory() {
        None => fixture.database.open(clock).await,
        Some(_) => fixture.store.clone(),
    };
    for round in 0..5 {
        let users: Vec<_> = (0..6).map(|n| user(&format!("round-{round}-user-{n}"))).collect();
        let tasks = (0..TASKS).map(|seed| {
            let store = if seed % 2 == 0 { fixture.store.clone() } else { other.clone() };
            tokio::spawn(hammer(store, users.clone(), seed, fixture.now()))
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        for user in &users {
            let stamps = fixture.store.usage(&user.key, 1).await.unwrap().stamps;
            // Every refund was followed by asks enough to fill the hour again.
            assert_eq!(stamps.len(), usize::from(LIMIT), "{} in round {round}", user.id);
        }
        fixture.clock.advance(TimeDelta::minutes(20));
    }
    let counted = "SELECT count(*) FROM mints WHERE outcome <> 'refunded'";
    assert_eq!(fixture.database.texts(counted).await, [(5 * 6 * LIMIT).to_string()]);
}

over_both_stores!(nobody_gets_more_than_the_limit);
