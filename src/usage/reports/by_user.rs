//! The users with the most tokens, page by page.

use std::fmt::{Display, Formatter};
use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::table::{Cell, Table};
use super::{Query, ReportError};
use crate::kernel::hex::hex;
use crate::store::Store;
use crate::store::reports::{TopUsers, UserFact, midnight};

const NOTE: &str = "All pages are of the moment at which the first one was asked for.";

/// Where a page begins. All pages of one listing are of one moment, so that nobody moves to another page in the meantime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Mints before this time count, in milliseconds since 1970.
    until_ms: i64,
    /// The tokens of the last user of the page before.
    tokens: i64,
    /// Their key.
    key: Vec<u8>,
}

/// Not a cursor of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor that a page came with")]
pub struct BadCursor;

impl Display for Cursor {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.until_ms, self.tokens, hex(&self.key))
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let mut parts = text.split('.');
        let mut part = || parts.next().ok_or(BadCursor);
        let until_ms = part()?.parse().map_err(|_| BadCursor)?;
        let tokens = part()?.parse().map_err(|_| BadCursor)?;
        let key = unhex(part()?).filter(|key| key.len() == 32).ok_or(BadCursor)?;
        if parts.next().is_some() || DateTime::from_timestamp_millis(until_ms).is_none() {
            return Err(BadCursor);
        }
        Ok(Self { until_ms, tokens, key })
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    digits.chunks(2).map(|two| Some(two.first()? << 4 | two.get(1)?)).collect()
}

pub(super) async fn report(store: &dyn Store, query: &Query) -> Result<Table, ReportError> {
    let (from, to) = (query.window.from, query.window.to);
    let asked = query.cursor.as_ref().and_then(|cursor| DateTime::from_timestamp_millis(cursor.until_ms));
    let until = asked.unwrap_or(query.now).min(to).max(from);
    expect_kept(store, from, until).await?;
    let page = TopUsers {
        from,
        to: until,
        role: query.which.role.clone(),
        after: query.cursor.as_ref().map(|cursor| (cursor.tokens, cursor.key.clone())),
        // One more, to see whether there is another page.
        limit: query.limit + 1,
    };
    let mut users = store.top_users(&page).await?;
    let is_last = users.len() <= query.limit as usize;
    users.truncate(query.limit as usize);
    let next = users.last().filter(|_| !is_last).map(|last| Cursor {
        until_ms: until.timestamp_millis(),
        tokens: last.tokens,
        key: last.key.clone(),
    });
    let rows = users.into_iter().map(row).collect();
    Ok(Table { next, note: Some(NOTE), ..Table::new(vec!["user_id", "issuer", "mints", "tokens"], rows) })
}

/// Parts of days are read from the ledger, so it has to have them.
async fn expect_kept(store: &dyn Store, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<(), ReportError> {
    let kept_from = store.rollup_state().await?.kept_from;
    let is_gone = |edge: DateTime<Utc>| edge < kept_from && midnight(edge) != edge;
    if is_gone(from) || is_gone(to) { Err(ReportError::Forgotten { kept_from }) } else { Ok(()) }
}

fn row(user: UserFact) -> Vec<Cell> {
    vec![Cell::Text(user.user_id), Cell::Text(user.issuer), Cell::Count(user.mints), Cell::Count(user.tokens)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_read_as_they_are_written() {
        let cursor = Cursor { until_ms: 1_795_176_000_000, tokens: 7, key: vec![0xa5; 32] };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in ["", "1", "1.2", "1.2.zz", "1.2.a5", "9223372036854775807.1.a5", "1.2.3.4"] {
            assert_eq!(bad.parse::<Cursor>(), Err(BadCursor), "{bad}");
        }
    }
}
