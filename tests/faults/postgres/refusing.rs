//! PostgreSQL answers, and refuses.

use ephemint::kernel::clock::{Clock, SystemClock};
use ephemint_test_support::{Cluster, StoreKind, TestDatabase, USAGE};
use tokio_postgres::{Client, NoTls};

use super::{CALM_BOUND, Mode, Ordeal};
use crate::audit::GRACE;

/// Raises what PostgreSQL itself raises when there is no room left for a row.
const DISK_FULL: &str = "
    CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
    END $$;
    CREATE TRIGGER disk_full BEFORE INSERT OR UPDATE ON mints EXECUTE FUNCTION no_room();
    CREATE TRIGGER disk_full BEFORE INSERT OR UPDATE ON refusals EXECUTE FUNCTION no_room()";

const CUT_OFF: &str = "
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'ephemint'";

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn disk_full(mode: Mode) {
    let Some(ordeal) = Ordeal::begin(mode).await else { return };
    ordeal.site.database.execute(DISK_FULL).await;
    ordeal.suffer_in_part().await;
    ordeal.site.database.execute("DROP FUNCTION no_room() CASCADE").await;
    ordeal.recover().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_disk_is_full() {
    disk_full(Mode::Deny).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_disk_is_full_and_done_without() {
    disk_full(Mode::Allow).await;
}

/// As after a failover: whoever connects meanwhile comes to a standby. When the name leads to the new primary, connections
/// to the standby are still there, and work as well as ever, for reading.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_lead_to_a_standby() {
    let Some(ordeal) = Ordeal::begin(Mode::Deny).await else { return };
    let database = &ordeal.site.database;
    let name = database.texts("SELECT current_database()").await.remove(0);
    database.execute(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
    database.texts(CUT_OFF).await;
    ordeal.suffer_in_part().await;
    let (ready, _) = ordeal.get("/readyz").await;
    assert_eq!((ready.status, ready.code().as_str()), (503, "store_unavailable"));
    let undo = format!("BEGIN READ WRITE; ALTER DATABASE {name} RESET ALL; COMMIT");
    database.execute(&undo).await;
    ordeal.recover().await;
}

/// The service's statements wait for a lock of somebody else's, and all its connections are taken by such statements.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_is_locked() {
    let Some(ordeal) = Ordeal::begin(Mode::Deny).await else { return };
    let client = connect(&ordeal.site.database.setting().1).await;
    client.batch_execute("BEGIN; LOCK TABLE mints IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let readers = (0..20).map(|_| async { ordeal.get(USAGE).await });
    let ((), readers) = tokio::join!(ordeal.suffer_in_part(), futures_util::future::join_all(readers));
    for (answer, took) in readers {
        assert_eq!((answer.status, answer.code().as_str()), (503, "store_unavailable"));
        assert!(took < CALM_BOUND + GRACE, "usage took {took:?}");
    }
    client.batch_execute("COMMIT").await.unwrap();
    ordeal.recover().await;
}

/// Others hold all connections that the server has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_connection_is_left() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let cluster = Cluster::start(&["max_connections=30", "superuser_reserved_connections=0"]).await;
    let ordeal = Ordeal::begin_on(TestDatabase::create_on(cluster.url()).await, Mode::Deny).await;
    let url = ordeal.site.database.setting().1;
    let admin = connect(&url).await;
    let mut others = Vec::new();
    let from = SystemClock.instant();
    while others.len() < 29 {
        assert!(from.elapsed().as_secs() < 20, "only {} connections could be had", others.len());
        admin.batch_execute(CUT_OFF).await.unwrap();
        while let Ok((client, connection)) = tokio_postgres::connect(&url, NoTls).await {
            tokio::spawn(connection);
            others.push(client);
        }
    }
    ordeal.suffer().await;
    drop(others);
    ordeal.recover().await;
}
