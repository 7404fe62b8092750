//! The server dies at once, with everything it was at, and comes back.

use ephemint_test_support::{Cluster, StoreKind, TestDatabase};

use super::{Mode, Ordeal};

async fn kill_and_restart(mode: Mode) {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let mut cluster = Cluster::start(&["max_connections=50"]).await;
    let database = TestDatabase::create_on(cluster.url()).await;
    let ordeal = Ordeal::begin_on(database, mode).await;
    cluster.kill();
    ordeal.suffer().await;
    cluster.restart().await;
    ordeal.recover().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_killed() {
    kill_and_restart(Mode::Deny).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_killed_and_done_without() {
    kill_and_restart(Mode::Allow).await;
}
