//! Stopping while clients ask and mints are in flight.

use std::time::Duration;

use ephemint::kernel::code::Code;
use ephemint_sim::Fault;
use ephemint_test_support::StoreKind;
use reqwest::Client;

use super::{expect_nothing_lost, expect_whole_answers, stop};
use crate::audit::{expect_answers, expect_exact};
use crate::load::{Load, Shot};
use crate::site::Site;

const ROUNDS: u32 = 10;

/// The usual one, which nothing here needs.
const WITHIN: Duration = Duration::from_secs(20);

/// What the provider takes in the first round; longer in each that follows.
const LATENCY: u64 = 20;

async fn nothing_is_lost(store: StoreKind) {
    let site = Site::new(store).await;
    let mut shots = Vec::new();
    for round in 0..ROUNDS {
        site.simulator.set_fault(Fault::Slow { millis: LATENCY * u64::from(round + 1) });
        let service = site.start(&[]);
        let load = Load::start(&[service.base()], 24);
        load.until_tokens(20).await;
        let stopped = stop(service, WITHIN).await;
        stopped.expect_clean();
        assert!(stopped.took < Duration::from_secs(5), "nothing hung, and it took {:?}", stopped.took);
        shots.extend(load.stop().await);
        expect_nothing_lost(&site, &shots).await;
    }
    expect_whole_answers(&site, &shots).await;
    let answered: Vec<Shot> = shots.iter().filter(|shot| shot.answer.is_ok()).cloned().collect();
    let latency = Duration::from_millis(LATENCY * u64::from(ROUNDS));
    expect_answers(&answered, latency, &[Code::StoreUnavailable]);
    expect_exact(&site, &shots).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_on_sqlite() {
    nothing_is_lost(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        nothing_is_lost(StoreKind::Postgres).await;
    }
}

/// Who comes while mints in flight still end is told at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_ones_are_refused_while_old_ones_end() {
    let site = Site::new(StoreKind::Sqlite).await;
    site.simulator.fail_next(1, Fault::Slow { millis: 3_000 });
    let service = site.start(&[]);
    let load = Load::start(&[service.base()], 1);
    site.expect_upstream_requests(1).await;
    let ready = format!("{}/readyz", service.base());
    let others = Load::start(&[service.base()], 2);
    others.until_tokens(2).await;
    service.signal("TERM");
    others.until(4, |shot| shot.status() == 503).await;
    let answer = Client::builder().no_proxy().build().unwrap().get(ready).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert!(answer.text().await.unwrap().contains(Code::StoreUnavailable.as_str()));
    let (status, output) = service.ended(WITHIN).await;
    assert_eq!(status.code(), Some(0), "{output}");
    let mut shots = load.stop().await;
    assert_eq!(shots[0].status(), 200, "it was in flight: {:?}", shots[0].answer);
    shots.extend(others.stop().await);
    expect_whole_answers(&site, &shots).await;
    expect_nothing_lost(&site, &shots).await;
    expect_exact(&site, &shots).await;
}
