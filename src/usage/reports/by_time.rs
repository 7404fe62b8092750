//! Reports by day, week, month and hour. Where nothing happened, there is a row all the same.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::counts::{COLUMNS, Counts};
use super::spans::{day_parts, days, hours, months, weeks};
use super::table::{Cell, Table};
use super::{Group, Kind, Query};
use crate::store::reports::MintFact;
use crate::store::{Store, StoreError};

pub(super) async fn report(store: &dyn Store, query: &Query) -> Result<Table, StoreError> {
    let edges = match (query.kind, query.group_by) {
        (Kind::Hourly, _) => hours(&query.window),
        (_, Some(Group::Week)) => weeks(&query.window),
        (_, Some(Group::Month)) => months(&query.window),
        _ => days(&query.window),
    };
    let facts = store.mint_facts(&edges, &query.which).await?;
    if let Some(group) = query.group_by.filter(|group| !matches!(group, Group::Week | Group::Month)) {
        return Ok(grouped(group, query, &edges, &facts));
    }
    let mut columns = vec!["start"];
    columns.extend(COLUMNS);
    columns.push("refused");
    let refused = refused(store, query, &edges).await?;
    let active = match query.kind {
        Kind::Daily => {
            columns.extend(["active_users", "tokens_per_user"]);
            Some(active_users(store, query, &edges, &facts).await?)
        }
        _ => None,
    };
    let mut sums = vec![Counts::default(); edges.len() - 1];
    for fact in &facts {
        if let Some(counts) = sums.get_mut(fact.span) {
            counts.add(fact);
        }
    }
    let rows = sums.iter().zip(&edges).enumerate().map(|(span, (counts, start))| {
        let mut row = vec![query.time(*start)];
        row.extend(counts.cells());
        row.push(query.refusals(refused.get(&span).copied().unwrap_or_default()));
        if let Some(active) = &active {
            let users = active.get(&span).copied().unwrap_or_default();
            row.extend([Cell::Count(users), Cell::share(counts.tokens(), users)]);
        }
        row
    });
    let rows = rows.collect();
    Ok(Table::new(columns, rows))
}

/// A row for each span and each group that is anywhere in the window.
fn grouped(group: Group, query: &Query, edges: &[DateTime<Utc>], facts: &[MintFact]) -> Table {
    let groups: BTreeSet<&str> = facts.iter().map(|fact| group.of(fact)).collect();
    let mut sums: BTreeMap<(usize, &str), Counts> = BTreeMap::new();
    for fact in facts {
        sums.entry((fact.span, group.of(fact))).or_default().add(fact);
    }
    let mut rows = Vec::with_capacity(groups.len() * edges.len());
    for (span, start) in edges.iter().take(edges.len() - 1).enumerate() {
        for name in &groups {
            let mut row = vec![query.time(*start), Cell::Text((*name).to_owned())];
            row.extend(sums.get(&(span, *name)).copied().unwrap_or_default().cells());
            rows.push(row);
        }
    }
    let mut columns = vec!["start", group.as_str()];
    columns.extend(COLUMNS);
    Table::new(columns, rows)
}

/// Refusals by span.
pub(super) async fn refused(
    store: &dyn Store,
    query: &Query,
    edges: &[DateTime<Utc>],
) -> Result<BTreeMap<usize, i64>, StoreError> {
    let mut refused = BTreeMap::new();
    if query.is_about_all() {
        for fact in store.refusal_facts(edges).await? {
            *refused.entry(fact.span).or_default() += fact.count;
        }
    }
    Ok(refused)
}

/// Users who got tokens, by span.
pub(super) async fn active_users(
    store: &dyn Store,
    query: &Query,
    edges: &[DateTime<Utc>],
    facts: &[MintFact],
) -> Result<BTreeMap<usize, i64>, StoreError> {
    if query.which.user.is_some() {
        let mut tokens: BTreeMap<usize, Counts> = BTreeMap::new();
        facts.iter().for_each(|fact| tokens.entry(fact.span).or_default().add(fact));
        return Ok(tokens.into_iter().map(|(span, counts)| (span, counts.tokens().min(1))).collect());
    }
    let found = store.active_users(&day_parts(edges), query.which.role.as_deref()).await?;
    Ok(found.into_iter().collect())
}

impl Query {
    /// A moment, in the zone of the report.
    pub(super) fn time(&self, at: DateTime<Utc>) -> Cell {
        Cell::Time(at.with_timezone(&self.window.tz))
    }

    pub(super) fn refusals(&self, count: i64) -> Cell {
        if self.is_about_all() { Cell::Count(count) } else { Cell::Unknown }
    }
}
