//! How long the provider took.

use std::collections::BTreeMap;

use super::table::{Cell, Table};
use super::{Group, Query};
use crate::store::reports::LatencyFact;
use crate::store::{Store, StoreError};

/// The columns of a histogram, in milliseconds. Percentiles are upper edges of their buckets.
pub(super) const COLUMNS: [&str; 5] = ["answered", "mean_ms", "p50_up_to_ms", "p95_up_to_ms", "p99_up_to_ms"];

const NOTE: &str =
    "The provider's time. Percentiles are the upper edges of their buckets; null is more than 30 s.";

/// A histogram: how many by the bucket's edge, and the time of all.
#[derive(Debug, Default)]
struct Histogram {
    buckets: BTreeMap<i32, i64>,
    total_ms: i64,
}

impl Histogram {
    fn add(&mut self, fact: &LatencyFact) {
        *self.buckets.entry(fact.up_to_ms).or_default() += fact.count;
        self.total_ms += fact.total_ms;
    }

    fn count(&self) -> i64 {
        self.buckets.values().sum()
    }

    /// The edge of the bucket in which so many hundredths are reached.
    fn percentile(&self, hundredths: i64) -> Cell {
        let count = self.count();
        let mut reached = 0;
        let found = self.buckets.iter().find(|(_, bucket)| {
            reached += **bucket;
            reached * 100 >= count * hundredths
        });
        match found {
            Some((edge, _)) if *edge < i32::MAX => Cell::Count(i64::from(*edge)),
            _ => Cell::Unknown,
        }
    }

    fn cells(&self) -> [Cell; 5] {
        let count = self.count();
        let mean = if count == 0 { Cell::Unknown } else { Cell::Count((self.total_ms + count / 2) / count) };
        let [p50, p95, p99] = [50, 95, 99].map(|hundredths| self.percentile(hundredths));
        [Cell::Count(count), mean, p50, p95, p99]
    }
}

async fn facts(store: &dyn Store, query: &Query) -> Result<Vec<LatencyFact>, StoreError> {
    store.latency_facts(query.window.from, query.window.to, query.which.role.as_deref()).await
}

/// Of the whole window; unknown for one user, whose mints have no histogram.
pub(super) async fn cells(store: &dyn Store, query: &Query) -> Result<[Cell; 5], StoreError> {
    if query.which.user.is_some() {
        return Ok([const { Cell::Unknown }; 5]);
    }
    let mut histogram = Histogram::default();
    facts(store, query).await?.iter().for_each(|fact| histogram.add(fact));
    Ok(histogram.cells())
}

/// A row for each model, role or outcome.
pub(super) async fn report(store: &dyn Store, query: &Query) -> Result<Table, StoreError> {
    let group = query.group_by.unwrap_or(Group::Model);
    let facts = facts(store, query).await?;
    let mut histograms: BTreeMap<&str, Histogram> = BTreeMap::new();
    for fact in &facts {
        let name = match group {
            Group::Role => &fact.role,
            Group::Outcome => &fact.outcome,
            _ => &fact.model,
        };
        histograms.entry(name).or_default().add(fact);
    }
    let rows = histograms.iter().map(|(name, histogram)| {
        let mut row = vec![Cell::Text((*name).to_owned())];
        row.extend(histogram.cells());
        row
    });
    let mut columns = vec![group.as_str()];
    columns.extend(COLUMNS);
    let rows = rows.collect();
    Ok(Table { note: Some(NOTE), ..Table::new(columns, rows) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(buckets: &[(i32, i64)]) -> Histogram {
        Histogram { buckets: buckets.iter().copied().collect(), total_ms: 1000 }
    }

    #[test]
    fn percentiles_are_where_so_many_have_answered() {
        let [count, mean, p50, p95, p99] = histogram(&[(50, 50), (100, 45), (300, 5)]).cells();
        assert_eq!((count, mean), (Cell::Count(100), Cell::Count(10)));
        assert_eq!([p50, p95, p99], [50, 100, 300].map(Cell::Count));
    }

    #[test]
    fn what_nobody_knows_is_not_zero() {
        assert_eq!(histogram(&[]).cells()[1..], [const { Cell::Unknown }; 4]);
        assert_eq!(histogram(&[(i32::MAX, 1)]).percentile(50), Cell::Unknown);
    }
}
