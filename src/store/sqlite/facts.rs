//! What reports read.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Params, Result, Row, params};

use super::super::reports::{LatencyFact, MintFact, RefusalFact, Which};
use super::queries;

/// Spans of time, by where each begins and where the last one ends, in milliseconds.
struct Spans(Vec<i64>);

impl Spans {
    fn new(edges: &[DateTime<Utc>]) -> Self {
        Self(edges.iter().map(DateTime::timestamp_millis).collect())
    }

    fn from(&self) -> i64 {
        self.0.first().copied().unwrap_or_default()
    }

    fn to(&self) -> i64 {
        self.0.last().copied().unwrap_or_default()
    }

    /// The number of the span that a row's quarter is in.
    fn of(&self, row: &Row<'_>) -> Result<usize> {
        let quarter: i64 = row.get("quarter")?;
        Ok(self.0.partition_point(|edge| *edge <= quarter).saturating_sub(1))
    }
}

pub(super) fn mints(db: &Connection, edges: &[DateTime<Utc>], which: &Which) -> Result<Vec<MintFact>> {
    let spans = Spans::new(edges);
    match &which.user {
        None => summed_mints(db, queries::MINT_FACTS, params![spans.from(), spans.to(), which.role], &spans),
        Some(user) => summed_mints(
            db,
            queries::MINT_FACTS_OF_USER,
            params![spans.from(), spans.to(), which.role, user],
            &spans,
        ),
    }
}

/// Quarters of one span, added up.
fn summed_mints(
    db: &Connection,
    query: &str,
    parameters: impl Params,
    spans: &Spans,
) -> Result<Vec<MintFact>> {
    let mut statement = db.prepare_cached(query)?;
    let mut rows = statement.query(parameters)?;
    let mut sums: BTreeMap<MintFact, i64> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let alike = MintFact {
            span: spans.of(row)?,
            role: row.get("role")?,
            language: row.get("language")?,
            session_type: row.get("session_type")?,
            model: row.get("model")?,
            key_source: row.get("key_source")?,
            outcome: row.get("outcome")?,
            error_code: row.get("error_code")?,
            count: 0,
        };
        *sums.entry(alike).or_default() += row.get::<_, i64>("count")?;
    }
    Ok(sums.into_iter().map(|(alike, count)| MintFact { count, ..alike }).collect())
}

pub(super) fn refusals(db: &Connection, edges: &[DateTime<Utc>]) -> Result<Vec<RefusalFact>> {
    let spans = Spans::new(edges);
    let mut statement = db.prepare_cached(queries::REFUSAL_FACTS)?;
    let mut rows = statement.query(params![spans.from(), spans.to()])?;
    let mut sums: BTreeMap<(usize, String), i64> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        *sums.entry((spans.of(row)?, row.get("code")?)).or_default() += row.get::<_, i64>("count")?;
    }
    Ok(sums.into_iter().map(|((span, code), count)| RefusalFact { span, code, count }).collect())
}

pub(super) fn latencies(
    db: &Connection,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    role: Option<&str>,
) -> Result<Vec<LatencyFact>> {
    let fact = |row: &Row<'_>| {
        Ok(LatencyFact {
            role: row.get("role")?,
            model: row.get("model")?,
            outcome: row.get("outcome")?,
            up_to_ms: row.get("up_to_ms")?,
            count: row.get("count")?,
            total_ms: row.get("total_ms")?,
        })
    };
    db.prepare_cached(queries::LATENCY_FACTS)?
        .query_map(params![from.timestamp_millis(), to.timestamp_millis(), role], fact)?
        .collect()
}
