//! Floor 1: what is counted for operators, in the text form of Prometheus.
//!
//! Labels come from fixed lists, from the settings or from the policy in force, never from a request: the number of series
//! is known beforehand. What a mint counts is resolved beforehand too: three histograms and one counter took 46 ns together, 127
//! where two threads counted at once, of the 40 µs of a mint.

mod mints;
mod process;
mod register;
mod state;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use self::mints::MintCounts;
pub use self::mints::{MintEnd, MintSeries};
use self::process::Process;
use crate::kernel::code::Code;
use crate::kernel::key_source::KeySource;

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

/// How an attempt to deliver an alert ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The webhook took it.
    Delivered,
    /// It did not; there is another attempt.
    Failed,
    /// It did not, and that was the last attempt.
    GivenUp,
}

impl Delivery {
    const ALL: [Self; 3] = [Self::Delivered, Self::Failed, Self::GivenUp];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::GivenUp => "given_up",
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
    tokens: Family<Label, Counter>,
    /// The same, by the place of whose key paid.
    tokens_by_payer: [Counter; KeySource::ALL.len()],
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
    alerts: Family<Label, Counter>,
    alert_deliveries: Family<Label, Counter>,
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
        let tokens = Family::<Label, Counter>::default();
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
            tokens_by_payer: KeySource::ALL
                .map(|payer| tokens.get_or_create_owned(&[("key_source", payer.as_str())])),
            tokens,
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
            alerts: Family::default(),
            alert_deliveries: Family::default(),
        };
        for reload in Reload::ALL {
            drop(metrics.policy_reloads.get_or_create(&[("result", reload.as_str())]));
        }
        for delivery in Delivery::ALL {
            drop(metrics.alert_deliveries.get_or_create(&[("result", delivery.as_str())]));
        }
        metrics.register(version);
        metrics
    }

    /// A mint was granted without the store.
    pub fn degraded_mint(&self) {
        self.degraded_mints.inc();
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

    /// A token was handed out, for which this one's key pays.
    pub fn token_paid_by(&self, payer: KeySource) {
        if let Some(counter) = self.tokens_by_payer.get(payer as usize) {
            counter.inc();
        }
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

    /// There are alerts of this kind, which is from a fixed list: a series that is not there yet can't be told from one that is
    /// not scraped.
    pub fn alert_kind(&self, kind: &'static str) {
        drop(self.alerts.get_or_create(&[("kind", kind)]));
    }

    /// An alert of this kind, which is from a fixed list, was raised by this process.
    pub fn alert_raised(&self, kind: &'static str) {
        self.alerts.get_or_create(&[("kind", kind)]).inc();
    }

    /// An attempt to deliver an alert ended.
    pub fn alert_delivery(&self, delivery: Delivery) {
        self.alert_deliveries.get_or_create(&[("result", delivery.as_str())]).inc();
    }

    /// Everything, as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String can't fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
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
