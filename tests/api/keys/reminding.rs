//! Whether it is time for other keys, as commands say it.

use std::sync::Arc;

use chrono::TimeDelta;
use ephemint::kernel::clock::{Clock, ManualClock, SystemClock};
use ephemint::store::StoreClock;
use ephemint_test_support::{JWT_SECRET, Person, StoreKind, TestDatabase};

use super::SEALING;
use super::rotating::enter;
use crate::cli::{run, stdout};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    remind(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        remind(StoreKind::Postgres).await;
    }
}

/// Ana's key is 91 days old, ben's 8, and cleo's of today.
async fn remind(kind: StoreKind) {
    let database = TestDatabase::create(kind).await;
    let now = SystemClock.now();
    for (name, days) in [("ana", 91), ("ben", 8), ("cleo", 0)] {
        let clock = Arc::new(ManualClock::at(now - TimeDelta::days(days)));
        let store = database.open(StoreClock::Set(clock)).await;
        enter(&*store, &Person::new(name), "sk-user-0123456789-canary").await;
    }
    let place = database.setting();
    let said = |command: &[&str], more: &[(&str, &str)]| {
        let settings = [
            (place.0, place.1.as_str()),
            ("ENCRYPTION_KEYS", SEALING),
            ("JWT_SECRET", JWT_SECRET),
            ("DEPLOY_ENV", "test"),
        ];
        tokio::task::block_in_place(|| stdout(&run(command, &[&settings, more].concat())))
    };
    let (check, status) = (["check", "--json"], ["keys", "status"]);
    for command in [check, status] {
        let text = said(&command, &[]);
        for due in [
            "2 of users' keys were entered more than 7 days ago (PROVIDER_KEY_ROTATION_DAYS)",
            "has sealed for 91 days (KEY_ROTATION_DAYS)",
        ] {
            assert!(text.contains(due), "{due} is missing in {text}");
        }
        assert!(!text.contains("ana") && !text.contains("canary"), "{text}");
        let text = said(&command, &[("PROVIDER_KEY_ROTATION_DAYS", "30"), ("KEY_ROTATION_DAYS", "92")]);
        assert!(text.contains("1 of users' keys were entered more than 30 days"), "{text}");
        assert!(!text.contains("has sealed for"), "{text}");
        let text = said(&command, &[("PROVIDER_KEY_ROTATION_DAYS", "0"), ("KEY_ROTATION_DAYS", "0")]);
        assert!(!text.contains("days ago") && !text.contains("has sealed for"), "{text}");
        assert_eq!(text.contains("no key is due to be replaced"), command == check);
    }
    let offline = said(&["check", "--json", "--offline"], &[]);
    assert_eq!(offline.contains("days ago"), kind == StoreKind::Sqlite, "{offline}");
}
