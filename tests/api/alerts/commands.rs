//! `ephemint alerts`, and what `check` says.

use chrono::TimeDelta;
use ephemint::kernel::ids::AlertId;
use ephemint::store::{Alert, StoreClock, Subject};
use ephemint_test_support::{Receiver, StoreKind, TestDatabase};
use serde_json::Value;

use super::{SECRET, over_both_stores};
use crate::cli::{run, stderr, stdout};

over_both_stores!(alerts_are_listed_beside_a_running_service);

async fn alerts_are_listed_beside_a_running_service(kind: StoreKind) {
    let database = TestDatabase::create(kind).await;
    let store = database.open(StoreClock::Own).await;
    let (name, place) = database.setting();
    let settings = [(name, place.as_str())];
    let empty = run(&["alerts"], &settings);
    assert!(stdout(&empty).contains("No alert was ever raised."), "{}", stderr(&empty));

    let now = chrono::DateTime::from_timestamp(1_795_176_000, 0).unwrap();
    let alert = Alert {
        id: AlertId::new(now),
        rule: "in-a-hurry".to_owned(),
        kind: "rapid_minting",
        subject: Some(Subject { key: vec![7; 32], name: "ana".to_owned() }),
        window_start: now,
        window_end: now + TimeDelta::minutes(10),
        value: 31.0,
        threshold: 30.0,
        summary: "So often.".to_owned(),
        is_to_be_delivered: false,
    };
    assert!(store.raise(&alert).await.unwrap());
    let listed = run(&["alerts"], &settings);
    let text = stdout(&listed);
    let line: Vec<_> = text.lines().nth(1).unwrap().split_whitespace().skip(1).collect();
    assert_eq!(line, ["in-a-hurry", "rapid_minting", "ana", "31", "30", "none"]);
    let json: Value = serde_json::from_str(&stdout(&run(&["alerts", "--json"], &settings))).unwrap();
    let row = &json["alerts"][0];
    assert_eq!((&row["rule"], &row["delivery"]), (&"in-a-hurry".into(), &"none".into()), "{json}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sample_says_what_came_back() {
    let receiver = Receiver::start().await;
    let url = receiver.url();
    let settings = [("ALERT_WEBHOOK_URL", url.as_str()), ("ALERT_WEBHOOK_SECRET", SECRET)];
    let taken = run(&["alerts", "test"], &settings);
    assert!(taken.status.success(), "{}", stderr(&taken));
    assert!(stdout(&taken).contains("took the sample, with status 204"), "{}", stdout(&taken));
    let sample = receiver.received().remove(0);
    assert!(stdout(&taken).contains(&sample.id) && sample.body.contains("This is a sample."));

    receiver.answer(401);
    let refused = run(&["alerts", "test"], &settings);
    assert!(!refused.status.success());
    assert!(stderr(&refused).contains("the webhook answered 401, not 2xx"), "{}", stderr(&refused));
    receiver.stop().await;
    let gone = stderr(&run(&["alerts", "test"], &settings));
    assert!(gone.contains("the webhook gave no answer") && !gone.contains(SECRET), "{gone}");
    let unset = stderr(&run(&["alerts", "test"], &[]));
    assert!(unset.contains("ALERT_WEBHOOK_URL is not set"), "{unset}");
}

#[test]
fn settings_of_the_webhook_are_checked() {
    let (secret, url) =
        (("ALERT_WEBHOOK_SECRET", SECRET), ("ALERT_WEBHOOK_URL", "https://example.com/hook?key=k3y"));
    for (settings, at) in [
        (vec![url], "ALERT_WEBHOOK_SECRET"),
        (vec![secret], "ALERT_WEBHOOK_URL"),
        (vec![secret, ("ALERT_WEBHOOK_URL", "http://example.com/hook")], "ALERT_WEBHOOK_URL"),
        (vec![secret, ("ALERT_WEBHOOK_URL", "https://me:pass@example.com/")], "ALERT_WEBHOOK_URL"),
        (vec![secret, ("ALERT_WEBHOOK_URL", "example.com")], "ALERT_WEBHOOK_URL"),
        (vec![url, ("ALERT_WEBHOOK_SECRET", "whsec_c2hvcnQ=")], "ALERT_WEBHOOK_SECRET"),
        (vec![url, ("ALERT_WEBHOOK_SECRET", "change-me")], "ALERT_WEBHOOK_SECRET"),
    ] {
        let findings = findings(&settings);
        let found = findings.iter().find(|one| one["severity"] == "error" && one["at"] == at);
        assert!(found.is_some_and(|one| one["mend"].is_string()), "{settings:?}: {findings:?}");
        assert!(!findings.iter().any(|one| one.to_string().contains("k3y")), "{findings:?}");
    }
    let none = findings(&[secret, url]);
    assert!(!none.iter().any(|one| one["at"].as_str().unwrap().starts_with("ALERT_")), "{none:?}");
    let idle = none.iter().find(|one| one["check"] == "alerts").unwrap();
    assert_eq!((&idle["severity"], &idle["at"]), (&"warning".into(), &"[[alerts]]".into()));
}

fn findings(settings: &[(&str, &str)]) -> Vec<Value> {
    let output = run(&["check", "--offline", "--json"], settings);
    let said: Value = serde_json::from_str(&stdout(&output)).unwrap();
    said["findings"].as_array().unwrap().clone()
}
