//! Rollups against a slow and obvious recomputation from the ledger, in random histories: late outcomes, late entries, late
//! refusals, steps of the job in between.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use ephemint::kernel::code::Code;
use ephemint::kernel::ids::MintId;
use ephemint::store::reports::{MintFact, QUARTER, RefusalFact, RolledUp, TopUsers, Which};
use ephemint::store::{Batch, Entry, Outcome, Refusal, Settlement, Spent, Store};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use super::reported::expect_reports;
use super::{Fixture, StoreKind, ask, over_both_stores, settlement, user};

/// Something that happens.
#[derive(Debug, Clone)]
pub(super) enum Event {
    Mint {
        user: usize,
        role: usize,
    },
    /// How one of the mints so far ends, however long ago it was made.
    End {
        mint: usize,
        outcome: usize,
        latency_ms: i32,
    },
    /// A mint that was granted so many minutes ago.
    Enter {
        user: usize,
        minutes: i64,
    },
    Refuse {
        user: usize,
        minutes: i64,
        count: i64,
    },
    Wait {
        minutes: i64,
    },
    RollUp {
        steps: usize,
    },
}

pub(super) fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (0..3_usize, 0..2_usize).prop_map(|(user, role)| Event::Mint { user, role }),
        4 => (0..100_usize, 0..3_usize, 0..40_000).prop_map(|(mint, outcome, latency_ms)| Event::End { mint, outcome, latency_ms }),
        1 => (0..3_usize, 0..3000_i64).prop_map(|(user, minutes)| Event::Enter { user, minutes }),
        2 => (0..3_usize, 0..300_i64, 1..5_i64).prop_map(|(user, minutes, count)| Event::Refuse { user, minutes, count }),
        4 => (1..200_i64).prop_map(|minutes| Event::Wait { minutes }),
        3 => (1..20_usize).prop_map(|steps| Event::RollUp { steps }),
    ]
}

pub(super) const ROLES: [&str; 2] = ["student", "teacher"];

/// What has happened, kept beside the store.
#[derive(Default)]
pub(super) struct History {
    mints: Vec<MintId>,
    refusals: BTreeMap<(DateTime<Utc>, &'static str), i64>,
}

impl History {
    pub(super) async fn happen(&mut self, fixture: &Fixture, event: &Event) {
        let users = ["ana", "bea", "eva"].map(user);
        match *event {
            Event::Mint { user, role } => {
                let mut asked = ask(&users[user], 1000, fixture.now());
                asked.role = ROLES[role].into();
                let id = asked.id;
                let spent =
                    fixture.store.turn(&Batch { asks: vec![asked], settlements: Vec::new() }).await.unwrap();
                assert!(matches!(spent[0], Spent::Granted(_)));
                self.mints.push(id);
            }
            Event::End { mint, outcome, latency_ms } => {
                let Some(id) = self.mints.get(mint % self.mints.len().max(1)) else { return };
                let outcome = [Outcome::Issued, Outcome::Refunded, Outcome::Unconfirmed][outcome];
                let error = (outcome != Outcome::Issued).then_some(Code::ProviderBusy);
                let end = Settlement { latency_ms: Some(latency_ms), error, ..settlement(*id, outcome) };
                fixture.store.turn(&Batch { asks: Vec::new(), settlements: vec![end] }).await.unwrap();
            }
            Event::Enter { user, minutes } => {
                let created_at = fixture.now() - TimeDelta::minutes(minutes);
                let asked = ask(&users[user], 1000, created_at);
                self.mints.push(asked.id);
                fixture.store.enter(&[Entry { ask: Arc::new(asked), created_at }]).await.unwrap();
            }
            Event::Refuse { user, minutes, count } => {
                let minute = fixture.now() - TimeDelta::minutes(minutes);
                let refusal =
                    Refusal { user: users[user].clone(), code: Code::RateLimitExceeded, minute, count };
                fixture.store.count_refusals(&[refusal]).await.unwrap();
                *self.refusals.entry((minute, "rate_limit_exceeded")).or_default() += count;
            }
            Event::Wait { minutes } => fixture.clock.advance(TimeDelta::minutes(minutes)),
            Event::RollUp { steps } => {
                for _ in 0..steps {
                    fixture.store.roll_up().await.unwrap();
                }
            }
        }
    }
}

pub(super) async fn roll_up_all(store: &dyn Store) {
    while store.roll_up().await.unwrap() != RolledUp::Idle {}
}

/// Twenty spans of twenty hours, up to now.
pub(super) fn edges(now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let end = DateTime::from_timestamp(now.timestamp() / 900 * 900 + 900, 0).unwrap();
    (0..=20).map(|n| end - QUARTER * 2 * (20 - n) * 40).collect()
}

fn span(edges: &[DateTime<Utc>], at: DateTime<Utc>) -> Option<usize> {
    (0..edges.len() - 1).find(|n| edges[*n] <= at && at < edges[n + 1])
}

async fn compare(fixture: &Fixture, history: &History) {
    let edges = edges(fixture.now());
    let store = &fixture.store;
    let ledger = store.since(MintId::FIRST, 10_000).await.unwrap();

    let mut expected: BTreeMap<MintFact, i64> = BTreeMap::new();
    let mut latencies: BTreeMap<(String, i32), (i64, i64)> = BTreeMap::new();
    let mut users: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let (from, to) = (edges[3] + TimeDelta::minutes(7), edges[19] + TimeDelta::minutes(3));
    for row in &ledger {
        let Some(span) = span(&edges, row.created_at) else { continue };
        let is_token = ["issued", "unconfirmed"].contains(&row.outcome.as_str());
        let alike = MintFact {
            span,
            role: row.role.clone(),
            language: row.language.clone(),
            session_type: row.session_type.clone(),
            model: row.model.clone(),
            key_source: "operator".to_owned(),
            outcome: row.outcome.clone(),
            error_code: row.error.clone().unwrap_or_default(),
            count: 0,
        };
        *expected.entry(alike).or_default() += 1;
        if let Some(ms) = row.latency_ms {
            let (count, total) = latencies.entry((row.outcome.clone(), bucket(ms))).or_default();
            (*count, *total) = (*count + 1, *total + i64::from(ms));
        }
        if from <= row.created_at && row.created_at < to {
            let (mints, tokens) = users.entry(row.user_id.clone()).or_default();
            (*mints, *tokens) = (*mints + 1, *tokens + i64::from(is_token));
        }
    }
    let expected: Vec<_> = expected.into_iter().map(|(alike, count)| MintFact { count, ..alike }).collect();
    let mut facts = store.mint_facts(&edges, &Which::default()).await.unwrap();
    facts.sort();
    assert_eq!(facts, expected);

    let ana: Vec<_> =
        ledger.iter().filter(|row| row.user_id == "ana" && span(&edges, row.created_at).is_some()).collect();
    let which = Which { role: Some("student".to_owned()), user: Some("ana".to_owned()) };
    let of_ana: i64 = store.mint_facts(&edges, &which).await.unwrap().iter().map(|fact| fact.count).sum();
    assert_eq!(of_ana, ana.iter().filter(|row| row.role == "student").count() as i64);

    let mut found: BTreeMap<(String, i32), (i64, i64)> = BTreeMap::new();
    for fact in store.latency_facts(edges[0], edges[20], None).await.unwrap() {
        let (count, total) = found.entry((fact.outcome, fact.up_to_ms)).or_default();
        (*count, *total) = (*count + fact.count, *total + fact.total_ms);
    }
    assert_eq!(found, latencies);

    let mut refusals: BTreeMap<usize, i64> = BTreeMap::new();
    for ((minute, _), count) in &history.refusals {
        if let Some(span) = span(&edges, *minute) {
            *refusals.entry(span).or_default() += count;
        }
    }
    let mut found = store.refusal_facts(&edges).await.unwrap();
    found.sort();
    let fact = |(span, count)| RefusalFact { span, code: "rate_limit_exceeded".to_owned(), count };
    assert_eq!(found, refusals.into_iter().map(fact).collect::<Vec<_>>());

    let page = TopUsers { from, to, role: None, after: None, limit: 10 };
    let top = store.top_users(&page).await.unwrap();
    let found: BTreeMap<_, _> =
        top.iter().map(|user| (user.user_id.clone(), (user.mints, user.tokens))).collect();
    assert_eq!(found, users);
    assert!(top.is_sorted_by_key(|user| (-user.tokens, user.key.clone())));
    for role in [None, Some(ROLES[0]), Some(ROLES[1])] {
        expect_active_users(fixture, &edges, role).await;
    }
    expect_reports(store, &ledger, history.refusals.values().sum(), fixture.now()).await;
}

/// The edge of the bucket that a latency is in.
fn bucket(ms: i32) -> i32 {
    let edges = [
        50, 100, 150, 200, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 5000, 7500, 10000, 15000, 20000, 30000,
    ];
    edges.into_iter().find(|edge| ms <= *edge).unwrap_or(i32::MAX)
}

async fn expect_active_users(fixture: &Fixture, edges: &[DateTime<Utc>], role: Option<&str>) {
    let mut seen: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for row in fixture.store.since(MintId::FIRST, 10_000).await.unwrap() {
        if let Some(span) = span(edges, row.created_at)
            && role.is_none_or(|role| role == row.role)
            && ["issued", "unconfirmed"].contains(&row.outcome.as_str())
        {
            seen.entry(span).or_default().insert(row.user_id);
        }
    }
    let expected: Vec<_> = seen.into_iter().map(|(span, users)| (span, users.len() as i64)).collect();
    let parts = ephemint::usage::reports::day_parts(edges);
    let mut found = fixture.store.active_users(&parts, role).await.unwrap();
    found.sort_unstable();
    assert_eq!(found, expected);
}

async fn random_histories(kind: StoreKind) {
    let mut runner = TestRunner::new(Config { cases: 1, ..Config::default() });
    for _ in 0..12 {
        let events = prop::collection::vec(event(), 10..120).new_tree(&mut runner).unwrap().current();
        let fixture = Fixture::new(kind).await;
        // The clocks of New York are put back in the night that follows.
        fixture.clock.advance(TimeDelta::days(-20));
        let mut history = History::default();
        // In two parts: what is late in the second one changes what the first one closed and put together.
        let (before, after) = events.split_at(events.len() / 2);
        for events in [before, after] {
            roll_up_all(&*fixture.store).await;
            for event in events {
                history.happen(&fixture, event).await;
            }
        }
        // Nothing that is marked is left: what is closed, and what is open, is the ledger.
        while fixture.store.roll_up().await.unwrap() == RolledUp::Mended {}
        compare(&fixture, &history).await;
        fixture.clock.advance(TimeDelta::hours(2));
        roll_up_all(&*fixture.store).await;
        compare(&fixture, &history).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_counts_as_the_ledger_says() {
    random_histories(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_counts_as_the_ledger_says() {
    if StoreKind::Postgres.is_wanted() {
        random_histories(StoreKind::Postgres).await;
    }
}

over_both_stores!(
    two_replicas_count_everything_once,
    a_step_that_fails_has_done_nothing,
    what_was_let_go_stays_counted,
    what_is_pending_is_not_let_go,
);

async fn some_days(fixture: &Fixture) {
    for n in 0..60_usize {
        let mut history = History::default();
        history.happen(fixture, &Event::Mint { user: n % 3, role: n % 2 }).await;
        history.happen(fixture, &Event::End { mint: 0, outcome: n % 3, latency_ms: 100 }).await;
        history.happen(fixture, &Event::Wait { minutes: 47 }).await;
    }
}

async fn two_replicas_count_everything_once(fixture: Fixture) {
    some_days(&fixture).await;
    let roll_up = |store: Arc<dyn Store>| async move {
        let mut closed = 0;
        loop {
            match store.roll_up().await.unwrap() {
                RolledUp::Idle => return closed,
                RolledUp::Closed => closed += 1,
                RolledUp::Busy | RolledUp::Mended | RolledUp::Packed => tokio::task::yield_now().await,
            }
        }
    };
    let (one, other) = tokio::join!(
        tokio::spawn(roll_up(fixture.store.clone())),
        tokio::spawn(roll_up(fixture.store.clone()))
    );
    let (one, other) = (one.unwrap(), other.unwrap());
    // 60 with a mint each, and the last one that is over.
    assert_eq!(one + other, 61, "each quarter was closed once");
    compare(&fixture, &History::default()).await;
}

/// Fails the last statement of a step, and then each table's insert, as a full disk would.
async fn a_step_that_fails_has_done_nothing(fixture: Fixture) {
    some_days(&fixture).await;
    for _ in 0..20 {
        fixture.store.roll_up().await.unwrap();
    }
    let late = Event::Enter { user: 0, minutes: 60 * 40 };
    for table in ["mint_quarters", "latency_quarters", "user_days", "rollup_state"] {
        History::default().happen(&fixture, &late).await;
        fixture.database.execute(&format!("ALTER TABLE {table} RENAME TO away")).await;
        assert!(fixture.store.roll_up().await.is_err(), "{table}");
        fixture.database.execute(&format!("ALTER TABLE away RENAME TO {table}")).await;
    }
    while fixture.store.roll_up().await.unwrap() == RolledUp::Mended {}
    compare(&fixture, &History::default()).await;
    roll_up_all(&*fixture.store).await;
    compare(&fixture, &History::default()).await;
}

async fn what_was_let_go_stays_counted(fixture: Fixture) {
    some_days(&fixture).await;
    let edges = edges(fixture.now());
    let before = fixture.now() - TimeDelta::days(1);
    assert_eq!(fixture.store.forget(before, 5).await.unwrap(), 0, "nothing is closed yet");
    roll_up_all(&*fixture.store).await;
    let facts = async || {
        let mut facts = fixture.store.mint_facts(&edges, &Which::default()).await.unwrap();
        facts.sort();
        facts
    };
    let whole = facts().await;
    let mut deleted = 0;
    loop {
        match fixture.store.forget(before, 5).await.unwrap() {
            0 => break,
            some => {
                assert!(some <= 5);
                deleted += some;
            }
        }
    }
    assert!(deleted > 0);
    let left = fixture.store.since(MintId::FIRST, 1000).await.unwrap();
    assert_eq!(left.len() as u64, 60 - deleted);
    let kept_from = fixture.store.rollup_state().await.unwrap().kept_from;
    assert!(left.iter().all(|row| row.created_at >= kept_from) && kept_from <= before);
    assert_eq!(facts().await, whole);
    // A mark on a day without a ledger must not count it again: nothing would be left of it.
    History::default().happen(&fixture, &Event::Refuse { user: 0, minutes: 60 * 47, count: 1 }).await;
    roll_up_all(&*fixture.store).await;
    assert_eq!(facts().await, whole);
}

async fn what_is_pending_is_not_let_go(fixture: Fixture) {
    let (id, _) = fixture.spend(&user("ana"), 10).await;
    fixture.clock.advance(TimeDelta::days(3));
    roll_up_all(&*fixture.store).await;
    let before = fixture.now() - TimeDelta::days(1);
    assert_eq!(fixture.store.forget(before, 5).await.unwrap(), 0);
    fixture.settle(id, Outcome::Issued).await;
    assert_eq!(fixture.store.forget(before, 5).await.unwrap(), 0, "its end is not counted yet");
    roll_up_all(&*fixture.store).await;
    assert_eq!(fixture.store.forget(before, 5).await.unwrap(), 1);
    let facts = fixture.store.mint_facts(&edges(fixture.now()), &Which::default()).await.unwrap();
    assert_eq!((facts.len(), facts[0].outcome.as_str()), (1, "issued"));
}
