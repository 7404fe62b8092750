//! The files are taken away under a running service.

use std::time::Duration;

use ephemint::kernel::clock::{Clock, SystemClock};
use ephemint::kernel::code::Code;
use ephemint_test_support::{StoreKind, send};

use crate::audit::{GRACE, expect_answers, expect_exact, expect_recovery};
use crate::load::Load;
use crate::site::Site;

/// Rows that go to where nobody finds them are no rows. Brought back, they go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_directory_is_moved_away_and_back() {
    let site = Site::new(StoreKind::Sqlite).await;
    let here = site.database.directory().unwrap();
    let away = here.with_extension("away");
    let service = site.start(&[]);
    let load = Load::start(&[service.base()], 12);
    load.until_tokens(12).await;
    std::fs::rename(here, &away).unwrap();
    load.until(50, |shot| shot.status() == 503).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let ready = send(http.get(format!("{}/readyz", service.base()))).await;
    std::fs::rename(&away, here).unwrap();
    let back = SystemClock.instant();
    assert_eq!(ready.status, 503, "{}", ready.text);
    load.go_on(GRACE + Duration::from_millis(500)).await;
    load.until_tokens(12).await;
    let shots = load.stop().await;
    expect_answers(&shots, Duration::ZERO, &[Code::StoreUnavailable]);
    expect_recovery(&shots, back);
    expect_exact(&site, &shots).await;
    assert!(service.stop().0.success());
}

/// Another file in its place is not written to; nor is the one that was taken away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_is_replaced() {
    let site = Site::new(StoreKind::Sqlite).await;
    let file = site.database.directory().unwrap().join("ephemint.db");
    let service = site.start(&[]);
    let load = Load::start(&[service.base()], 4);
    load.until_tokens(4).await;
    let other = file.with_extension("other");
    std::fs::write(&other, b"a copy from last week").unwrap();
    std::fs::rename(&other, &file).unwrap();
    load.until(20, |shot| shot.status() == 503).await;
    let shots = load.stop().await;
    expect_answers(&shots, Duration::ZERO, &[Code::StoreUnavailable]);
    assert_eq!(std::fs::read(&file).unwrap(), b"a copy from last week");
    service.kill();
}
