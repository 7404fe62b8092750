//! Reports on a window as a whole.

use std::collections::BTreeMap;

use super::by_time::{active_users, refused};
use super::counts::{COLUMNS, Counts};
use super::spans::whole;
use super::table::{Cell, Table};
use super::{Group, Query, latency};
use crate::store::{Store, StoreError};

/// Everything in one row.
pub(super) async fn summary(store: &dyn Store, query: &Query) -> Result<Table, StoreError> {
    let edges = whole(&query.window);
    let facts = store.mint_facts(&edges, &query.which).await?;
    let counts = Counts::of(&facts);
    let refused = refused(store, query, &edges).await?;
    let users = active_users(store, query, &edges, &facts).await?.into_values().sum();
    let mut columns = vec!["active_users", "tokens_per_user"];
    columns.extend(COLUMNS);
    columns.push("refused");
    let mut row = vec![Cell::Count(users), Cell::share(counts.tokens(), users)];
    row.extend(counts.cells());
    row.push(query.refusals(refused.into_values().sum()));
    columns.extend(latency::COLUMNS);
    row.extend(latency::cells(store, query).await?);
    Ok(Table::new(columns, vec![row]))
}

/// A row for each role or model.
pub(super) async fn grouped(store: &dyn Store, query: &Query, group: Group) -> Result<Table, StoreError> {
    let facts = store.mint_facts(&whole(&query.window), &query.which).await?;
    let mut sums: BTreeMap<&str, Counts> = BTreeMap::new();
    facts.iter().for_each(|fact| sums.entry(group.of(fact)).or_default().add(fact));
    let rows = sums.into_iter().map(|(name, counts)| {
        let mut row = vec![Cell::Text(name.to_owned())];
        row.extend(counts.cells());
        row
    });
    let mut columns = vec![group.as_str()];
    columns.extend(COLUMNS);
    let rows = rows.collect();
    Ok(Table::new(columns, rows))
}

/// Refusals, for which nothing was spent, and mints that failed, each by code; the most frequent first.
pub(super) async fn errors(store: &dyn Store, query: &Query) -> Result<Table, StoreError> {
    let edges = whole(&query.window);
    let mut sums: BTreeMap<(&str, String), i64> = BTreeMap::new();
    for fact in store.mint_facts(&edges, &query.which).await? {
        if !fact.error_code.is_empty() {
            *sums.entry(("mint", fact.error_code)).or_default() += fact.count;
        }
    }
    if query.is_about_all() {
        for fact in store.refusal_facts(&edges).await? {
            *sums.entry(("refusal", fact.code)).or_default() += fact.count;
        }
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let row = |((kind, code), count): ((&str, String), i64)| {
        vec![Cell::Text(kind.to_owned()), Cell::Text(code), Cell::Count(count)]
    };
    let mut table = Table::new(vec!["kind", "code", "count"], sums.into_iter().map(row).collect());
    if !query.is_about_all() {
        table.note = Some("Refusals are counted by code alone, so those of one role or user are not in it.");
    }
    Ok(table)
}
