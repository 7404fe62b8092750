//! The network between the service and PostgreSQL fails.

use std::time::Duration;

use ephemint_test_support::Network;

use super::{Mode, Ordeal, WHILE};

async fn meet(network: Network, mode: Mode) {
    let Some(ordeal) = Ordeal::begin(mode).await else { return };
    ordeal.proxy.set(network);
    match network {
        Network::CutAnswers(_) | Network::CutRequests(_) | Network::Slow { .. } => {
            ordeal.suffer_in_part().await
        }
        _ => ordeal.suffer().await,
    }
    ordeal.proxy.set(Network::Pass);
    ordeal.recover().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_cut_before_the_answer() {
    meet(Network::CutAnswers(2), Mode::Deny).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_cut_before_the_answer_and_done_without() {
    meet(Network::CutAnswers(2), Mode::Allow).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_cut_in_the_request() {
    meet(Network::CutRequests(2), Mode::Deny).await;
}

/// Several times, so that its end finds the service at different things: a statement, a connection, idle ones.
async fn black_holes(mode: Mode) {
    let Some(mut ordeal) = Ordeal::begin(mode).await else { return };
    for millis in [400, 1_100, 2_300] {
        ordeal.proxy.set(Network::BlackHole);
        ordeal.load.go_on(Duration::from_millis(millis)).await;
        ordeal.proxy.set(Network::Pass);
        ordeal.heal().await;
    }
    ordeal.proxy.set(Network::BlackHole);
    ordeal.suffer().await;
    ordeal.proxy.set(Network::Pass);
    ordeal.recover().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_black_holed() {
    black_holes(Mode::Deny).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_black_holed_and_done_without() {
    black_holes(Mode::Allow).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_trickle() {
    meet(Network::Slow { bytes: 8, delay: Duration::from_millis(50) }, Mode::Deny).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_is_only_slow_is_waited_for() {
    let Some(ordeal) = Ordeal::begin(Mode::Deny).await else { return };
    ordeal.proxy.set(Network::Slow { bytes: 4096, delay: Duration::from_millis(50) });
    ordeal.load.until_tokens(20).await;
    ordeal.proxy.set(Network::Pass);
    ordeal.recover().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_refused() {
    let Some(ordeal) = Ordeal::begin(Mode::Deny).await else { return };
    ordeal.proxy.set(Network::Refuse);
    ordeal.proxy.cut();
    ordeal.suffer().await;
    ordeal.proxy.set(Network::Pass);
    ordeal.recover().await;
}

/// Again and again, at any moment of whatever is on its way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_connections_are_cut() {
    let Some(ordeal) = Ordeal::begin(Mode::Deny).await else { return };
    for _ in 0..60 {
        ordeal.proxy.cut();
        ordeal.load.go_on(WHILE / 60).await;
    }
    ordeal.recover().await;
}
