//! What stays in a process after connections were lost in every way, looked at from inside.

use std::time::Duration;

use ephemint::kernel::clock::{Clock, SystemClock};
use ephemint_test_support::{ChaosProxy, Network, Setup, StoreKind, TestApp, TestDatabase};

use super::{BOUND, CLIENTS, Mode};
use crate::audit::{GRACE, expect_answers, expect_recovery};
use crate::leaks;
use crate::load::{Load, fill_pools};

/// Tasks that come and go.
const PASSING: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_task_of_a_lost_connection_stays() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let database = TestDatabase::create(StoreKind::Postgres).await;
    let proxy = ChaosProxy::before(&database.setting().1).await;
    let setup = Setup::default().set("DATABASE_URL", proxy.url());
    let app = TestApp::start_on(database, StoreKind::Postgres, setup).await;
    fill_pools(app.base()).await;
    let before = leaks::tasks_at_rest().await;
    let load = Load::start(&[app.base()], CLIENTS);
    load.until_tokens(20).await;
    for _ in 0..8 {
        for network in [Network::BlackHole, Network::CutAnswers(1), Network::CutRequests(1)] {
            proxy.set(network);
            load.go_on(Duration::from_millis(200)).await;
        }
        proxy.set(Network::Pass);
        // Of what was lost in the black hole, nobody tells: the service has to find out by itself.
        load.until_tokens(5).await;
    }
    let end = SystemClock.instant();
    load.until_tokens(20).await;
    load.until(20, move |shot| shot.status() == 200 && shot.begun > end + GRACE).await;
    let shots = load.stop().await;
    expect_answers(&shots, BOUND, Mode::Deny.explained());
    expect_recovery(&shots, end);
    fill_pools(app.base()).await;
    leaks::expect_tasks_at_most(before + PASSING).await;
    app.stop().await;
}
