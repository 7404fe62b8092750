//! Runs with a leak on purpose: the search finds each kind of secret in each kind of place, and says where.

use std::path::Path;
use std::process::Command;

use ephemint_sim::Standing;
use ephemint_test_support::run::{Hit, Kind, Missing, Place, Search, heard, search, secret};
use ephemint_test_support::{
    ADMIN_TOKEN, EmptyDirectory, JWT_SECRET, Person, ServiceProcess, Setup, StoreKind, TestApp, TestDatabase,
    USAGE, send, settings,
};
use reqwest::Method;
use serde_json::json;

use crate::expect_nothing;

const OWN_KEY: &str = "sk-user-planted-0123456789";
const SEALING: &str = "a3e49f3daa9f2ae47816224f72664c896be185650667cb649d9b98efc1bd4763";

const INSTRUCTIONS: &str = "Speak like a canary, and never of cats.";

/// Runs one of the ignored tests below in a process of its own, as a run that is kept in this folder.
fn run(test: &str, folder: &Path) {
    let mut process = Command::new(std::env::current_exe().unwrap());
    process.args(["--ignored", "--exact", &format!("planted::{test}")]).env("EPHEMINT_TEST_RUN", folder);
    let output = process.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_run_that_was_not_kept_proves_nothing() {
    let folder = EmptyDirectory::create();
    let Search { missing, .. } = search(&folder.0);
    let secrets = Kind::ALL.map(Missing::Secret);
    assert_eq!(missing, [&secrets[..], &Place::ALL.map(Missing::Heard)].concat());
}

#[test]
fn a_run_without_a_leak_has_everything_to_find_and_nothing_found() {
    let folder = EmptyDirectory::create();
    run("clean", &folder.0);
    expect_nothing(&folder.0);
}

#[test]
fn every_kind_of_secret_is_found_in_every_place() {
    let folder = EmptyDirectory::create();
    run("leaky", &folder.0);
    let Search { hits, .. } = search(&folder.0);
    for place in Place::ALL {
        for kind in Kind::ALL {
            let found = hits.iter().find(|hit| hit.place == place && hit.kind == kind);
            if place.is_for(kind) {
                assert_eq!(found, None, "it belongs there");
                continue;
            }
            let Some(Hit { file, line, redacted, .. }) = found else {
                panic!("{} is not found in {}: {hits:#?}", kind.as_str(), place.as_str());
            };
            let text = std::fs::read_to_string(file).unwrap();
            assert!(text.lines().nth(line - 1).unwrap().contains("planted"), "line {line} of {text}");
            assert!(redacted.contains(&format!("planted [{}]", kind.as_str())), "{redacted}");
        }
    }
    let all: String = hits.iter().map(|hit| format!("{hit}\n")).collect();
    assert!(!all.contains(JWT_SECRET) && !all.contains(INSTRUCTIONS), "what was found is told: {all}");
}

#[test]
fn a_secret_in_a_log_of_the_program_is_found() {
    let folder = EmptyDirectory::create();
    run("program", &folder.0);
    let Search { hits, .. } = search(&folder.0);
    let found = hits.iter().any(|hit| hit.place == Place::Log && hit.kind == Kind::EphemeralToken);
    assert!(found, "{hits:?}");
}

/// A small run: a mint on each store with a key of the user's own, a refusal, and metrics.
async fn small_run() {
    for store in [StoreKind::Sqlite, StoreKind::Postgres].into_iter().filter(|store| store.is_wanted()) {
        let policy =
            format!("defaults.default_role = 'r'\ndefaults.instructions.en = '{INSTRUCTIONS}'\n[roles.r]");
        let setup = Setup::policy(&policy).with_operator().set("ENCRYPTION_KEY", SEALING);
        let app = TestApp::start(store, setup).await;
        secret(Kind::ProviderKey, OWN_KEY);
        app.simulator.put_account("ana", OWN_KEY, Standing::Good);
        let put = app.request(Method::PUT, "/v1/me/keys/openai").bearer_auth(Person::new("ana").token());
        assert_eq!(send(put.json(&json!({"key": OWN_KEY}))).await.status, 200);
        assert_eq!(app.mint(&Person::new("ana"), json!({})).await.status, 200);
        assert_eq!(send(app.request(Method::GET, USAGE)).await.status, 401);
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "another test runs it as a run of its own"]
async fn clean() {
    small_run().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "another test runs it as a run of its own"]
async fn leaky() {
    small_run().await;
    secret(Kind::Password, "planted-password-canary");
    secret(Kind::EphemeralToken, "ek_planted_0123456789");
    // Quotes and line ends are written otherwise in a log: what stands between them is found.
    let instructions = format!("\"Polly\"\n{INSTRUCTIONS}");
    let jwt = Person::new("ana").token();
    let signature = jwt.rsplit_once('.').unwrap().1;
    for value in [
        ADMIN_TOKEN,
        JWT_SECRET,
        &jwt,
        signature,
        &instructions,
        "planted-password-canary",
        OWN_KEY,
        "ek_planted_0123456789",
    ] {
        let planted = value.lines().map(|line| format!("planted {line}"));
        let planted: Vec<_> = planted.collect();
        tracing::trace!(what = planted.join("\n"), "a leak");
        for place in [Place::Error, Place::Answer, Place::Metrics] {
            heard(place, &planted.join("\n"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "another test runs it as a run of its own"]
async fn program() {
    let database = TestDatabase::create(StoreKind::Sqlite).await;
    let simulator = ephemint_sim::Simulator::start(ephemint_sim::Settings::default()).await.unwrap();
    let process = ServiceProcess::start(env!("CARGO_BIN_EXE_ephemint"), &settings(&simulator, &database));
    // The program tells where it listens.
    secret(Kind::EphemeralToken, process.base().strip_prefix("http://").unwrap());
    drop(process);
    simulator.stop().await;
}
