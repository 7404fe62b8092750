//! Replicas that start together on an empty database, and one that is asked to stop before it serves.

use std::collections::BTreeMap;
use std::time::Duration;

use ephemint_test_support::{ServiceProcess, StoreKind, command};

use crate::audit::{expect_answers, expect_exact};
use crate::load::Load;
use crate::site::Site;
use crate::unready::Unready;

const REPLICAS: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_at_once_on_an_empty_database() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let site = Site::new(StoreKind::Postgres).await;
    let replicas: Vec<_> = std::thread::scope(|threads| {
        let starting: Vec<_> = (0..REPLICAS).map(|_| threads.spawn(|| site.start(&[]))).collect();
        starting.into_iter().map(|replica| replica.join().unwrap()).collect()
    });
    let applied = site.database.texts("SELECT version FROM refinery_schema_history ORDER BY version").await;
    let once: BTreeMap<_, _> = applied.iter().map(|version| (version, ())).collect();
    assert!(!applied.is_empty() && once.len() == applied.len(), "{applied:?}");
    let bases = replicas.iter().map(ServiceProcess::base).collect::<Vec<_>>();
    let load = Load::start(&bases, 2 * REPLICAS);
    load.until_tokens(10 * REPLICAS).await;
    let shots = load.stop().await;
    expect_answers(&shots, Duration::ZERO, &[]);
    expect_exact(&site, &shots).await;
    for replica in replicas {
        let answered = replica.logged("mint").len();
        assert!(answered > 0, "{} minted nothing", replica.base());
        assert!(replica.stop().0.success());
    }
}

/// Somebody else holds the migrations' lock, for as long as they like.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_can_be_stopped_before_it_serves() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    const LOCK: &str = "SELECT pg_advisory_lock(x'657068656d696e74'::bigint)";
    const WAITS: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let site = Site::new(StoreKind::Postgres).await;
    let url = site.database.setting().1;
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(LOCK).await.unwrap();
    let (command, _folder) = command(env!("CARGO_BIN_EXE_ephemint"), &["serve"], &site.settings());
    let starting = Unready::start(command);
    for _ in 0..200 {
        if site.database.texts(WAITS).await == ["1"] {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(site.database.texts(WAITS).await, ["1"], "it does not wait for the lock");
    starting.expect_stop().await;
}
