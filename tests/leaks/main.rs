//! Nothing secret got out, in the whole run of the tests: every key, secret, password, JWT, ephemeral token and
//! instruction that any test used is looked for in every log, at `trace`, in all metrics and in every answer with an error.
//!
//! `scripts/test` keeps the run in a folder (`EPHEMINT_TEST_RUN`, see `tests/support/src/run`), and has
//! `nothing_secret_got_out` come when all other tests are done; without a folder there is nothing to look at. That the search finds what is there is tested here as well, in
//! small runs that have a leak on purpose.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod planted;

use std::path::{Path, PathBuf};

use ephemint_test_support::StoreKind;
use ephemint_test_support::run::{Kind, Missing, Search, search};

/// More than these are not listed.
const MOST_LISTED: usize = 40;

#[test]
#[expect(clippy::disallowed_methods, reason = "a test is told by the environment where the run is kept")]
fn nothing_secret_got_out() {
    match std::env::var_os("EPHEMINT_TEST_RUN").map(PathBuf::from) {
        Some(folder) => expect_nothing(&folder),
        None => println!("LEFT OUT: EPHEMINT_TEST_RUN is not set; scripts/test sets it"),
    }
}

/// Fails where something was found, or where there was nothing to find.
fn expect_nothing(folder: &Path) {
    let Search { mut missing, hits, canaries, bytes } = search(folder);
    // Only PostgreSQL has a password.
    missing.retain(|one| *one != Missing::Secret(Kind::Password) || StoreKind::Postgres.is_wanted());
    let missing: Vec<_> = missing.iter().map(ToString::to_string).collect();
    assert!(missing.is_empty(), "the run was not kept: {}", missing.join(", "));
    let listed: Vec<_> = hits.iter().take(MOST_LISTED).map(ToString::to_string).collect();
    assert!(
        hits.is_empty(),
        "{} lines have a secret (of {canaries} looked for in {bytes} bytes):\n{}",
        hits.len(),
        listed.join("\n")
    );
}
