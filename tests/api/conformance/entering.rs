//! Mints that were granted without the store are entered later.

use std::sync::Arc;

use chrono::TimeDelta;
use ephemint::store::{Batch, Entry, Outcome, Spent};

use super::{Fixture, StoreKind, ask, over_both_stores, settlement, user};

over_both_stores!(
    what_is_entered_counts,
    entering_twice_does_nothing,
    what_is_entered_can_be_settled_and_refunded_once,
    an_entry_beyond_the_limit_is_kept,
    stamps_of_one_moment_are_told_apart_by_a_refund,
    an_entry_from_the_future_is_dated_now,
    an_old_entry_counts_no_more,
);

fn entry(fixture: &Fixture, name: &str, limit: u16) -> Entry {
    let now = fixture.now();
    Entry { ask: Arc::new(ask(&user(name), limit, now)), created_at: now }
}

async fn remaining_stamps(fixture: &Fixture, name: &str) -> usize {
    fixture.store.usage(&user(name).key, 1).await.unwrap().stamps.len()
}

async fn what_is_entered_counts(fixture: Fixture) {
    let ana = user("ana");
    fixture.spend(&ana, 3).await;
    fixture.clock.advance(TimeDelta::seconds(1));
    fixture.store.enter(&[entry(&fixture, "ana", 3), entry(&fixture, "bea", 3)]).await.unwrap();
    fixture.clock.advance(TimeDelta::seconds(1));
    assert_eq!(remaining_stamps(&fixture, "ana").await, 2);
    assert!(matches!(fixture.spend(&ana, 3).await.1, Spent::Granted(hour) if hour.used == 3));
    assert!(matches!(fixture.spend(&ana, 3).await.1, Spent::Refused(_)));
    assert!(matches!(fixture.spend(&user("bea"), 3).await.1, Spent::Granted(hour) if hour.used == 2));
    // The oldest leaves an hour after it was spent, the entered one an hour after it was granted.
    fixture.clock.advance(TimeDelta::seconds(3598));
    assert!(matches!(fixture.spend(&ana, 3).await.1, Spent::Granted(_)));
    assert!(matches!(fixture.spend(&ana, 3).await.1, Spent::Refused(_)));
    fixture.clock.advance(TimeDelta::seconds(1));
    assert!(matches!(fixture.spend(&ana, 3).await.1, Spent::Granted(_)));
    assert!(matches!(fixture.spend(&ana, 3).await.1, Spent::Refused(_)));
}

async fn entering_twice_does_nothing(fixture: Fixture) {
    let entries = [entry(&fixture, "ana", 3), entry(&fixture, "ana", 3)];
    fixture.store.enter(&entries).await.unwrap();
    fixture.store.enter(&entries).await.unwrap();
    fixture.store.enter(&[]).await.unwrap();
    assert_eq!(remaining_stamps(&fixture, "ana").await, 2);

    // Nor does entering what the store had granted after all.
    let spent = ask(&user("bea"), 3, fixture.now());
    let batch = Batch { asks: vec![spent.clone()], settlements: Vec::new() };
    fixture.store.turn(&batch).await.unwrap();
    let again = Entry { ask: Arc::new(spent), created_at: fixture.now() };
    fixture.store.enter(&[again]).await.unwrap();
    assert_eq!(remaining_stamps(&fixture, "bea").await, 1);
    assert_eq!(fixture.database.texts("SELECT count(*) FROM mints").await, ["3"]);
}

async fn what_is_entered_can_be_settled_and_refunded_once(fixture: Fixture) {
    let (issued, refunded) = (entry(&fixture, "ana", 3), entry(&fixture, "ana", 3));
    fixture.store.enter(&[issued.clone(), refunded.clone()]).await.unwrap();
    for _ in 0..2 {
        let ends =
            vec![settlement(issued.ask.id, Outcome::Issued), settlement(refunded.ask.id, Outcome::Refunded)];
        fixture.store.turn(&Batch { asks: Vec::new(), settlements: ends }).await.unwrap();
        fixture.store.enter(&[issued.clone(), refunded.clone()]).await.unwrap();
    }
    let outcomes = fixture.database.texts("SELECT outcome FROM mints ORDER BY outcome").await;
    assert_eq!(outcomes, ["issued", "refunded"]);
    assert_eq!(remaining_stamps(&fixture, "ana").await, 1);
}

async fn an_entry_beyond_the_limit_is_kept(fixture: Fixture) {
    let ana = user("ana");
    fixture.spend(&ana, 1).await;
    let entries: Vec<_> = (0..3).map(|_| entry(&fixture, "ana", 1)).collect();
    fixture.store.enter(&entries).await.unwrap();
    assert_eq!(remaining_stamps(&fixture, "ana").await, 4);
    assert!(matches!(fixture.spend(&ana, 2).await.1, Spent::Refused(_)));
    assert!(matches!(fixture.spend(&ana, 5).await.1, Spent::Granted(hour) if hour.used == 5));
}

async fn stamps_of_one_moment_are_told_apart_by_a_refund(fixture: Fixture) {
    // As two replicas may grant them.
    let (one, other) = (entry(&fixture, "ana", 3), entry(&fixture, "ana", 3));
    fixture.store.enter(std::slice::from_ref(&one)).await.unwrap();
    fixture.store.enter(&[other]).await.unwrap();
    fixture.settle(one.ask.id, Outcome::Refunded).await;
    assert_eq!(remaining_stamps(&fixture, "ana").await, 1);
}

async fn an_entry_from_the_future_is_dated_now(fixture: Fixture) {
    let mut early = entry(&fixture, "ana", 1);
    early.created_at += TimeDelta::minutes(30);
    fixture.store.enter(&[early]).await.unwrap();
    assert_eq!(fixture.store.usage(&user("ana").key, 1).await.unwrap().stamps, [fixture.now()]);
    fixture.clock.advance(TimeDelta::hours(1));
    assert!(matches!(fixture.spend(&user("ana"), 1).await.1, Spent::Granted(_)));
}

async fn an_old_entry_counts_no_more(fixture: Fixture) {
    let old = entry(&fixture, "ana", 1);
    fixture.clock.advance(TimeDelta::minutes(90));
    fixture.store.enter(&[old]).await.unwrap();
    assert_eq!(remaining_stamps(&fixture, "ana").await, 0);
    assert!(matches!(fixture.spend(&user("ana"), 1).await.1, Spent::Granted(hour) if hour.used == 1));
}
