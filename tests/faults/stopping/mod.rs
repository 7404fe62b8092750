//! SIGTERM: whatever is under way, nothing is lost, and it ends in time.

mod hanging;
mod under_load;

use std::collections::HashSet;
use std::process::ExitStatus;
use std::time::Duration;

use ephemint::kernel::clock::{Clock, SystemClock};
use ephemint_test_support::ServiceProcess;

use crate::load::Shot;
use crate::site::Site;

/// What the process itself takes to come to its end, on a busy machine.
const MOMENT: Duration = Duration::from_secs(2);

/// What stopping gave.
struct Stopped {
    status: ExitStatus,
    output: String,
    took: Duration,
}

/// Asks the service to stop and waits until it has ended; fails when that takes a moment longer than `within`.
async fn stop(service: ServiceProcess, within: Duration) -> Stopped {
    let asked = SystemClock.instant();
    service.signal("TERM");
    let (status, output) = service.ended(within + MOMENT).await;
    Stopped { status, output, took: asked.elapsed() }
}

impl Stopped {
    fn expect_clean(&self) {
        assert_eq!(self.status.code(), Some(0), "after {:?}: {}", self.took, self.output);
    }
}

/// Requests without an answer were never begun: no half of an answer was read, and there is no row.
async fn expect_whole_answers(site: &Site, shots: &[Shot]) {
    let rows: HashSet<_> = site.database.texts("SELECT request_id FROM mints").await.into_iter().collect();
    for shot in shots {
        if let Err(error) = &shot.answer {
            assert!(error.contains("kind: Request"), "half an answer: {error}");
            assert!(
                !rows.contains(&shot.request_id),
                "{} was begun, and not answered: {error}",
                shot.request_id
            );
        }
    }
}

/// Each mint's outcome stands in the ledger, and each token that stands there has reached its client.
async fn expect_nothing_lost(site: &Site, shots: &[Shot]) {
    let outcomes = site.database.texts("SELECT outcome FROM mints").await;
    let count = |outcome: &str| outcomes.iter().filter(|one| *one == outcome).count();
    assert_eq!(count("pending"), 0, "outcomes were lost");
    let tokens = shots.iter().filter(|shot| shot.status() == 200).count();
    assert_eq!(count("issued"), tokens, "not every token has reached its client");
}
