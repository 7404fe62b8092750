//! `deploy/systemd/ephemint.service`.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Setting;
use crate::compare::expect_same;
use crate::repository;

const PATH: &str = "deploy/systemd/ephemint.service";

/// The values of a key, in order.
fn values(key: &str) -> Vec<String> {
    let text = repository::read(PATH);
    let pairs = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    pairs.filter(|(given, _)| *given == key).map(|(_, value)| value.to_owned()).collect()
}

pub(super) fn settings() -> Vec<Setting> {
    let lines = values("Environment");
    let pairs =
        lines.iter().flat_map(|line| line.split(' ')).map(|pair| pair.split_once('=').expect("NAME=value"));
    pairs.map(|(name, value)| Setting { place: PATH, name: name.into(), value: value.into() }).collect()
}

pub(super) fn stops_in() -> (&'static str, Duration) {
    (PATH, Duration::from_secs(values("TimeoutStopSec")[0].parse().expect("seconds")))
}

#[test]
fn each_credential_that_is_read_is_loaded() {
    let settings = settings();
    let read: BTreeSet<_> =
        settings.iter().filter_map(|setting| setting.value.strip_prefix("%d/")).map(str::to_owned).collect();
    let lines = values("LoadCredential");
    let loaded: BTreeSet<_> = lines.iter().map(|line| line.split(':').next().unwrap().to_owned()).collect();
    expect_same(("Environment", &read), ("LoadCredential", &loaded), &format!("{PATH}: load what is read:"));
    let guide = repository::read("deploy/README.md");
    for line in &lines {
        let file = line.split(':').nth(1).unwrap();
        assert!(guide.contains(file), "deploy/README.md: say what {file} is");
    }
}

#[test]
fn the_embedded_store_is_where_the_service_may_write() {
    let directory = format!("%S/{}", values("StateDirectory")[0]);
    assert!(
        settings().iter().any(|setting| setting.name == "DATA_DIR" && setting.value == directory),
        "{PATH}"
    );
}
