//! What is stored, as whoever has the database sees it; and the keys that seal it.

use std::path::Path;

use ephemint::config::{Environment, Sealing, read_one};
use ephemint_sim::Standing;
use ephemint_test_support::{Person, Setup, StoreKind, TestApp, on_both_stores};
use serde_json::json;

use super::{POLICY, SEALING, accounts, key, put, setup, state};

const SECOND: &str = "second:3a0e5d3b6c6d9f5b4a0a2c1e8f7d6b5c49382716f5e4d3c2b1a0998877665544";

/// Bytes are looked for in everything that the store has on the disk, and in a copy made by the database itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_key_is_readable_in_the_file_or_a_copy_of_it() {
    let app = TestApp::start(StoreKind::Sqlite, setup()).await;
    let (ana, own) = (Person::new("ana"), key(&app, "ana", Standing::Good));
    assert_eq!(put(&app, &ana, "openai", json!({ "key": own })).await.status, 200);
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    let directory = app.database.directory().unwrap().to_owned();
    let copy = directory.join("copy.db");
    app.database.execute(&format!("VACUUM INTO '{}'", copy.display())).await;
    let look = |directory: &Path| {
        for file in std::fs::read_dir(directory).unwrap() {
            let path = file.unwrap().path();
            // SQLite takes its log away when it needs it no more.
            let Ok(bytes) = std::fs::read(&path) else { continue };
            for piece in [own.as_bytes(), &own.as_bytes()[8..24]] {
                let found = bytes.windows(piece.len()).any(|window| window == piece);
                assert!(!found, "{}", path.display());
            }
        }
    };
    look(&directory);
    assert!(
        std::fs::read(&copy).unwrap().windows(5).any(|window| window == b"first"),
        "it is the whole of it"
    );
    let database = app.stop_and_keep().await;
    look(&directory);
    drop(database);
}

on_both_stores!(a_row_that_no_key_opens_is_entered_again, setup(), lose_the_sealing_key);

async fn lose_the_sealing_key(app: &TestApp) {
    let ana = Person::new("ana");
    super::with_key(app, &ana, "ana").await;
    // As if it had been sealed under a key that was taken away: the id is the first of what is stored.
    let renamed = match app.database.directory() {
        Some(_) => {
            "UPDATE provider_keys SET sealed = CAST(x'01056f74686572' || substr(sealed, 8) AS BLOB), version = randomblob(16)"
        }
        None => {
            "UPDATE provider_keys SET sealed = '\\x01056f74686572'::bytea || substr(sealed, 8), version = gen_random_uuid()"
        }
    };
    app.database.execute(renamed).await;
    assert_eq!(state(app, &ana).await, "unreadable");
    for _ in 0..2 {
        assert_eq!(app.mint(&ana, json!({})).await.code(), "provider_key_unreadable");
    }
    assert_eq!(accounts(app), [""; 0], "the operator's key is not taken in its place");
    super::with_key(app, &ana, "ana").await;
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
}

#[test]
fn mistakes_in_sealing_keys_are_told_and_never_quoted() {
    let digits = SEALING.split_once(':').unwrap().1;
    let read = |settings: &[(&str, String)]| {
        let environment: Environment = settings.iter().cloned().collect();
        read_one(&environment, Sealing::read)
    };
    let twice = format!("{SEALING},{}", SECOND.replace("second", "first"));
    for (name, value, problem) in [
        ("ENCRYPTION_KEYS", digits.to_owned(), "key 1 has no id"),
        ("ENCRYPTION_KEYS", format!("{SEALING},"), "key 2 has no id"),
        ("ENCRYPTION_KEYS", format!("{SEALING},x:{}", &digits[1..]), "key 2 is not 64 hexadecimal digits"),
        ("ENCRYPTION_KEYS", format!("{digits}:{digits}"), "key 1 has an id that is not"),
        ("ENCRYPTION_KEYS", twice, "two keys have the id `first`"),
        ("ENCRYPTION_KEYS", format!("x:{}", "0".repeat(64)), "key 1 is not random"),
        ("ENCRYPTION_KEYS", "change-me:to-a-key".to_owned(), "example value"),
        ("ENCRYPTION_KEY", SEALING.to_owned(), "not 64 hexadecimal digits"),
        ("ENCRYPTION_KEY", "ab".repeat(32), "is not random"),
    ] {
        let mistakes = read(&[(name, value.clone())]).unwrap_err();
        assert_eq!((mistakes.len(), mistakes[0].at.as_str()), (1, name), "{value}");
        let told = mistakes[0].to_string();
        assert!(told.contains(problem), "{told}");
        assert!(!told.contains(&digits[..16]), "{told}");
    }
    let both = read(&[("ENCRYPTION_KEYS", SEALING.to_owned()), ("ENCRYPTION_KEY", digits.to_owned())]);
    assert!(both.unwrap_err()[0].problem.contains("ENCRYPTION_KEYS is set as well"));
    for good in [
        vec![("ENCRYPTION_KEYS", format!("{SECOND}, {SEALING}"))],
        vec![("ENCRYPTION_KEY", digits.to_owned())],
    ] {
        assert!(read(&good).unwrap().vault.is_some());
    }
    assert!(read(&[]).unwrap().vault.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mints_go_on_with_keys_that_were_seen_while_the_store_is_away() {
    let setup =
        Setup::policy(POLICY).set("ENCRYPTION_KEYS", SEALING).set("RATE_LIMIT_ON_STORE_ERROR", "allow");
    let app = TestApp::start(StoreKind::Sqlite, setup).await;
    let ana = Person::new("ana").as_role("alone");
    super::with_key(&app, &ana, "ana").await;
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    app.database.execute("ALTER TABLE mints RENAME TO mints_away").await;
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    assert_eq!(app.mint(&Person::new("bea").as_role("alone"), json!({})).await.code(), "no_provider_key");
    assert_eq!(accounts(&app), ["ana", "ana"]);
    app.database.execute("ALTER TABLE mints_away RENAME TO mints").await;
    app.expect_texts("SELECT key_source FROM mints", &["user", "user"]).await;
    app.stop().await;
}
