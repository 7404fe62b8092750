//! Floor 1: what is counted for operators, in the text form of Prometheus.
//!
//! Labels come from fixed lists, from the settings or from the policy in force, never from a request: the number of series
//! is known beforehand. What a mint counts is resolved beforehand too: three histograms (a lock and a walk over their
//! buckets each) and one counter come to some 100 ns of it.

mod mints;
mod process;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use self::mints::{MintCounts, Shown};
pub use self::mints::{MintEnd, MintSeries};
use self::process::Process;
use crate::kernel::code::Code;

/// The media type of [`Metrics::text`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// One label with a value from a fixed list.
type Label = [(&'static str, &'static str); 1];

/// Two of those.
type Labels = [(&'static str, &'static str); 2];

/// A label whose value is made at run time, of which there are few: a policy's version, an issuer.
type MadeLabel = [(&'static str, String); 1];

/// The bounds of latencies, in seconds: from a mint that waits for nothing to the longest that a provider is waited for.
const SECONDS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// The bounds of how many mints go to the store at once.
const BATCHES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// How an attempt to load a changed policy file ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reload {
    /// The new policy is in force.
    Loaded,
    /// It has mistakes; the old one stays.
    Refused,
}

impl Reload {
    const ALL: [Self; 2] = [Self::Loaded, Self::Refused];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::Refused => "refused",
        }
    }
}

/// All that is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    process: Arc<Process>,
    store_up: Gauge,
    lane_waiting: Family<Label, Gauge>,
    connections: Family<Labels, Gauge>,
    most_connections: Family<Label, Gauge>,
    degraded_mints: Counter,
    unentered_mints: Gauge,
    mints: Arc<MintCounts>,
    durations: Family<Label, Histogram, fn() -> Histogram>,
    issued: Histogram,
    refused: Histogram,
    failed: Histogram,
    store: Histogram,
    upstream: Histogram,
    batches: Histogram,
    refusals: Family<Label, Counter>,
    /// The same, by the code's place.
    refusals_by_code: [Counter; Code::ALL.len()],
    burst_keys: Family<Label, Gauge>,
    policy_version: Family<MadeLabel, Gauge>,
    policy_reloads: Family<Label, Counter>,
    policy_refused: Gauge,
    key_set_age: Family<MadeLabel, Seconds>,
    key_set_fresh_for: Family<MadeLabel, Seconds>,
    key_set_usable: Family<MadeLabel, Gauge>,
}

/// A gauge of a time.
type Seconds = Gauge<f64, AtomicU64>;

fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

impl Metrics {
    /// Counters that stand at zero, of the service of this version.
    pub fn new(version: &str) -> Self {
        let durations = Family::<Label, Histogram, _>::new_with_constructor(seconds as fn() -> Histogram);
        let ended = |result| durations.get_or_create_owned(&[("result", result)]);
        let refusals = Family::<Label, Counter>::default();
        let mut metrics = Self {
            registry: Registry::default(),
            process: Arc::default(),
            store_up: Gauge::default(),
            lane_waiting: Family::default(),
            connections: Family::default(),
            most_connections: Family::default(),
            degraded_mints: Counter::default(),
            unentered_mints: Gauge::default(),
            mints: Arc::new(MintCounts::new()),
            issued: ended("issued"),
            refused: ended("refused"),
            failed: ended("failed"),
            durations,
            store: seconds(),
            upstream: seconds(),
            batches: Histogram::new(BATCHES),
            // A series that is not there yet can't be told from one that is not scraped.
            refusals_by_code: Code::ALL.map(|code| refusals.get_or_create_owned(&[("code", code.as_str())])),
            refusals,
            burst_keys: Family::default(),
            policy_version: Family::default(),
            policy_reloads: Family::default(),
            policy_refused: Gauge::default(),
            key_set_age: Family::default(),
            key_set_fresh_for: Family::default(),
            key_set_usable: Family::default(),
        };
        for reload in Reload::ALL {
            drop(metrics.policy_reloads.get_or_create(&[("result", reload.as_str())]));
        }
        metrics.register(version);
        metrics
    }

    fn register(&mut self, version: &str) {
        self.registry.register_collector(Box::new(self.process.clone()));
        let mut registry = std::mem::take(&mut self.registry);
        let own = registry.sub_registry_with_prefix("ephemint");
        own.register("build", "The version that runs", Info::new([("version", version.to_owned())]));
        self.register_mints(own);
        self.register_store(own);
        self.register_policy(own);
        let help = "Addresses and users whose bursts are kept in memory";
        own.register("burst_keys", help, self.burst_keys.clone());
        self.registry = registry;
    }

    fn register_mints(&self, registry: &mut Registry) {
        registry.register_collector(Box::new(Shown(self.mints.clone())));
        let help = "From the order to the answer of a mint, by result: issued, refused or failed";
        registry.register_with_unit("mint_duration", help, Unit::Seconds, self.durations.clone());
        let help = "What a mint waited for the store, its turn included";
        registry.register_with_unit("mint_store_duration", help, Unit::Seconds, self.store.clone());
        let help = "What a mint waited for the provider";
        registry.register_with_unit("mint_upstream_duration", help, Unit::Seconds, self.upstream.clone());
        registry.register("refusals", "Requests answered with an error, by its code", self.refusals.clone());
    }

    fn register_store(&self, registry: &mut Registry) {
        let help = "Whether the store answered when it was last asked";
        registry.register("store_up", help, self.store_up.clone());
        let help = "Mints in one round trip to the store";
        registry.register("store_batch_mints", help, self.batches.clone());
        let help = "Statements that wait for their turn, by the way that they take to the database";
        registry.register("store_waiting", help, self.lane_waiting.clone());
        let help = "Connections to the database that are open, by what they do";
        registry.register("store_connections", help, self.connections.clone());
        let help = "Connections to the database that may be open";
        registry.register("store_connections_max", help, self.most_connections.clone());
        let help = "Mints that were granted by this process's own memory because the store failed";
        registry.register("store_degraded_mints", help, self.degraded_mints.clone());
        let help = "Mints granted without the store that wait to be entered in the ledger";
        registry.register("store_unentered_mints", help, self.unentered_mints.clone());
    }

    fn register_policy(&self, registry: &mut Registry) {
        let help = "The policy in force, by a digest of its text";
        registry.register("policy_version", help, self.policy_version.clone());
        let help = "Attempts to load a changed policy, by result";
        registry.register("policy_reloads", help, self.policy_reloads.clone());
        let help = "Whether the policy file as it stands was refused, so that an older one is in force";
        registry.register("policy_refused", help, self.policy_refused.clone());
        let help = "How old an issuer's key set is";
        registry.register_with_unit("key_set_age", help, Unit::Seconds, self.key_set_age.clone());
        let help = "How long an issuer's key set is good, by its issuer; after that it is fetched again";
        registry.register_with_unit("key_set_fresh_for", help, Unit::Seconds, self.key_set_fresh_for.clone());
        let help = "Whether there is a key set to check an issuer's tokens by";
        registry.register("key_set_usable", help, self.key_set_usable.clone());
    }

    /// When the process started.
    pub fn started(&self, at: DateTime<Utc>) {
        self.process.started_at.store(u64::try_from(at.timestamp()).unwrap_or_default(), Ordering::Relaxed);
    }

    /// Whether the store answered.
    pub fn store_answered(&self, answered: bool) {
        self.store_up.set(i64::from(answered));
    }

    /// A mint was granted without the store.
    pub fn degraded_mint(&self) {
        self.degraded_mints.inc();
    }

    /// So many mints wait to be entered in the ledger.
    pub fn unentered_mints(&self, count: usize) {
        self.unentered_mints.set(whole(count));
    }

    /// The counters of a role and model, to be asked for once and counted with often. Names that are not of the policy in
    /// force are counted as `other`.
    pub fn mint_series(&self, role: &str, model: Option<&str>) -> Arc<MintSeries> {
        self.mints.of(role, model)
    }

    /// A mint ended, so long after it was asked for; `series` where its role is known.
    pub fn mint(&self, series: Option<&MintSeries>, end: MintEnd, took: Duration) {
        self.mints.count(series, end);
        let durations = match end {
            MintEnd::Issued => &self.issued,
            MintEnd::Refused(_) => &self.refused,
            MintEnd::Failed(_) => &self.failed,
        };
        durations.observe(took.as_secs_f64());
    }

    /// A mint waited so long for the store.
    pub fn waited_for_store(&self, took: Duration) {
        self.store.observe(took.as_secs_f64());
    }

    /// A mint waited so long for the provider.
    pub fn waited_for_provider(&self, took: Duration) {
        self.upstream.observe(took.as_secs_f64());
    }

    /// So many mints went to the store at once.
    pub fn batch(&self, mints: usize) {
        self.batches.observe(mints as f64);
    }

    /// A request was answered with an error.
    pub fn refusal(&self, code: Code) {
        if let Some(counter) = self.refusals_by_code.get(code as usize) {
            counter.inc();
        }
    }

    /// So many statements wait for their turn on this way to the database; its name is from a fixed list.
    pub fn store_waiting(&self, lane: &'static str, count: usize) {
        self.lane_waiting.get_or_create(&[("lane", lane)]).set(whole(count));
    }

    /// Of this way's connections so many are open, so many of those do nothing, and so many may be open.
    pub fn store_connections(&self, lane: &'static str, open: usize, idle: usize, most: usize) {
        let lane = ("lane", lane);
        for (state, count) in [("busy", open.saturating_sub(idle)), ("idle", idle)] {
            self.connections.get_or_create(&[lane, ("state", state)]).set(whole(count));
        }
        self.most_connections.get_or_create(&[lane]).set(whole(most));
    }

    /// Whether there is a key set to check this issuer's tokens by.
    pub fn key_set_usable(&self, issuer: &str, usable: bool) {
        self.key_set_usable.get_or_create(&[("issuer", issuer.to_owned())]).set(i64::from(usable));
    }

    /// How old this issuer's key set is, and how long it is good by its issuer.
    pub fn key_set_age(&self, issuer: &str, age: Duration, fresh_for: Duration) {
        let label = [("issuer", issuer.to_owned())];
        self.key_set_age.get_or_create(&label).set(age.as_secs_f64());
        self.key_set_fresh_for.get_or_create(&label).set(fresh_for.as_secs_f64());
    }

    /// So many bursts of this kind are kept in memory; `kind` is from a fixed list.
    pub fn burst_keys(&self, kind: &'static str, count: usize) {
        self.burst_keys.get_or_create(&[("kind", kind)]).set(whole(count));
    }

    /// The policy of this version is in force, with these roles and their models.
    pub fn policy_in_force<'n>(&self, version: &str, names: impl IntoIterator<Item = (&'n str, &'n str)>) {
        self.policy_version.clear();
        self.policy_version.get_or_create(&[("version", version.to_owned())]).set(1);
        self.mints.put_in_force(names);
    }

    /// A changed policy was looked at.
    pub fn policy_reload(&self, reload: Reload) {
        self.policy_reloads.get_or_create(&[("result", reload.as_str())]).inc();
        self.policy_refused.set(i64::from(reload == Reload::Refused));
    }

    /// Everything, as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String can't fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_series_from_the_start() {
        let text = Metrics::new("1.2.3").text();
        for code in Code::ALL {
            let line = format!("ephemint_refusals_total{{code=\"{}\"}} 0", code.as_str());
            assert!(text.contains(&line), "{line} is missing in {text}");
        }
        assert!(text.contains("ephemint_build_info{version=\"1.2.3\"} 1"), "{text}");
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn one_policy_is_in_force_at_a_time() {
        let metrics = Metrics::new("0");
        metrics.policy_in_force("a", []);
        metrics.policy_in_force("b", []);
        let text = metrics.text();
        assert!(
            text.contains("ephemint_policy_version{version=\"b\"} 1") && !text.contains("\"a\""),
            "{text}"
        );
    }
}
