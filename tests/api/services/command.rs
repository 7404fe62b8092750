//! `ephemint services`, with and without a service that runs.

use ephemint_sim::{Settings, Simulator};
use ephemint_test_support::run::{self as whole_run, Kind};
use ephemint_test_support::{Answer, ServiceProcess, StoreKind, TestDatabase, send, settings};
use serde_json::json;

use crate::cli::{PROGRAM, run, stderr, stdout};

async fn mint(process: &ServiceProcess, secret: &str) -> Answer {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/v1/service/users/ana/client_secrets", process.base());
    send(http.post(url).bearer_auth(secret).json(&json!({ "role": "king" }))).await
}

/// The commands do what the API does, on a database that a server has open.
async fn administer_beside_a_service(kind: StoreKind) {
    let database = TestDatabase::create(kind).await;
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    let process = ServiceProcess::start(PROGRAM, &settings(&simulator, &database));
    let (name, place) = database.setting();
    let services = |arguments: &[&str]| {
        let output = run(&[&["services"], arguments].concat(), &[(name, &place)]);
        assert!(output.status.success(), "{}", stderr(&output));
        let said = stdout(&output).trim().to_owned();
        if said.starts_with("eph_svc_") {
            whole_run::secret(Kind::ServiceSecret, &said);
            assert!(!stderr(&output).contains(&said), "a secret is told once");
        }
        said
    };
    let first = services(&["add", "tutor", "--scopes", "mint,keys:read", "--providers", "openai,exa"]);
    assert_eq!((first.len(), first.lines().count()), (72, 1), "the secret and nothing else");
    assert_eq!(mint(&process, &first).await.code(), "role_not_allowed");
    let second = services(&["rotate", "tutor", "--grace", "3600"]);
    assert_eq!(mint(&process, &first).await.status, 403);
    assert_eq!(mint(&process, &second).await.status, 403);
    let list = services(&["list"]);
    assert!(list.contains("keys:read,mint") && list.contains("exa,openai"), "{list}");
    assert!(!list.contains("eph_svc_"));
    assert_eq!(services(&["revoke", "tutor"]), "revoked tutor");
    for secret in [&first, &second] {
        assert_eq!(mint(&process, secret).await.status, 401);
    }
    let trail = "SELECT actor || ' ' || action FROM audit WHERE actor = 'command' ORDER BY id";
    let expected = ["command add_service", "command rotate_service", "command revoke_service"];
    assert_eq!(database.texts(trail).await, expected);
    let (status, output) = process.stop();
    assert!(status.success() && !output.contains("eph_svc_"), "{output}");
    simulator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_are_administered_beside_a_service_on_sqlite() {
    administer_beside_a_service(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_are_administered_beside_a_service_on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        administer_beside_a_service(StoreKind::Postgres).await;
    }
}

#[tokio::test]
async fn a_first_credential_needs_no_service_yet() {
    let database = TestDatabase::create(StoreKind::Sqlite).await;
    let (name, place) = database.setting();
    let output = run(&["services", "add", "tutor", "--scopes", "mint"], &[(name, &place)]);
    assert!(output.status.success(), "{}", stderr(&output));
    whole_run::secret(Kind::ServiceSecret, stdout(&output).trim());
    assert_eq!(database.texts("SELECT name FROM service_credentials").await, ["tutor"]);
}

#[tokio::test]
async fn mistakes_are_told_with_their_mend() {
    let database = TestDatabase::create(StoreKind::Sqlite).await;
    let (name, place) = database.setting();
    for (arguments, says) in [
        (&["add", "Tutor", "--scopes", "mint"][..], "a letter first"),
        (&["add", "tutor"], "--scopes"),
        (&["add", "tutor", "--scopes", "write"], "keys:read or mint"),
        (&["add", "tutor", "--scopes", "keys:read"], "providers"),
        (&["add", "tutor", "--scopes", "keys:read", "--providers", "opennai"], "openai"),
        (&["rotate", "tutor", "--grace", "604801"], "604800"),
        (&["rotate", "tutor"], "no service `tutor`"),
        (&["revoke", "tutor"], "no service `tutor`"),
    ] {
        let output = run(&[&["services"], arguments].concat(), &[(name, &place)]);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(stderr(&output).contains(says), "{arguments:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "");
    }
}
