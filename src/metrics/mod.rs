//! Floor 1: what is counted for operators, in the text form of Prometheus.
//!
//! Labels come from fixed lists, never from a request: the number of series is known beforehand.

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::kernel::code::Code;

/// The media type of [`Metrics::text`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// One label with a value from a fixed list.
type Label = [(&'static str, &'static str); 1];

/// A label whose value is made at run time; only one of its series exists at a time.
type MadeLabel = [(&'static str, String); 1];

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
    store_up: Gauge,
    degraded_mints: Counter,
    unentered_mints: Gauge,
    mints: Family<Label, Counter>,
    refusals: Family<Label, Counter>,
    burst_keys: Family<Label, Gauge>,
    policy_version: Family<MadeLabel, Gauge>,
    policy_reloads: Family<Label, Counter>,
}

impl Metrics {
    /// Counters that stand at zero, of the service of this version.
    pub fn new(version: &str) -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("ephemint"),
            store_up: Gauge::default(),
            degraded_mints: Counter::default(),
            unentered_mints: Gauge::default(),
            mints: Family::default(),
            refusals: Family::default(),
            burst_keys: Family::default(),
            policy_version: Family::default(),
            policy_reloads: Family::default(),
        };
        metrics.register(version);
        // A series that is not there yet can't be told from one that is not scraped.
        for code in Code::ALL {
            drop(metrics.refusals.get_or_create(&[("code", code.as_str())]));
        }
        for reload in Reload::ALL {
            drop(metrics.policy_reloads.get_or_create(&[("result", reload.as_str())]));
        }
        metrics
    }

    fn register(&mut self, version: &str) {
        let registry = &mut self.registry;
        registry.register("build", "The version that runs", Info::new([("version", version.to_owned())]));
        let help = "Whether the store answered when it was last asked";
        registry.register("store_up", help, self.store_up.clone());
        let help = "Mints that were granted by this process's own memory because the store failed";
        registry.register("store_degraded_mints", help, self.degraded_mints.clone());
        let help = "Mints granted without the store that wait to be entered in the ledger";
        registry.register("store_unentered_mints", help, self.unentered_mints.clone());
        registry.register("mints", "Mints by outcome: issued, or an error code", self.mints.clone());
        registry.register("refusals", "Requests answered with an error, by its code", self.refusals.clone());
        let help = "Addresses and users whose bursts are kept in memory";
        registry.register("burst_keys", help, self.burst_keys.clone());
        let help = "The policy in force, by a digest of its text";
        registry.register("policy_version", help, self.policy_version.clone());
        let help = "Attempts to load a changed policy, by result";
        registry.register("policy_reloads", help, self.policy_reloads.clone());
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
        self.unentered_mints.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// A mint ended; `outcome` is from a fixed list.
    pub fn mint(&self, outcome: &'static str) {
        self.mints.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// A request was answered with an error.
    pub fn refusal(&self, code: Code) {
        self.refusals.get_or_create(&[("code", code.as_str())]).inc();
    }

    /// So many bursts of this kind are kept in memory; `kind` is from a fixed list.
    pub fn burst_keys(&self, kind: &'static str, count: usize) {
        self.burst_keys.get_or_create(&[("kind", kind)]).set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// The policy of this version is in force.
    pub fn policy_version(&self, version: &str) {
        self.policy_version.clear();
        self.policy_version.get_or_create(&[("version", version.to_owned())]).set(1);
    }

    /// A changed policy was looked at.
    pub fn policy_reload(&self, reload: Reload) {
        self.policy_reloads.get_or_create(&[("result", reload.as_str())]).inc();
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
        metrics.policy_version("a");
        metrics.policy_version("b");
        let text = metrics.text();
        assert!(
            text.contains("ephemint_policy_version{version=\"b\"} 1") && !text.contains("\"a\""),
            "{text}"
        );
    }
}
