//! The end of the ledger, followed.

use chrono::{TimeDelta, Utc};
use ephemint::kernel::code::Code;
use ephemint::kernel::ids::MintId;
use ephemint::store::{Batch, Outcome, Refusal, RefusalRow, Settlement};
use ephemint::usage::Tail;

use super::{Fixture, StoreKind, ask, over_both_stores, settlement, user};

over_both_stores!(
    a_mint_is_told_once_whenever_it_ends,
    a_clock_that_goes_back_makes_nothing_come_twice_or_never,
    pages_end_anywhere,
    refusals_are_read_by_minute_and_the_erased_are_left_out,
);

async fn ended(fixture: &Fixture, tail: &mut Tail) -> Vec<MintId> {
    let rows = tail.ended(&*fixture.store, fixture.now()).await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

async fn a_mint_is_told_once_whenever_it_ends(fixture: Fixture) {
    let (before, _) = fixture.spend(&user("ana"), 10).await;
    fixture.settle(before, Outcome::Issued).await;
    let mut tail = Tail::start(&*fixture.store, fixture.now()).await.unwrap();
    let (slow, _) = fixture.spend(&user("ana"), 10).await;
    assert_eq!(ended(&fixture, &mut tail).await, []);
    fixture.clock.advance(TimeDelta::seconds(90));
    let (quick, _) = fixture.spend(&user("bea"), 10).await;
    fixture.settle(quick, Outcome::Refunded).await;
    assert_eq!(ended(&fixture, &mut tail).await, [quick]);
    assert_eq!(tail.told_until(), slow, "all before it were told");
    fixture.settle(slow, Outcome::Issued).await;
    assert_eq!(ended(&fixture, &mut tail).await, [slow]);
    let (left_behind, _) = fixture.spend(&user("cai"), 10).await;
    for expected in [vec![], vec![left_behind], vec![]] {
        assert_eq!(ended(&fixture, &mut tail).await, expected);
        fixture.clock.advance(TimeDelta::seconds(301));
    }
}

async fn a_clock_that_goes_back_makes_nothing_come_twice_or_never(fixture: Fixture) {
    let (early, _) = fixture.spend(&user("ana"), 10).await;
    let mut tail = Tail::start(&*fixture.store, fixture.now()).await.unwrap();
    fixture.settle(early, Outcome::Issued).await;
    assert_eq!(ended(&fixture, &mut tail).await, [early]);
    fixture.clock.advance(TimeDelta::minutes(10));
    assert_eq!(ended(&fixture, &mut tail).await, []);
    for back in [-30, -570] {
        fixture.clock.advance(TimeDelta::seconds(back));
        for _ in 0..2 {
            assert_eq!(ended(&fixture, &mut tail).await, []);
        }
        let (later, _) = fixture.spend(&user(&format!("{back}")), 10).await;
        fixture.settle(later, Outcome::Issued).await;
        assert_eq!(ended(&fixture, &mut tail).await, [later], "{back} s");
    }
}

/// More than are read at once.
async fn pages_end_anywhere(fixture: Fixture) {
    let mut tail = Tail::start(&*fixture.store, fixture.now()).await.unwrap();
    let mut expected = Vec::new();
    for n in 0..5 {
        let asks: Vec<_> =
            (0..450).map(|m| ask(&user(&format!("user {n} {m}")), 10, fixture.now())).collect();
        let ids: Vec<MintId> = asks.iter().map(|ask| ask.id).collect();
        fixture.store.turn(&Batch { asks, settlements: Vec::new() }).await.unwrap();
        let settlements: Vec<Settlement> = ids.iter().map(|id| settlement(*id, Outcome::Issued)).collect();
        fixture.store.turn(&Batch { asks: Vec::new(), settlements }).await.unwrap();
        expected.extend(ids);
    }
    expected.sort();
    assert_eq!(ended(&fixture, &mut tail).await, expected);
    assert_eq!(ended(&fixture, &mut tail).await, []);
}

async fn refusals_are_read_by_minute_and_the_erased_are_left_out(fixture: Fixture) {
    let minute = fixture.now();
    let refusal = |name: &str, minutes: i64, count| Refusal {
        user: user(name),
        code: Code::NotAllowed,
        minute: minute + TimeDelta::minutes(minutes),
        count,
    };
    let all = [refusal("ana", 0, 1), refusal("ana", 1, 2), refusal("bea", 2, 3), refusal("gone", 2, 4)];
    fixture.store.count_refusals(&all).await.unwrap();
    fixture.store.count_refusals(&[refusal("ana", 1, 5)]).await.unwrap();
    fixture.database.execute("UPDATE refusals SET user_id = '', issuer = '' WHERE user_id = 'gone'").await;
    let read = async |minutes, limit| {
        let from = minute + TimeDelta::minutes(minutes);
        fixture.store.refusals_since(from, limit).await.unwrap()
    };
    let row = |name: &str, minutes, count| RefusalRow {
        issuer: user(name).issuer.clone(),
        user_id: name.to_owned(),
        code: "not_allowed".to_owned(),
        minute: (minute + TimeDelta::minutes(minutes)).with_timezone(&Utc),
        count,
    };
    assert_eq!(read(1, 10).await, [row("bea", 2, 3), row("ana", 1, 7)]);
    assert_eq!(read(0, 1).await, [row("bea", 2, 3)]);
    assert_eq!(read(3, 10).await, []);
}
