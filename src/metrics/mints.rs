//! Mints by outcome, role and model. Whoever counts holds the counters, so that nothing is looked up for a mint.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;

use crate::kernel::code::Code;

/// Stands for a role or model that is not of the policy in force, or that was not worked out.
const OTHER: &str = "other";

const ISSUED: &str = "issued";

/// Mints that were issued, and one for each code.
const OUTCOMES: usize = 1 + Code::ALL.len();

/// How a mint ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MintEnd {
    /// A token was handed out.
    Issued,
    /// The user was denied.
    Refused(Code),
    /// Something failed.
    Failed(Code),
}

impl MintEnd {
    fn place(self) -> usize {
        match self {
            Self::Issued => 0,
            Self::Refused(code) | Self::Failed(code) => 1 + code as usize,
        }
    }
}

/// The counters of one role and model.
#[derive(Debug)]
pub struct MintSeries {
    by_outcome: [AtomicU64; OUTCOMES],
    /// Whether the policy in force still has the names.
    in_force: AtomicBool,
}

impl MintSeries {
    fn new() -> Arc<Self> {
        let by_outcome = std::array::from_fn(|_| AtomicU64::new(0));
        Arc::new(Self { by_outcome, in_force: AtomicBool::new(true) })
    }
}

type ByRole = BTreeMap<String, BTreeMap<String, Arc<MintSeries>>>;

/// All that are shown: those of the policy in force, and one for whatever is not of it.
#[derive(Debug)]
pub(super) struct MintCounts {
    by_role: RwLock<ByRole>,
    other: Arc<MintSeries>,
}

impl MintCounts {
    pub(super) fn new() -> Self {
        Self { by_role: RwLock::default(), other: MintSeries::new() }
    }

    /// These roles and models are in force from now on. Names that were in force before go on counting where they were.
    pub(super) fn put_in_force<'n>(&self, names: impl IntoIterator<Item = (&'n str, &'n str)>) {
        let mut by_role = self.by_role.write().unwrap_or_else(PoisonError::into_inner);
        let mut before = std::mem::take(&mut *by_role);
        let mut keep = |role: &str, model: &str| {
            let known = before.get_mut(role).and_then(|models| models.remove(model));
            let models = by_role.entry(role.to_owned()).or_default();
            models.entry(model.to_owned()).or_insert_with(|| known.unwrap_or_else(MintSeries::new));
        };
        for (role, model) in names {
            keep(role, model);
            keep(role, OTHER);
        }
        for series in before.values().flat_map(BTreeMap::values) {
            series.in_force.store(false, Ordering::Relaxed);
        }
    }

    /// The counters of these names. For whoever counts often: to be asked for once.
    pub(super) fn of(&self, role: &str, model: Option<&str>) -> Arc<MintSeries> {
        let by_role = self.by_role.read().unwrap_or_else(PoisonError::into_inner);
        let Some(models) = by_role.get(role) else {
            return self.other.clone();
        };
        let found = model.and_then(|model| models.get(model)).or_else(|| models.get(OTHER));
        found.unwrap_or(&self.other).clone()
    }

    /// One more. Two atomic operations, whatever the names are.
    pub(super) fn count(&self, series: Option<&MintSeries>, end: MintEnd) {
        let series = series.filter(|series| series.in_force.load(Ordering::Relaxed));
        if let Some(counter) = series.unwrap_or(&self.other).by_outcome.get(end.place()) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What is registered: a handle to the counts.
#[derive(Debug)]
pub(super) struct Shown(pub(super) Arc<MintCounts>);

impl Collector for Shown {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let help =
            "Mints by outcome (issued, or an error code), and by role and model of the policy in force";
        let mut family = encoder.encode_descriptor("mints", help, None, MetricType::Counter)?;
        let by_role = self.0.by_role.read().unwrap_or_else(PoisonError::into_inner);
        for (role, models) in &*by_role {
            for (model, series) in models {
                encode_series(&mut family, [role, model], series)?;
            }
        }
        encode_series(&mut family, [OTHER, OTHER], &self.0.other)
    }
}

/// What has been counted. Zeros are shown where mints are to be expected, so that the first one is seen as an increase.
fn encode_series(
    family: &mut MetricEncoder<'_>,
    [role, model]: [&str; 2],
    series: &MintSeries,
) -> Result<(), fmt::Error> {
    let outcomes = std::iter::once(ISSUED).chain(Code::ALL.map(Code::as_str));
    for (outcome, counter) in outcomes.zip(&series.by_outcome) {
        let count = counter.load(Ordering::Relaxed);
        if count > 0 || (outcome == ISSUED && model != OTHER) {
            let labels = [("outcome", outcome), ("role", role), ("model", model)];
            let mut metric = family.encode_family(&labels)?;
            metric.encode_counter(&count, None::<&Exemplar<[(&str, &str); 0], u64>>)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;
    use prometheus_client::registry::Registry;

    use super::*;

    fn lines(counts: &Arc<MintCounts>) -> Vec<String> {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Shown(counts.clone())));
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
    }

    fn line(outcome: &str, role: &str, model: &str, count: u64) -> String {
        format!("mints_total{{outcome=\"{outcome}\",role=\"{role}\",model=\"{model}\"}} {count}")
    }

    #[test]
    fn codes_have_the_places_of_their_list() {
        for (place, code) in Code::ALL.into_iter().enumerate() {
            assert_eq!(code as usize, place, "{code:?} stands elsewhere in Code::ALL than in the enum");
        }
    }

    #[test]
    fn each_outcome_is_counted_under_its_names() {
        let counts = Arc::new(MintCounts::new());
        counts.put_in_force([("a", "x"), ("a", "y"), ("b", "x")]);
        let (ax, a) = (counts.of("a", Some("x")), counts.of("a", None));
        for end in [MintEnd::Issued, MintEnd::Issued, MintEnd::Refused(Code::RateLimitExceeded)] {
            counts.count(Some(&ax), end);
        }
        counts.count(Some(&a), MintEnd::Refused(Code::NotAllowed));
        counts.count(None, MintEnd::Failed(Code::ProviderTimeout));
        let expected = [
            line("not_allowed", "a", "other", 1),
            line("issued", "a", "x", 2),
            line("rate_limit_exceeded", "a", "x", 1),
            line("issued", "a", "y", 0),
            line("issued", "b", "x", 0),
            line("provider_timeout", "other", "other", 1),
        ];
        assert_eq!(lines(&counts), expected);
    }

    #[test]
    fn another_policy_goes_on_where_names_stay_and_counts_the_rest_as_other() {
        let counts = Arc::new(MintCounts::new());
        counts.put_in_force([("stays", "x"), ("goes", "x")]);
        let (stays, goes) = (counts.of("stays", Some("x")), counts.of("goes", Some("x")));
        counts.count(Some(&stays), MintEnd::Issued);
        counts.count(Some(&goes), MintEnd::Issued);
        counts.put_in_force([("stays", "x"), ("comes", "z")]);
        counts.count(Some(&stays), MintEnd::Issued);
        counts.count(Some(&goes), MintEnd::Issued);
        counts.count(Some(&counts.of("goes", Some("x"))), MintEnd::Issued);
        let expected = [
            line("issued", "comes", "z", 0),
            line("issued", "stays", "x", 2),
            line("issued", "other", "other", 2),
        ];
        assert_eq!(lines(&counts), expected);
    }
}
