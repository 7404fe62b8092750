//! What operators read of the ledger.

use chrono::TimeDelta;
use ephemint::kernel::code::Code;
use ephemint::kernel::ids::MintId;
use ephemint::store::{
    Batch, Counts, LedgerRow, MintCount, Outcome, Refusal, RefusalCount, Settlement, Spent,
};

use super::{Fixture, StoreKind, ask, over_both_stores, settlement, user};

over_both_stores!(
    the_newest_come_first_and_as_they_are,
    from_an_id_on_the_oldest_come_first,
    only_what_came_since_is_counted,
    an_empty_ledger_has_nothing_to_tell,
);

fn ids(rows: &[LedgerRow]) -> Vec<MintId> {
    rows.iter().map(|row| row.id).collect()
}

/// Three mints, a second apart, of two users.
async fn three_mints(fixture: &Fixture) -> [MintId; 3] {
    let mut ids = [MintId::FIRST; 3];
    for (id, name) in ids.iter_mut().zip(["ana", "bea", "ana"]) {
        *id = fixture.spend(&user(name), 10).await.0;
        fixture.clock.advance(TimeDelta::seconds(1));
    }
    ids
}

async fn the_newest_come_first_and_as_they_are(fixture: Fixture) {
    let [first, second, third] = three_mints(&fixture).await;
    let failed = Settlement { error: Some(Code::ProviderBusy), ..settlement(third, Outcome::Refunded) };
    fixture.store.turn(&Batch { asks: Vec::new(), settlements: vec![failed] }).await.unwrap();

    let newest = fixture.store.newest(10).await.unwrap();
    assert_eq!(ids(&newest), [third, second, first]);
    assert_eq!(ids(&fixture.store.newest(2).await.unwrap()), [third, second]);
    assert!(fixture.store.newest(0).await.unwrap().is_empty());
    let expected = LedgerRow {
        id: third,
        created_at: fixture.now() - TimeDelta::seconds(1),
        issuer: "https://sign-in.example".to_owned(),
        user_id: "ana".to_owned(),
        role: "student".to_owned(),
        language: "en".to_owned(),
        session_type: "realtime".to_owned(),
        model: "gpt-realtime-2.1-mini".to_owned(),
        key_source: "operator".to_owned(),
        outcome: "refunded".to_owned(),
        error: Some("provider_busy".to_owned()),
        latency_ms: Some(12),
    };
    assert_eq!(newest[0], expected);
    assert_eq!(
        (newest[2].outcome.as_str(), &newest[2].error, newest[2].latency_ms),
        ("pending", &None, None)
    );
}

async fn from_an_id_on_the_oldest_come_first(fixture: Fixture) {
    let [first, second, third] = three_mints(&fixture).await;
    let since = async |from, limit| ids(&fixture.store.since(from, limit).await.unwrap());
    assert_eq!(since(MintId::FIRST, 10).await, [first, second, third]);
    assert_eq!(since(second, 10).await, [second, third]);
    assert_eq!(since(MintId::FIRST, 2).await, [first, second]);
    assert_eq!(since(MintId::before(fixture.now()), 10).await, []);
}

async fn only_what_came_since_is_counted(fixture: Fixture) {
    let since = fixture.now() + TimeDelta::seconds(1);
    let [_, second, third] = three_mints(&fixture).await;
    fixture.settle(second, Outcome::Issued).await;
    fixture.settle(third, Outcome::Issued).await;
    let mut teacher = ask(&user("eva"), 10, fixture.now());
    teacher.role = "teacher".into();
    let spent = fixture.store.turn(&Batch { asks: vec![teacher], settlements: Vec::new() }).await.unwrap();
    assert!(matches!(spent[0], Spent::Granted(_)));
    let refusal = |name, code, minute, count| Refusal { user: user(name), code, minute, count };
    let refusals = [
        refusal("ana", Code::RateLimitExceeded, since, 2),
        refusal("bea", Code::RateLimitExceeded, since + TimeDelta::minutes(1), 3),
        refusal("bea", Code::NotAllowed, since, 1),
        refusal("bea", Code::NotAllowed, since - TimeDelta::minutes(1), 100),
    ];
    fixture.store.count_refusals(&refusals).await.unwrap();

    let mints = |role: &str, outcome: &str, count| MintCount {
        role: role.to_owned(),
        outcome: outcome.to_owned(),
        count,
    };
    let refused = |code: &str, count| RefusalCount { code: code.to_owned(), count };
    let expected = Counts {
        mints: vec![mints("student", "issued", 2), mints("teacher", "pending", 1)],
        refusals: vec![refused("not_allowed", 1), refused("rate_limit_exceeded", 5)],
    };
    assert_eq!(fixture.store.counts(since).await.unwrap(), expected);
}

async fn an_empty_ledger_has_nothing_to_tell(fixture: Fixture) {
    assert_eq!(fixture.store.counts(fixture.now()).await.unwrap(), Counts::default());
    assert!(fixture.store.newest(5).await.unwrap().is_empty());
    assert!(fixture.store.since(MintId::FIRST, 5).await.unwrap().is_empty());
}
