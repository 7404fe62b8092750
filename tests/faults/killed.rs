//! kill -9 between the spend and its outcome. Nobody can know then what the provider did, so everything counts.

use std::collections::HashMap;
use std::time::Duration;

use ephemint_sim::Fault;
use ephemint_test_support::{ServiceProcess, StoreKind};

use crate::audit::expect_exact;
use crate::load::{Load, Shot};
use crate::site::Site;

const ROUNDS: usize = 5;

const CLIENTS: usize = 24;

/// The provider takes a good part of the time that it is given, so that most mints are in between at any moment.
const LATENCY_MS: u64 = 300;
const HASTY: &[(&str, &str)] = &[("OPENAI_TIMEOUT_MS", "1000")];

/// Mints that were in between, over all rounds, for the test to have tested anything.
const IN_BETWEEN: usize = ROUNDS * CLIENTS / 4;

/// Twice the provider's timeout, the ten seconds between two looks, and time to spare.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(20);

async fn in_between(store: StoreKind) {
    let site = Site::new(store).await;
    site.simulator.set_fault(Fault::Slow { millis: LATENCY_MS });
    // One file has one server: there the next one takes over.
    let survivor = (store == StoreKind::Postgres).then(|| site.start(HASTY));
    let (mut shots, mut pending) = (Vec::new(), 0);
    for _ in 0..ROUNDS {
        let victims: Vec<_> = (0..1 + usize::from(survivor.is_some())).map(|_| site.start(HASTY)).collect();
        let all = victims.iter().chain(&survivor).map(ServiceProcess::base).collect::<Vec<_>>();
        let load = Load::start(&all, CLIENTS);
        load.until_tokens(CLIENTS).await;
        victims.into_iter().for_each(ServiceProcess::kill);
        pending += count(&site, "pending").await;
        shots.extend(load.stop().await);
    }
    assert!(pending > IN_BETWEEN, "only {pending} mints were in between");
    let survivor = survivor.unwrap_or_else(|| site.start(HASTY));
    expect_given_up(&site).await;
    let load = Load::start(&[survivor.base()], CLIENTS);
    load.until_tokens(CLIENTS).await;
    shots.extend(load.stop().await);
    assert!(survivor.stop().0.success());
    expect_kept(&site, &shots).await;
}

async fn count(site: &Site, outcome: &str) -> usize {
    let sql = format!("SELECT count(*) FROM mints WHERE outcome = '{outcome}'");
    site.database.texts(&sql).await[0].parse().unwrap()
}

async fn expect_given_up(site: &Site) {
    let given_up = async {
        while count(site, "pending").await > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let in_time = tokio::time::timeout(GIVEN_UP_AFTER, given_up).await;
    assert!(in_time.is_ok(), "{} mints are still pending", count(site, "pending").await);
}

/// Nothing is given back, and every token has its row: as issued, or as one of which nobody heard.
async fn expect_kept(site: &Site, shots: &[Shot]) {
    assert_eq!(count(site, "refunded").await, 0, "the provider never failed");
    assert!(count(site, "unconfirmed").await > IN_BETWEEN);
    let lines = site.database.texts("SELECT request_id || '|' || outcome FROM mints").await;
    let outcomes: HashMap<_, _> = lines.iter().filter_map(|line| line.split_once('|')).collect();
    let outcome = |shot: &Shot| outcomes.get(shot.request_id.as_str()).copied();
    for shot in shots.iter().filter(|shot| shot.status() == 200) {
        assert!(
            matches!(outcome(shot), Some("issued" | "unconfirmed")),
            "the token of {} has the row {:?}",
            shot.request_id,
            outcome(shot)
        );
    }
    // Killed after the answer and before its outcome was written: the row is there, and counts.
    let heard: Vec<_> = shots.iter().filter(|&shot| outcome(shot) != Some("unconfirmed")).cloned().collect();
    expect_exact(site, &heard).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_between_on_sqlite() {
    in_between(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_between_on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        in_between(StoreKind::Postgres).await;
    }
}
