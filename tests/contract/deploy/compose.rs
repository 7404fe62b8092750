//! `deploy/compose.yaml`.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::{Setting, texts, yaml};
use crate::compare::expect_same;
use crate::openapi::members;
use crate::repository;

const PATH: &str = "deploy/compose.yaml";

fn document() -> Value {
    yaml(PATH).remove(0)
}

fn service() -> Value {
    document()["services"]["ephemint"].take()
}

pub(super) fn settings() -> Vec<Setting> {
    let service = service();
    let text =
        |value: &Value| value.as_str().unwrap_or_else(|| panic!("{PATH}: {value} is no text")).to_owned();
    let setting =
        |(name, value): (&String, &Value)| Setting { place: PATH, name: name.clone(), value: text(value) };
    members(&service["environment"]).map(setting).collect()
}

pub(super) fn stops_in() -> (&'static str, Duration) {
    let service = service();
    let seconds = service["stop_grace_period"].as_str().and_then(|text| text.strip_suffix('s'));
    (PATH, Duration::from_secs(seconds.expect("stop_grace_period in seconds").parse().unwrap()))
}

pub(super) fn images() -> Vec<(&'static str, String)> {
    let document = document();
    members(&document["services"])
        .map(|(_, service)| (PATH, service["image"].as_str().unwrap().to_owned()))
        .collect()
}

pub(super) fn port() -> u16 {
    let service = service();
    texts(&service["ports"])[0].rsplit(':').next().unwrap().parse().unwrap()
}

/// Whose `/data` is.
pub(super) fn data_user() -> String {
    let service = service();
    let data = *texts(&service["tmpfs"]).iter().find(|mount| mount.starts_with("/data:")).expect("no /data");
    let (_, after) = data.split_once("uid=").expect("no uid");
    after.split(',').next().unwrap().to_owned()
}

#[test]
fn each_container_can_do_as_little_as_may_be() {
    for (name, service) in members(&document()["services"]) {
        assert_eq!(service["read_only"], true, "{PATH}: {name}");
        assert_eq!(texts(&service["cap_drop"]), ["ALL"], "{PATH}: {name}");
        assert_eq!(texts(&service["security_opt"]), ["no-new-privileges:true"], "{PATH}: {name}");
    }
    let database = &document()["services"]["postgres"];
    assert!(database["ports"].is_null(), "{PATH}: the database is nobody's but the service's");
    assert_eq!(document()["services"]["ephemint"]["depends_on"]["postgres"]["condition"], "service_healthy");
    assert!(!database["healthcheck"]["test"].is_null(), "{PATH}: nobody knows when the database is there");
}

#[test]
fn each_secret_that_is_read_is_given() {
    let document = document();
    let mut read = BTreeSet::new();
    for (name, service) in members(&document["services"]) {
        let values = members(&service["environment"]).filter_map(|(_, value)| value.as_str());
        let files: BTreeSet<_> = values.filter_map(|value| value.strip_prefix("/run/secrets/")).collect();
        let given: BTreeSet<_> = texts(&service["secrets"]).into_iter().collect();
        expect_same(
            ("environment", &files),
            ("secrets", &given),
            &format!("{PATH}: {name}: give what is read:"),
        );
        read.extend(files.into_iter().map(str::to_owned));
    }
    let declared: BTreeSet<_> = members(&document["secrets"]).map(|(name, _)| name.clone()).collect();
    expect_same(
        ("services", &read),
        ("secrets", &declared),
        "declare what services read, in deploy/compose.yaml:",
    );
    let (guide, ignored) = (repository::read("deploy/README.md"), repository::read(".gitignore"));
    for (name, secret) in members(&document["secrets"]) {
        let file = secret["file"].as_str().unwrap();
        assert!(guide.contains(file), "deploy/README.md: say how to write {file}");
        assert_eq!(file, format!("secrets/{name}"), "{PATH}");
    }
    assert!(ignored.lines().any(|line| line == "/deploy/secrets"), ".gitignore: /deploy/secrets");
}
