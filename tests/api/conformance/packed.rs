//! What is put together of a day says what the day's rows say, whatever happens in between: late outcomes, erasures, users who
//! come back under the key that was erased.

use chrono::{DateTime, TimeDelta, Utc};
use ephemint::store::reports::{TopUsers, UserFact};
use ephemint::store::{Act, Action, Erased, Erasing};
use ephemint::usage::reports::day_parts;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use super::admin::act;
use super::rollups::{Event, History, ROLES, edges, event, roll_up_all};
use super::{Fixture, StoreKind, over_both_stores, user};

/// Events, and who is erased after them.
type Chapter = (Vec<Event>, Option<usize>);

fn chapters() -> impl Strategy<Value = Vec<Chapter>> {
    let chapter = (prop::collection::vec(event(), 5..40), prop::option::of(0..3_usize));
    prop::collection::vec(chapter, 2..6)
}

/// What is answered, of users and of their numbers.
#[derive(Debug, PartialEq)]
struct Answers {
    active: Vec<Vec<(usize, i64)>>,
    top: Vec<Vec<UserFact>>,
}

async fn answers(fixture: &Fixture) -> Answers {
    let (mut active, mut top) = (Vec::new(), Vec::new());
    let spans = edges(fixture.now());
    let ends = [spans[2], spans[20]];
    for role in [None, Some(ROLES[0]), Some(ROLES[1])] {
        for edges in [&spans[..], &ends] {
            let mut counts = fixture.store.active_users(&day_parts(edges), role).await.unwrap();
            counts.sort_unstable();
            active.push(counts);
        }
        for from in [spans[0], spans[7] + TimeDelta::minutes(7)] {
            top.push(pages(fixture, from, spans[19], role).await);
        }
    }
    Answers { active, top }
}

/// All users, two on a page.
async fn pages(
    fixture: &Fixture,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    role: Option<&str>,
) -> Vec<UserFact> {
    let mut users: Vec<UserFact> = Vec::new();
    loop {
        let after = users.last().map(|user| (user.tokens, user.key.clone()));
        let page = TopUsers { from, to, role: role.map(str::to_owned), after, limit: 2 };
        let found = fixture.store.top_users(&page).await.unwrap();
        let is_last = found.len() < 2;
        users.extend(found);
        if is_last {
            return users;
        }
    }
}

async fn count(fixture: &Fixture, table: &str) -> usize {
    fixture.database.texts(&format!("SELECT count(*) FROM {table}")).await[0].parse().unwrap()
}

/// The same answers with less and less of it. Says how many days were put together.
async fn expect_same(fixture: &Fixture) -> usize {
    let days = count(fixture, "packed_days").await;
    let whole = answers(fixture).await;
    for less in [
        "DELETE FROM packed_days WHERE day IN (SELECT day FROM packed_days ORDER BY day DESC LIMIT 1)",
        "DELETE FROM packed_days",
        "DELETE FROM user_numbers",
    ] {
        fixture.database.execute(less).await;
        assert_eq!(answers(fixture).await, whole, "after {less}");
    }
    days
}

async fn erase(fixture: &Fixture, name: &str) {
    let user = user(name);
    let act = Act { action: Action::EraseUser, ..act(fixture, &user) };
    assert_eq!(fixture.store.erase(&user, Erasing::Whole, &act).await.unwrap(), Erased::Done);
}

async fn random_histories(kind: StoreKind) {
    let mut runner = TestRunner::new(Config { cases: 1, ..Config::default() });
    let mut days = 0;
    for _ in 0..8 {
        let chapters = chapters().new_tree(&mut runner).unwrap().current();
        let fixture = Fixture::new(kind).await;
        fixture.clock.advance(TimeDelta::days(-20));
        let mut history = History::default();
        for (n, (events, erased)) in chapters.iter().enumerate() {
            for event in events {
                history.happen(&fixture, event).await;
            }
            roll_up_all(&*fixture.store).await;
            if let Some(name) = erased {
                erase(&fixture, ["ana", "bea", "eva"][*name]).await;
            }
            // Sometimes the job comes first, sometimes the next events do.
            if n % 2 == 0 {
                fixture.store.anonymise().await.unwrap();
            }
            let kept = answers(&fixture).await;
            roll_up_all(&*fixture.store).await;
            assert_eq!(answers(&fixture).await, kept, "{chapters:?}");
        }
        days += expect_same(&fixture).await;
    }
    assert!(days > 8, "only {days} days were put together");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_packs_what_there_is() {
    random_histories(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_packs_what_there_is() {
    if StoreKind::Postgres.is_wanted() {
        random_histories(StoreKind::Postgres).await;
    }
}

over_both_stores!(erasing_leaves_what_is_put_together, nothing_is_counted_twice_of_who_comes_back);

/// Four days of one user and another.
async fn four_days(fixture: &Fixture) {
    let mut history = History::default();
    for _ in 0..4 {
        for user in [0, 1] {
            history.happen(fixture, &Event::Mint { user, role: 0 }).await;
        }
        fixture.clock.advance(TimeDelta::days(1));
    }
    roll_up_all(&*fixture.store).await;
}

async fn erasing_leaves_what_is_put_together(fixture: Fixture) {
    four_days(&fixture).await;
    let days = count(&fixture, "packed_days").await;
    assert!(days >= 3);
    erase(&fixture, "ana").await;
    assert_eq!(count(&fixture, "packed_days").await, days, "reports are not slow after it");
    let numbers = fixture.database.texts("SELECT user_id FROM user_numbers ORDER BY user_id").await;
    assert_eq!(numbers, ["", "bea"]);
    assert_eq!(expect_same(&fixture).await, days);
}

/// The service stood still for days while somebody was being erased, who then came back.
async fn nothing_is_counted_twice_of_who_comes_back(fixture: Fixture) {
    four_days(&fixture).await;
    erase(&fixture, "ana").await;
    fixture.clock.advance(TimeDelta::days(1));
    four_days(&fixture).await;
    erase(&fixture, "ana").await;
    roll_up_all(&*fixture.store).await;
    fixture.store.anonymise().await.unwrap();
    expect_same(&fixture).await;
}
