//! Nothing fails: what the frame finds then, and that it finds what it looks for.

use std::time::Duration;

use ephemint_test_support::{Setup, StoreKind, TestApp};

use crate::audit::{expect_answers, expect_exact, expect_recovery};
use crate::leaks::{self, Held};
use crate::load::Load;
use crate::site::Site;

const NONE: Duration = Duration::ZERO;

async fn all_is_well(store: StoreKind) {
    let site = Site::new(store).await;
    let service = site.start(&[]);
    let warm = Load::start(&[service.base()], 8);
    warm.until_tokens(10).await;
    warm.stop().await;
    let before = Held::by(&service);
    let load = Load::start(&[service.base()], 16);
    load.until_tokens(50).await;
    load.go_on(Duration::from_millis(500)).await;
    let shots = load.stop().await;
    expect_answers(&shots, NONE, &[]);
    expect_recovery(&shots, shots[0].begun - Duration::from_secs(3));
    assert!(shots.iter().any(|shot| shot.status() == 429), "the limit was never reached");
    expect_exact(&site, &shots).await;
    leaks::expect_none(&service, before).await;
    if store == StoreKind::Postgres {
        leaks::expect_no_connections_beyond(&site.database, 1).await;
    }
    assert!(service.stop().0.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_is_well_on_sqlite() {
    all_is_well(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_is_well_on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        all_is_well(StoreKind::Postgres).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_task_stays() {
    let app = TestApp::start(StoreKind::Sqlite, Setup::default()).await;
    let before = leaks::tasks();
    let load = Load::start(&[app.base()], 8);
    load.until_tokens(20).await;
    load.stop().await;
    leaks::expect_no_tasks_beyond(before).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_taken_away_is_missed() {
    let site = Site::new(StoreKind::Sqlite).await;
    let service = site.start(&[]);
    let load = Load::start(&[service.base()], 4);
    load.until_tokens(5).await;
    let shots = load.stop().await;
    expect_exact(&site, &shots).await;
    site.database
        .execute("UPDATE mints SET outcome = 'refunded' WHERE id = (SELECT min(id) FROM mints)")
        .await;
    let audit = tokio::spawn(async move { expect_exact(&site, &shots).await });
    assert!(audit.await.unwrap_err().is_panic());
}
