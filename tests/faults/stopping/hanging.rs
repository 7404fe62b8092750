//! Stopping while something hangs.

use std::time::Duration;

use ephemint_sim::Fault;
use ephemint_test_support::{ChaosProxy, Network, StoreKind, TestDatabase};

use super::{expect_whole_answers, stop};
use crate::audit::expect_exact;
use crate::load::Load;
use crate::site::Site;

const WITHIN: Duration = Duration::from_secs(3);

const HASTY: &[(&str, &str)] = &[("SHUTDOWN_TIMEOUT_MS", "3000"), ("OPENAI_TIMEOUT_MS", "120000")];

/// Mints that the provider would keep waiting for far too long are cut off: answered, and kept.
async fn the_provider_hangs(store: StoreKind) {
    let site = Site::new(store).await;
    site.simulator.set_fault(Fault::Hang);
    let service = site.start(HASTY);
    let load = Load::start(&[service.base()], 8);
    site.expect_upstream_requests(8).await;
    let stopped = stop(service, WITHIN).await;
    stopped.expect_clean();
    let shots = load.stop().await;
    expect_whole_answers(&site, &shots).await;
    let cut = shots.iter().filter(|shot| shot.status() == 504).count();
    assert_eq!(cut, 8, "{:?}", shots.first());
    let outcomes = site.database.texts("SELECT outcome FROM mints").await;
    assert_eq!(outcomes, ["unconfirmed"; 8], "nobody knows, so they are kept");
    expect_exact(&site, &shots).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_provider_hangs_on_sqlite() {
    the_provider_hangs(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_provider_hangs_on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        the_provider_hangs(StoreKind::Postgres).await;
    }
}

/// A ledger that nobody can write, for as long as this is held.
enum Held {
    Sqlite(rusqlite::Connection),
    Postgres(tokio_postgres::Client),
}

impl Held {
    async fn hold(database: &TestDatabase) -> Self {
        if let Some(directory) = database.directory() {
            let connection = rusqlite::Connection::open(directory.join("ephemint.db")).unwrap();
            connection.execute_batch("BEGIN IMMEDIATE").unwrap();
            return Self::Sqlite(connection);
        }
        let url = database.setting().1;
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute("BEGIN; LOCK TABLE mints IN EXCLUSIVE MODE").await.unwrap();
        Self::Postgres(client)
    }

    async fn release(self) {
        match self {
            Self::Sqlite(connection) => connection.execute_batch("ROLLBACK").unwrap(),
            Self::Postgres(client) => client.batch_execute("ROLLBACK").await.unwrap(),
        }
    }
}

const LOST: &str = "outcomes of mints could not be written; they will count as unconfirmed";

/// The outcome of a mint can't be written: that is told, and the ledger keeps it as one that nobody knows.
async fn the_database_hangs(store: StoreKind) {
    let site = Site::new(store).await;
    site.simulator.set_fault(Fault::Slow { millis: 500 });
    let service = site.start(HASTY);
    let load = Load::start(&[service.base()], 4);
    site.expect_upstream_requests(4).await;
    let held = Held::hold(&site.database).await;
    let stopped = stop(service, WITHIN).await;
    assert_eq!(stopped.status.code(), Some(1), "{}", stopped.output);
    assert!(stopped.output.contains(LOST), "{}", stopped.output);
    assert!(stopped.output.contains("before SHUTDOWN_TIMEOUT_MS"), "{}", stopped.output);
    held.release().await;
    let shots = load.stop().await;
    expect_whole_answers(&site, &shots).await;
    assert!(shots.iter().filter(|shot| shot.status() == 200).count() >= 4, "they were in flight");
    let outcomes = site.database.texts("SELECT outcome FROM mints").await;
    assert!(outcomes.iter().all(|outcome| outcome != "refunded"), "{outcomes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_hangs_on_sqlite() {
    the_database_hangs(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_hangs_on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        the_database_hangs(StoreKind::Postgres).await;
    }
}

/// Longer than the service waits for one statement, so that its first try has failed.
const LONG: Duration = Duration::from_secs(6);

/// A database that answers again before the time is over gets everything.
async fn the_database_comes_back(store: StoreKind) {
    let site = Site::new(store).await;
    site.simulator.set_fault(Fault::Slow { millis: 500 });
    let service = site.start(&[]);
    let load = Load::start(&[service.base()], 4);
    site.expect_upstream_requests(4).await;
    let held = Held::hold(&site.database).await;
    let stopping = tokio::spawn(stop(service, Duration::from_secs(20)));
    load.go_on(LONG).await;
    held.release().await;
    stopping.await.unwrap().expect_clean();
    let shots = load.stop().await;
    expect_whole_answers(&site, &shots).await;
    super::expect_nothing_lost(&site, &shots).await;
    expect_exact(&site, &shots).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_comes_back_on_sqlite() {
    the_database_comes_back(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_comes_back_on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        the_database_comes_back(StoreKind::Postgres).await;
    }
}

/// Whatever is sent to the database is lost, and nobody is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_is_in_a_black_hole() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let site = Site::new(StoreKind::Postgres).await;
    let proxy = ChaosProxy::before(&site.database.setting().1).await;
    site.simulator.set_fault(Fault::Slow { millis: 500 });
    let settings = [HASTY, &[("DATABASE_URL", proxy.url())]].concat();
    let service = site.start(&settings);
    let load = Load::start(&[service.base()], 4);
    site.expect_upstream_requests(4).await;
    proxy.set(Network::BlackHole);
    let stopped = stop(service, WITHIN).await;
    assert_eq!(stopped.status.code(), Some(1), "{}", stopped.output);
    assert!(stopped.output.contains(LOST), "{}", stopped.output);
    let shots = load.stop().await;
    expect_whole_answers(&site, &shots).await;
    assert!(shots.iter().filter(|shot| shot.status() == 200).count() >= 4, "they were in flight");
    let outcomes = site.database.texts("SELECT outcome FROM mints").await;
    assert!(outcomes.iter().all(|outcome| outcome != "refunded"), "{outcomes:?}");
}
