//! The limit is exact: rounds of concurrent clients over one service, four services on one PostgreSQL, and SQLite, by a
//! clock that is set to the window's edges, forwards and back, while the provider fails in ways that refund and in ways
//! that leave a mint unknown. Then the same with real processes and the machine's own clock.
//!
//! A round is a script made from a seed. What each decision had to be is worked out from the ledger as it stood before
//! the burst ([`hour`]); who came first in a burst is nobody's to say, so counts and ranges are compared, not orders.
//!
//! `EPHEMINT_EXACTNESS_ROUNDS` says how many rounds there are in all, `EPHEMINT_EXACTNESS_SEED` where they begin:
//! `scripts/soak` sets both, and a failure tells what to set them to.
#![expect(clippy::panic, reason = "a test that can't go on has failed")]

mod answers;
mod deployment;
mod hour;
mod ledger;
mod processes;
mod round;
mod script;

use ephemint_test_support::StoreKind;

use self::deployment::Deployment;
use self::round::Round;

/// Rounds in all, with a set clock.
const ROUNDS: u64 = 200;

/// Rounds with real processes.
const ROUNDS_OF_PROCESSES: u64 = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_service_on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        play(Deployment::start(StoreKind::Postgres, 1).await, rounds(ROUNDS) * 7 / 20).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_services_on_one_postgres() {
    if StoreKind::Postgres.is_wanted() {
        play(Deployment::start(StoreKind::Postgres, 4).await, rounds(ROUNDS) * 7 / 20).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_service_on_sqlite() {
    play(Deployment::start(StoreKind::Sqlite, 1).await, rounds(ROUNDS) * 6 / 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_processes_on_one_postgres() {
    if StoreKind::Postgres.is_wanted() {
        play(Deployment::spawn(StoreKind::Postgres, 4).await, rounds(ROUNDS_OF_PROCESSES) * 3 / 5).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_on_sqlite() {
    play(Deployment::spawn(StoreKind::Sqlite, 1).await, rounds(ROUNDS_OF_PROCESSES) * 2 / 5).await;
}

/// Plays so many rounds, at least one.
async fn play(deployment: Deployment, rounds: u64) {
    let first = number("EPHEMINT_EXACTNESS_SEED").unwrap_or_else(fresh_seed);
    let mut played = Vec::new();
    for number in 0..rounds.max(1) {
        let seed = first.wrapping_add(number);
        let _told = Told { seed };
        let mut round = Round::new(&deployment, number);
        round.play(&script::write(seed)).await;
        played.push((seed, round));
    }
    // All at the end: the last outcomes of a round are written only a while after it.
    for (seed, round) in &mut played {
        let _told = Told { seed: *seed };
        round.check_whole().await;
    }
    drop(played);
    deployment.stop().await;
}

fn rounds(usual: u64) -> u64 {
    number("EPHEMINT_EXACTNESS_ROUNDS").map_or(usual, |all| all * usual / ROUNDS)
}

#[expect(clippy::disallowed_methods, reason = "a test is told how long to go on by the environment")]
fn number(name: &str) -> Option<u64> {
    let written = std::env::var(name).ok()?;
    Some(written.parse().unwrap_or_else(|_| panic!("{name}: `{written}` is not a number")))
}

fn fresh_seed() -> u64 {
    uuid::Uuid::now_v7().as_u64_pair().1
}

/// Tells the seed of a round that failed, wherever it failed.
struct Told {
    seed: u64,
}

impl Drop for Told {
    #[expect(clippy::print_stderr, reason = "a failing test is to say how to see it again")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "again, as far as chance allows: EPHEMINT_EXACTNESS_SEED={} EPHEMINT_EXACTNESS_ROUNDS=1",
                self.seed
            );
        }
    }
}
