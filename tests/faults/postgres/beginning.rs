//! PostgreSQL is not there when the service starts.

use std::time::Duration;

use ephemint::kernel::clock::{Clock, SystemClock};
use ephemint_test_support::{ChaosProxy, Network, StoreKind, command};

use crate::site::Site;

/// An operator is told soon, and so is whatever starts the service again.
const SOON: Duration = Duration::from_secs(8);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_into_a_black_hole_ends() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let site = Site::new(StoreKind::Postgres).await;
    let proxy = ChaosProxy::before(&site.database.setting().1).await;
    proxy.set(Network::BlackHole);
    let mut settings = site.settings();
    settings.push(("DATABASE_URL", proxy.url().to_owned()));
    let begun = SystemClock.instant();
    let run = tokio::task::spawn_blocking(move || {
        let (mut command, _directory) = command(env!("CARGO_BIN_EXE_ephemint"), &["serve"], &settings);
        command.output().unwrap()
    });
    let output = tokio::time::timeout(SOON, run).await.unwrap().unwrap();
    let said = [output.stderr, output.stdout].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(!output.status.success());
    assert!(said.contains("connecting to DATABASE_URL"), "{said}");
    assert!(begun.elapsed() < SOON);
}
