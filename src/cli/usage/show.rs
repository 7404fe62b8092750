//! The ledger for people, and for programs.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::cli::table::Column::{Left, Right};
use crate::cli::table::Table;
use crate::store::{Counts, LedgerRow, Outcome};

const OUTCOMES: [Outcome; 4] = [Outcome::Issued, Outcome::Refunded, Outcome::Unconfirmed, Outcome::Pending];

/// Lines of the ledger.
#[derive(Debug)]
pub(super) enum Ledger {
    Json,
    Text(Table),
}

impl Ledger {
    pub(super) fn new(json: bool) -> Self {
        if json { Self::Json } else { Self::Text(rows_table()) }
    }

    /// The first lines, below the headings.
    pub(super) fn first(&mut self, rows: &[LedgerRow]) -> serde_json::Result<Vec<String>> {
        let mut lines = self.lines(rows)?;
        if let Self::Text(table) = self {
            lines.insert(0, table.headings());
        }
        Ok(lines)
    }

    /// A line for each mint.
    pub(super) fn lines(&mut self, rows: &[LedgerRow]) -> serde_json::Result<Vec<String>> {
        match self {
            Self::Json => rows.iter().map(|row| serde_json::to_string(&Mint::from(row))).collect(),
            Self::Text(table) => {
                rows.iter().for_each(|row| table.add(cells(row)));
                Ok(table.take())
            }
        }
    }
}

fn rows_table() -> Table {
    Table::new([
        Left("TIME"),
        Left("USER"),
        Left("ROLE"),
        Left("LANGUAGE"),
        Left("MODEL"),
        Left("KEY"),
        Left("OUTCOME"),
        Right("LATENCY"),
        Left("ERROR"),
    ])
}

fn cells(row: &LedgerRow) -> [String; 9] {
    [
        time(row.created_at, SecondsFormat::Secs),
        row.user_id.clone(),
        row.role.clone(),
        row.language.clone(),
        row.model.clone(),
        row.key_source.clone(),
        row.outcome.clone(),
        row.latency_ms.map(|millis| format!("{millis} ms")).unwrap_or_default(),
        row.error.clone().unwrap_or_default(),
    ]
}

fn time(at: DateTime<Utc>, precision: SecondsFormat) -> String {
    at.to_rfc3339_opts(precision, true)
}

/// Today's counts and the newest mints, for people.
pub(super) fn summary(since: DateTime<Utc>, today: &Counts, newest: &[LedgerRow]) -> String {
    let mut lines =
        vec![format!("Since {} (midnight, UTC)", time(since, SecondsFormat::Secs)), String::new()];
    if today.mints.is_empty() {
        lines.push("no mints".to_owned());
    } else {
        lines.extend(mints(today));
    }
    if !today.refusals.is_empty() {
        lines.push(String::new());
        lines.extend(refusals(today));
    }
    if !newest.is_empty() {
        lines.extend([String::new(), "The newest mints, newest first, in UTC".to_owned(), String::new()]);
        let mut table = rows_table();
        newest.iter().for_each(|row| table.add(cells(row)));
        lines.push(table.headings());
        lines.extend(table.take());
    }
    lines.join("\n")
}

fn mints(today: &Counts) -> Vec<String> {
    let [issued, refunded, unconfirmed, pending] =
        ["ISSUED", "REFUNDED", "UNCONFIRMED", "PENDING"].map(Right);
    let mut table = Table::new([Left("ROLE"), issued, refunded, unconfirmed, pending]);
    let mut roles: BTreeMap<&str, [i64; 4]> = BTreeMap::new();
    for count in &today.mints {
        let cells = roles.entry(&count.role).or_default().iter_mut().zip(OUTCOMES);
        for (cell, _) in cells.filter(|(_, outcome)| outcome.as_str() == count.outcome) {
            *cell += count.count;
        }
    }
    for (role, counts) in roles {
        let [a, b, c, d] = counts.map(|count| count.to_string());
        table.add([role.to_owned(), a, b, c, d]);
    }
    let mut lines = vec![table.headings()];
    // Only now are the columns as wide as they have to be.
    lines.extend(table.take());
    lines
}

fn refusals(today: &Counts) -> Vec<String> {
    let mut table = Table::new([Left("REFUSED"), Right("COUNT")]);
    for refusal in &today.refusals {
        table.add([refusal.code.clone(), refusal.count.to_string()]);
    }
    let mut lines = vec![table.headings()];
    lines.extend(table.take());
    lines
}

/// The same for programs.
pub(super) fn summary_json(
    at: DateTime<Utc>,
    since: DateTime<Utc>,
    today: &Counts,
    newest: &[LedgerRow],
) -> serde_json::Result<String> {
    let mints = today.mints.iter();
    let refusals = today.refusals.iter();
    serde_json::to_string_pretty(&Summary {
        at: time(at, SecondsFormat::Millis),
        today: Today {
            since: time(since, SecondsFormat::Millis),
            mints: mints
                .map(|mint| Mints { role: &mint.role, outcome: &mint.outcome, count: mint.count })
                .collect(),
            refusals: refusals
                .map(|refusal| Refusals { code: &refusal.code, count: refusal.count })
                .collect(),
        },
        newest: newest.iter().map(Mint::from).collect(),
    })
}

#[derive(Serialize)]
struct Summary<'a> {
    at: String,
    today: Today<'a>,
    newest: Vec<Mint<'a>>,
}

#[derive(Serialize)]
struct Today<'a> {
    since: String,
    mints: Vec<Mints<'a>>,
    refusals: Vec<Refusals<'a>>,
}

#[derive(Serialize)]
struct Mints<'a> {
    role: &'a str,
    outcome: &'a str,
    count: i64,
}

#[derive(Serialize)]
struct Refusals<'a> {
    code: &'a str,
    count: i64,
}

#[derive(Serialize)]
struct Mint<'a> {
    id: String,
    created_at: String,
    issuer: &'a str,
    user_id: &'a str,
    role: &'a str,
    language: &'a str,
    session_type: &'a str,
    model: &'a str,
    key_source: &'a str,
    outcome: &'a str,
    latency_ms: Option<i32>,
    error: Option<&'a str>,
}

impl<'a> From<&'a LedgerRow> for Mint<'a> {
    fn from(row: &'a LedgerRow) -> Self {
        Self {
            id: row.id.0.to_string(),
            created_at: time(row.created_at, SecondsFormat::Millis),
            issuer: &row.issuer,
            user_id: &row.user_id,
            role: &row.role,
            language: &row.language,
            session_type: &row.session_type,
            model: &row.model,
            key_source: &row.key_source,
            outcome: &row.outcome,
            latency_ms: row.latency_ms,
            error: row.error.as_deref(),
        }
    }
}
