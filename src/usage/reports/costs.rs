//! What tokens may have cost. An estimate, until calls are metered: each token is taken for a session of the length that the
//! policy assumes.

use std::collections::BTreeMap;

use super::spans::{days, whole};
use super::table::{Cell, Table};
use super::{Group, Query};
use crate::policy::Policy;
use crate::store::{Store, StoreError};

const NOTE: &str = "An estimate: each token that was handed out is taken for a session of `minutes` at the price per minute \
                    that stand under [prices] in the policy file. null: the policy has no price for this model.";

pub(super) async fn report(store: &dyn Store, query: &Query, policy: &Policy) -> Result<Table, StoreError> {
    let by_day = query.group_by == Some(Group::Day);
    let edges = if by_day { days(&query.window) } else { whole(&query.window) };
    let facts = store.mint_facts(&edges, &query.which).await?;
    let mut tokens: BTreeMap<(usize, &str, &str), i64> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| fact.is_paid_by_operator()) {
        let role = if query.group_by == Some(Group::Role) { fact.role.as_str() } else { "" };
        *tokens.entry((fact.span, role, fact.model.as_str())).or_default() += fact.count;
    }
    let prices = policy.prices();
    let rows = tokens.into_iter().map(|((span, role, model), tokens)| {
        let mut row = match query.group_by {
            Some(Group::Day) => edges.get(span).map(|start| query.time(*start)).into_iter().collect(),
            Some(_) => vec![Cell::Text(role.to_owned())],
            None => Vec::new(),
        };
        let cost = prices.per_token(model).and_then(|price| price.checked_mul(tokens));
        row.extend([
            Cell::Text(model.to_owned()),
            Cell::Count(tokens),
            prices.minutes(model).map_or(Cell::Unknown, Cell::Ratio),
            cost.map_or(Cell::Unknown, Cell::Money),
            Cell::Text(prices.currency().to_owned()),
        ]);
        row
    });
    let rows = rows.collect();
    let mut columns = match query.group_by {
        Some(Group::Day) => vec!["start"],
        Some(group) => vec![group.as_str()],
        None => Vec::new(),
    };
    columns.extend(["model", "tokens", "minutes", "estimated_cost", "currency"]);
    Ok(Table { note: Some(NOTE), ..Table::new(columns, rows) })
}
