//! A report for people.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat};
use chrono_tz::Tz;

use crate::cli::paint::Paint;
use crate::cli::sparkline::sparkline;
use crate::cli::table::{Column, Table, plain};
use crate::kernel::money::decimal;
use crate::usage::reports::{Cell, Kind, Query, Table as Report};

/// What nobody knows.
const UNKNOWN: &str = "-";

/// The columns of a series that are drawn as lines.
const DRAWN: [&str; 5] = ["mints", "tokens", "error_rate", "refused", "active_users"];

/// The report, with what has to be known to read it.
pub(super) fn text(query: &Query, report: &Report, paint: Paint) -> String {
    let mut parts = vec![title(query)];
    if report.rows.is_empty() {
        parts.push("nothing in this time".to_owned());
    } else if query.kind == Kind::Summary {
        parts.push(one_row(query, report));
    } else {
        parts.push(rows(query, report, paint));
    }
    parts.extend(lines(query, report, paint));
    parts.extend(report.next.as_ref().map(|next| format!("There are more: --cursor {next}")));
    // Here, what nobody knows looks otherwise.
    parts.extend(report.note.map(|note| paint.aside(&note.replace("null", UNKNOWN))));
    parts.join("\n\n")
}

fn title(query: &Query) -> String {
    let time =
        |at: DateTime<_>| at.with_timezone(&query.window.tz).to_rfc3339_opts(SecondsFormat::Secs, false);
    let mut title = format!(
        "{}, from {} to {} ({})",
        query.kind.as_str(),
        time(query.window.from),
        time(query.window.to),
        query.window.tz.name()
    );
    for (what, name) in [("role", &query.which.role), ("user", &query.which.user)] {
        if let Some(name) = name {
            title.push_str(&format!(", {what} {}", plain(name)));
        }
    }
    title
}

/// A line for each column, where there is one row only.
fn one_row(query: &Query, report: &Report) -> String {
    let mut table = Table::new([Column::Left(""), Column::Right("")]);
    for (name, cell) in report.columns.iter().zip(report.rows.iter().flatten()) {
        table.add([name.replace('_', " "), shown(query, cell)]);
    }
    table.take().join("\n")
}

fn rows(query: &Query, report: &Report, paint: Paint) -> String {
    let is_words = |n: usize| {
        let cell = report.rows.iter().filter_map(|row| row.get(n)).find(|cell| **cell != Cell::Unknown);
        matches!(cell, Some(Cell::Text(_) | Cell::Time(_)))
    };
    let columns = report.columns.iter().enumerate();
    let mut table = Table::new(
        columns.map(|(n, name)| if is_words(n) { Column::Left(name) } else { Column::Right(name) }),
    );
    for row in &report.rows {
        table.add(row.iter().map(|cell| shown(query, cell)));
    }
    let mut lines = vec![paint.heading(&table.headings())];
    lines.extend(table.take());
    lines.join("\n")
}

fn shown(query: &Query, cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Count(count) => count.to_string(),
        Cell::Ratio(ratio) => ratio.to_string(),
        Cell::Money(millionths) => short(&decimal(*millionths)),
        Cell::Time(at) => moment(query.kind, at),
        Cell::Unknown => UNKNOWN.to_owned(),
    }
}

/// An hour has its distance from UTC, because in autumn one comes twice.
fn moment(kind: Kind, at: &DateTime<Tz>) -> String {
    let format = if kind == Kind::Hourly { "%Y-%m-%d %H:%M %:z" } else { "%a %Y-%m-%d" };
    at.format(format).to_string()
}

/// An amount without the zeros that say nothing, but with cents.
fn short(amount: &str) -> String {
    let cents = amount.find('.').map_or(amount.len(), |point| point + 3);
    let (kept, rest) = amount.split_at(cents.min(amount.len()));
    format!("{kept}{}", rest.trim_end_matches('0'))
}

/// Columns that are series, as lines: each drawn one of its own, or the tokens of each group.
fn lines(query: &Query, report: &Report, paint: Paint) -> Option<String> {
    if !matches!(query.kind, Kind::Daily | Kind::Hourly) {
        return None;
    }
    let series = match query.group_by {
        Some(_) => by_group(report),
        None => DRAWN.iter().filter_map(|name| Some(((*name).to_owned(), column(report, name)?))).collect(),
    };
    let mut table = Table::new([Column::Left(""), Column::Right("")]);
    let mut drawn = Vec::new();
    for (name, numbers) in series {
        let most = numbers.iter().flatten().copied().fold(0.0, f64::max);
        if most > 0.0 {
            table.add([name.replace('_', " "), format!("up to {most}")]);
            drawn.push(paint.line(&sparkline(&numbers)));
        }
    }
    let lines = table.take().into_iter().zip(drawn).map(|(said, drawn)| format!("{said}  {drawn}"));
    let lines = lines.collect::<Vec<_>>().join("\n");
    (!lines.is_empty()).then_some(lines)
}

fn column(report: &Report, name: &str) -> Option<Vec<Option<f64>>> {
    let n = report.columns.iter().position(|column| *column == name)?;
    Some(report.rows.iter().map(|row| row.get(n).and_then(number)).collect())
}

/// The tokens of each group; its name stands beside the time.
fn by_group(report: &Report) -> Vec<(String, Vec<Option<f64>>)> {
    let mut groups: BTreeMap<&str, Vec<Option<f64>>> = BTreeMap::new();
    let tokens = column(report, "tokens").unwrap_or_default();
    for (row, tokens) in report.rows.iter().zip(tokens) {
        if let Some(Cell::Text(name)) = row.get(1) {
            groups.entry(name).or_default().push(tokens);
        }
    }
    groups.into_iter().map(|(name, tokens)| (format!("tokens, {name}"), tokens)).collect()
}

fn number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Count(count) => Some(*count as f64),
        Cell::Ratio(ratio) => Some(*ratio),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_their_cents_and_lose_no_digit_that_counts() {
        for (amount, shown) in
            [("12.500000", "12.50"), ("0.000000", "0.00"), ("0.004300", "0.0043"), ("-1.000001", "-1.000001")]
        {
            assert_eq!(short(amount), shown);
        }
    }
}
