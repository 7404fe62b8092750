//! New sealing keys, while everything goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::DateTime;
use ephemint::kernel::provider_name::ProviderName;
use ephemint::store::{Act, Action, Actor, KeyState, Origin, SealedKey, Store, StoreClock};
use ephemint::vault::{Place, SealingKey, Vault};
use ephemint_sim::Standing;
use ephemint_test_support::{Person, Setup, StoreKind, TestApp, TestDatabase, command};
use serde_json::json;

use super::{POLICY, SEALING, key};
use crate::cli::{PROGRAM, run, stderr, stdout};

const SECOND: &str = "second:3a0e5d3b6c6d9f5b4a0a2c1e8f7d6b5c49382716f5e4d3c2b1a0998877665544";
const THIRD: &str = "third:77d2c1b0a99f8e7d6c5b4a39281706f5e4d3c2b1a0f9e8d7c6b5a49382716054";

const USERS: usize = 900;

/// As many tokens an hour as may be minted while keys rotate, however long that takes.
fn setup(sealing: &str) -> Setup {
    Setup::policy(&POLICY.replace("hourly_tokens = 5", "hourly_tokens = 1000"))
        .set("ENCRYPTION_KEYS", sealing)
}

fn person(n: usize) -> Person {
    Person::new(&format!("user {n}"))
}

/// Keys of many users, under the first sealing key.
async fn seal_many(database: &TestDatabase) {
    let store = database.open(StoreClock::Own).await;
    for n in 0..USERS {
        enter(&*store, &person(n), &format!("sk-user-{n:05}-0123456789-canary")).await;
    }
}

/// A user's key, under the first sealing key, written by nobody's leave.
pub(super) async fn enter(store: &dyn Store, person: &Person, text: &str) {
    let (vault, openai) = (Vault::new(SealingKey::parse(SEALING).unwrap(), Vec::new()), ProviderName::OPENAI);
    let user = Arc::new(person.user());
    let sealed = vault.seal(&Place::provider_key(&user.key, &openai), &text.to_owned().into()).unwrap();
    let key = SealedKey {
        provider: openai,
        sealed: sealed.bytes,
        sealing_key: sealed.key_id.to_string(),
        mask: "sk-…nary".to_owned(),
        state: KeyState::Valid,
    };
    let origin = Origin { actor: Actor::Service, address: None, request_id: None };
    let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
    let act = Act::done(now, origin, Action::PutKey, Some(user.clone()));
    store.put_provider_key(&user.key, &key, &act).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    rotate_beside_mints(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        rotate_beside_mints(StoreKind::Postgres).await;
    }
}

/// Under three keys, killed in the middle and begun again, with mints and new keys all the while.
async fn rotate_beside_mints(kind: StoreKind) {
    let database = TestDatabase::create(kind).await;
    seal_many(&database).await;
    let keys = format!("{SECOND},{THIRD},{SEALING}");
    let place = database.setting();
    let app = TestApp::start_on(database, kind, setup(&keys)).await;
    for n in 0..20 {
        let text = format!("sk-user-{n:05}-0123456789-canary");
        app.simulator.put_account(&format!("account {n}"), &text, Standing::Good);
    }
    // One that no key opens.
    let last = super::in_sql(&app, &person(USERS - 1));
    let cut = match kind {
        StoreKind::Sqlite => "CAST(substr(sealed, 1, 20) AS BLOB)",
        StoreKind::Postgres => "substr(sealed, 1, 20)",
    };
    let broken = format!("UPDATE provider_keys SET sealed = {cut} WHERE user_key = {last}");
    app.database.execute(&broken).await;

    let over = AtomicBool::new(false);
    let minting = async {
        let mut count = 0;
        while !over.load(Ordering::Relaxed) || count < 40 {
            let n = count % 20;
            let answer = app.mint(&person(n), json!({})).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            let account = app.simulator.last_request().unwrap().account.unwrap();
            // Somebody else's key may be looked at in this moment.
            assert!(account == format!("account {n}") || account == "fresh", "{account} for {n}");
            count += 1;
        }
    };
    let rotating = async {
        rotate_and_kill(&app, &[place.clone(), ("ENCRYPTION_KEYS", keys.clone())]).await;
        // Somebody enters a new key meanwhile, which is sealed under the one that seals now.
        let entered = json!({ "key": key(&app, "fresh", Standing::Good) });
        assert_eq!(super::put(&app, &person(21), "openai", entered).await.status, 200);
        let settings = [(place.0, place.1.as_str()), ("ENCRYPTION_KEYS", keys.as_str())];
        let said = tokio::task::block_in_place(|| run(&["keys", "rotate"], &settings));
        assert!(said.status.success(), "{}", stderr(&said));
        assert!(stdout(&said).contains("1 don't open"), "{}", stdout(&said));
        over.store(true, Ordering::Relaxed);
    };
    tokio::join!(minting, rotating);

    let held = "SELECT sealing_key || ' ' || count(*) FROM provider_keys GROUP BY sealing_key ORDER BY 1";
    assert_eq!(app.database.texts(held).await, ["first 1".to_owned(), format!("second {}", USERS - 1)]);
    let settings = [(place.0, place.1.as_str()), ("ENCRYPTION_KEYS", SECOND)];
    let status = tokio::task::block_in_place(|| run(&["keys", "status"], &settings));
    let status = stdout(&status);
    assert!(
        status.contains("not among ENCRYPTION_KEYS") && status.contains("1 of users' keys don't open"),
        "{status}"
    );
    let database = app.stop_and_keep().await;
    mint_without_the_old_key(database, kind).await;
}

/// Starts `keys rotate`, and kills it as soon as it has begun to write.
async fn rotate_and_kill(app: &TestApp, settings: &[(&'static str, String)]) {
    let (mut command, _directory) = command(PROGRAM, &["keys", "rotate"], settings);
    let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    let begun = "SELECT count(*) FROM provider_keys WHERE sealing_key = 'second'";
    while app.database.texts(begun).await == ["0"] && child.try_wait().unwrap().is_none() {
        tokio::task::yield_now().await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The old keys are taken away: everything opens all the same, but for what was broken before.
async fn mint_without_the_old_key(database: TestDatabase, kind: StoreKind) {
    let app = TestApp::start_on(database, kind, setup(SECOND)).await;
    for n in 0..20 {
        let text = format!("sk-user-{n:05}-0123456789-canary");
        app.simulator.put_account(&format!("account {n}"), &text, Standing::Good);
        assert_eq!(app.mint(&person(n), json!({})).await.status, 200);
        assert_eq!(app.simulator.last_request().unwrap().account, Some(format!("account {n}")));
    }
    app.stop().await;
}

#[test]
fn a_fresh_key_is_one_that_the_settings_take() {
    let said = run(&["keys", "new"], &[]);
    assert!(said.status.success(), "{}", stderr(&said));
    let (one, two) = (stdout(&said), stdout(&run(&["keys", "new"], &[])));
    assert_ne!(one, two);
    for fresh in [one, two] {
        assert!(SealingKey::parse(fresh.trim()).is_ok(), "{fresh}");
    }
}

#[test]
fn without_a_sealing_key_there_is_nothing_to_look_after() {
    for what in ["status", "rotate"] {
        let said = run(&["keys", what], &[]);
        assert!(!said.status.success());
        assert!(stderr(&said).contains("ENCRYPTION_KEYS: not set"), "{}", stderr(&said));
    }
}
