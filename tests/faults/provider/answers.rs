//! Answers that are bad, broken, late or none.

use std::time::Duration;

use ephemint::kernel::code::Code;
use ephemint_sim::Fault;
use ephemint_test_support::StoreKind;

use super::{Made, Siege};
use crate::audit::{expect_answers, expect_exact, expect_recovery};
use crate::leaks::{self, Held};
use crate::load::Load;
use crate::site::Site;

/// How long the provider may take.
const PATIENCE: Duration = Duration::from_millis(600);

const fn given_back(code: Code) -> Made {
    Made { code, outcome: "refunded" }
}

const fn kept(code: Code) -> Made {
    Made { code, outcome: "unconfirmed" }
}

/// Whole answers that are not 2xx: surely nothing was handed out.
fn refusals() -> Vec<(Fault, Made)> {
    let location = "http://127.0.0.1:9/v1/realtime/client_secrets".to_owned();
    vec![
        (Fault::Unauthorized, given_back(Code::ProviderRejected)),
        (Fault::Forbidden, given_back(Code::ProviderRejected)),
        (Fault::InsufficientQuota, given_back(Code::ProviderRejected)),
        (Fault::RateLimited { retry_after: 1 }, given_back(Code::ProviderBusy)),
        (Fault::ServerError, given_back(Code::ProviderError)),
        (Fault::Unavailable, given_back(Code::ProviderError)),
        (Fault::Redirect { location }, given_back(Code::ProviderError)),
    ]
}

/// Nobody knows whether a token was made.
fn riddles() -> Vec<(Fault, Made)> {
    vec![
        (Fault::Hang, kept(Code::ProviderTimeout)),
        (Fault::Slow { millis: 5_000 }, kept(Code::ProviderTimeout)),
        (Fault::Reset, kept(Code::ProviderError)),
        (Fault::Cut, kept(Code::ProviderError)),
        (Fault::Garbage, kept(Code::ProviderError)),
        (Fault::NoValue, kept(Code::ProviderError)),
    ]
}

async fn meet_all(store: StoreKind, patience: Duration, faults: Vec<(Fault, Made)>) {
    let site = Site::new(store).await;
    let service = site.start(&[("OPENAI_TIMEOUT_MS", &patience.as_millis().to_string())]);
    let warm = Load::start(&[service.base()], super::CLIENTS);
    warm.until_tokens(super::CLIENTS).await;
    let warm = warm.stop().await;
    let before = Held::by(&service);
    let mut siege = Siege::of(&site, &service);
    for (fault, made) in faults {
        let begin = || site.simulator.set_fault(fault.clone());
        let (shots, ended) = siege.meet(begin, || site.simulator.clear_fault(), made).await;
        expect_answers(&shots, patience, &[made.code]);
        // Nothing remembers a fault: all is well not two seconds after its end, but at once.
        expect_recovery(&shots, ended - crate::audit::GRACE);
    }
    leaks::expect_none(&service, before).await;
    let shots: Vec<_> = warm.into_iter().chain(siege.shots).collect();
    expect_exact(&site, &shots).await;
    assert!(service.stop().0.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_is_given_back_on_sqlite() {
    meet_all(StoreKind::Sqlite, PATIENCE, refusals()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_is_given_back_on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        meet_all(StoreKind::Postgres, PATIENCE, refusals()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_knows_is_kept_on_sqlite() {
    meet_all(StoreKind::Sqlite, PATIENCE, riddles()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_knows_is_kept_on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        meet_all(StoreKind::Postgres, PATIENCE, riddles()).await;
    }
}

/// The simulator takes its time to write so much.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_megabytes_are_not_read() {
    let flood = (Fault::Oversized { bytes: 10_000_000 }, kept(Code::ProviderError));
    meet_all(StoreKind::Sqlite, Duration::from_secs(10), vec![flood]).await;
}
