//! Several replicas look at the same time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ephemint::kernel::ids::AlertId;
use ephemint::store::Outcome::Issued;
use ephemint::store::{Alert, Attempt, StoreClock};

use super::{Bench, StoreKind, alerts, over_both_stores};

const RULES: &str = "alerts = [
    { name = 'fast', kind = 'rapid_minting', over = 2, window = 30 },
    { name = 'dear', kind = 'cost', per = 'hour', over = 1 },
]";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_on_one_database_raise_an_alert_once() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let bench = Bench::new(StoreKind::Postgres, RULES).await;
    for name in ["ana", "bea", "eva"] {
        bench.mint(name, 3, Issued).await;
    }
    let mut replicas = tokio::task::JoinSet::new();
    for _ in 0..5 {
        let store = bench._database.open(StoreClock::Set(bench.clock.clone())).await;
        let replica = Arc::new(alerts(&store, &bench.clock, RULES));
        for _ in 0..3 {
            let replica = replica.clone();
            replicas.spawn(async move { replica.evaluate().await });
        }
    }
    for looked in replicas.join_all().await {
        looked.unwrap();
    }
    let raised = bench.look().await;
    let distinct: BTreeSet<_> = raised.iter().map(|(rule, subject, _)| (rule, subject)).collect();
    assert_eq!((raised.len(), distinct.len()), (4, 4), "{raised:?}");
}

over_both_stores!(a_delivery_is_one_replicas_at_a_time);

async fn a_delivery_is_one_replicas_at_a_time(kind: StoreKind) {
    let bench = Bench::new(kind, "").await;
    let (store, now) = (&bench.store, bench.now());
    let alert = |n: i64| Alert {
        id: AlertId::new(now),
        rule: format!("rule-{n}"),
        kind: "cost",
        subject: None,
        window_start: now,
        window_end: now,
        value: 2.0,
        threshold: 1.0,
        summary: "So much.".to_owned(),
        is_to_be_delivered: n < 2,
    };
    let all: Vec<_> = (0..3).map(alert).collect();
    for alert in &all {
        assert!(store.raise(alert).await.unwrap());
    }
    let lease = Duration::from_secs(60);
    let take = async || store.take_due_alert(lease).await.unwrap();
    let (first, second) = (take().await.unwrap(), take().await.unwrap());
    assert_ne!(first.id, second.id);
    assert_eq!(take().await, None, "the third is not to be delivered");
    store.attempted(first.id, Attempt::Delivered).await.unwrap();
    store.attempted(second.id, Attempt::Again(Duration::from_secs(5))).await.unwrap();
    bench.pass(chrono::TimeDelta::seconds(4));
    assert_eq!(take().await, None);
    bench.pass(chrono::TimeDelta::seconds(1));
    let again = take().await.unwrap();
    assert_eq!((again.id, again.attempts), (second.id, 2));
    // Whoever has it dies.
    bench.pass(chrono::TimeDelta::seconds(60));
    let taken_over = take().await.unwrap();
    assert_eq!((taken_over.id, taken_over.attempts), (second.id, 3));
    store.attempted(second.id, Attempt::GivenUp).await.unwrap();
    store.attempted(first.id, Attempt::Again(Duration::ZERO)).await.unwrap();
    assert_eq!(take().await, None, "what was delivered is not delivered again");
    let rows = store.alerts(AlertId::LAST, 10).await.unwrap();
    let delivery = |id| &rows.iter().find(|row| row.id == id).unwrap().delivery;
    assert_eq!((delivery(first.id).as_str(), delivery(second.id).as_str()), ("delivered", "given_up"));
}
