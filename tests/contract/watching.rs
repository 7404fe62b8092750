//! What watches the service: the metrics, their table in docs/operations.md, the dashboard and the alerts. Whether Prometheus
//! understands them, it says itself: `scripts/check-metrics`.

use std::collections::BTreeSet;
use std::time::Duration;

use ephemint::metrics::{Metrics, MintEnd, Reload};
use saphyr::{LoadableYamlNode, Yaml};
use serde_json::Value;

use crate::compare::{expect_none, expect_same};
use crate::{openapi, repository};

const GUIDE: &str = "docs/operations.md";
const ALERTS: &str = "deploy/prometheus/alerts.yml";
const CASES: &str = "deploy/prometheus/alerts_test.yml";
const DASHBOARD: &str = "deploy/grafana/ephemint.json";

/// What is served, each family with its type, once everything has happened.
fn families() -> Vec<(String, String)> {
    let metrics = Metrics::new("0");
    metrics.started(chrono::DateTime::from_timestamp(1, 0).unwrap());
    metrics.policy_in_force("v", [("role", "model")]);
    metrics.mint(None, MintEnd::Issued, Duration::ZERO);
    metrics.policy_reload(Reload::Refused);
    metrics.burst_keys("user", 1);
    metrics.alert_raised("cost");
    metrics.store_waiting("hot", 0);
    metrics.store_connections("hot", 1, 1, 4);
    metrics.key_set_usable("issuer", true);
    metrics.key_set_age("issuer", Duration::ZERO, Duration::ZERO);
    let text = metrics.text();
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    types.map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect()
}

/// The names that queries know them by, without what histograms add.
fn series() -> BTreeSet<String> {
    let name = |(name, kind): (String, String)| match kind.as_str() {
        "counter" => format!("{name}_total"),
        "info" => format!("{name}_info"),
        _ => name,
    };
    families().into_iter().map(name).collect()
}

/// The names of ours that a text has.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let ours = words.filter(|word| word.starts_with("ephemint_") || word.starts_with("process_"));
    ours.map(str::to_owned).collect()
}

/// The same in queries, of which those of a histogram's parts are put down to the histogram.
fn asked(text: &str) -> BTreeSet<String> {
    let known = series();
    let whole = |name: &str| {
        let bare = ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part));
        bare.filter(|bare| known.contains(*bare)).unwrap_or(name).to_owned()
    };
    named(text).iter().map(|name| whole(name)).collect()
}

fn rules() -> Vec<Value> {
    let documents = Yaml::load_from_str(&repository::read(ALERTS)).unwrap();
    let document = openapi::json(&documents[0]);
    document["groups"][0]["rules"].as_array().unwrap().clone()
}

fn alerts() -> BTreeSet<String> {
    rules().iter().map(|rule| rule["alert"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_series_is_explained() {
    let guide = repository::read(GUIDE);
    let section = guide.split("## Metrics\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let told: BTreeSet<String> = cells.flat_map(named).collect();
    let mend = format!("write each series into the table of {GUIDE}, and nothing else:");
    expect_same(("src/metrics", &series()), (GUIDE, &told), &mend);
}

#[test]
fn the_dashboard_shows_every_series_and_alerts_ask_for_none_that_is_not_there() {
    let mend = format!("show each series of src/metrics on {DASHBOARD}, and no other:");
    expect_same(("src/metrics", &series()), (DASHBOARD, &asked(&repository::read(DASHBOARD))), &mend);
    let queries: String = rules().iter().map(|rule| format!("{} ", rule["expr"])).collect();
    let unknown: Vec<_> = asked(&queries).difference(&series()).cloned().collect();
    expect_none(&unknown, "an alert asks for what nobody counts:");
}

#[test]
fn every_alert_says_what_it_means_where_it_is_explained_and_when_it_is_raised() {
    let (guide, cases) = (repository::read(GUIDE), repository::read(CASES));
    let mut wrong = Vec::new();
    for rule in rules() {
        let name = rule["alert"].as_str().unwrap();
        let annotation = |key: &str| rule["annotations"][key].as_str().unwrap_or_default().to_owned();
        let link = format!(" See {GUIDE}#{}.", name.to_lowercase());
        let runbook = annotation("runbook");
        let checks = [
            (annotation("summary").len() > 10, "has no summary"),
            (
                runbook.ends_with(&link) && runbook.len() > link.len() + 20,
                "has no runbook that links to the guide",
            ),
            (
                ["critical", "warning"].contains(&rule["labels"]["severity"].as_str().unwrap_or_default()),
                "has no severity",
            ),
            (cases.contains(&format!("alertname=\"{name}\"")), "is raised in no case of alerts_test.yml"),
        ];
        wrong.extend(checks.iter().filter(|(good, _)| !good).map(|(_, what)| format!("{name} {what}")));
    }
    expect_none(&wrong, &format!("mend {ALERTS}:"));
    let section = guide.split("## When an alert comes\n").nth(1).unwrap();
    let explained = section.lines().filter_map(|line| line.strip_prefix("### ")).map(str::to_owned).collect();
    let mend = format!("explain each alert under a heading of its own in {GUIDE}, and no other:");
    expect_same((ALERTS, &alerts()), (GUIDE, &explained), &mend);
}

#[test]
fn labels_are_few_and_have_no_users_in_them() {
    let known = [
        "code",
        "issuer",
        "key_source",
        "kind",
        "lane",
        "model",
        "outcome",
        "result",
        "role",
        "state",
        "version",
    ];
    let guide = repository::read(GUIDE);
    let labels = guide
        .lines()
        .filter_map(|line| line.strip_prefix("| `ephemint_")?.split('`').next()?.split_once('{'));
    let labels: BTreeSet<&str> = labels.flat_map(|(_, list)| list.trim_end_matches('}').split(',')).collect();
    assert_eq!(labels.into_iter().collect::<Vec<_>>(), known);
}
