//! A report as rows, whatever it is shown as.

use chrono::DateTime;
use chrono_tz::Tz;

use super::by_user::Cursor;

/// One value of a report.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A name. It may come from a user's token: whoever shows it minds that.
    Text(String),
    /// A number of things, or of milliseconds.
    Count(i64),
    /// A share or a mean.
    Ratio(f64),
    /// An amount of money, in millionths.
    Money(i64),
    /// A moment, in the zone of the report.
    Time(DateTime<Tz>),
    /// Nobody knows, or there is nothing to divide by.
    Unknown,
}

impl Cell {
    /// `part` of `whole`, with four digits; unknown where there is no whole.
    pub(super) fn share(part: i64, whole: i64) -> Self {
        if whole == 0 {
            return Self::Unknown;
        }
        Self::Ratio((part as f64 / whole as f64 * 10_000.0).round() / 10_000.0)
    }
}

/// Rows under headings.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The name of each column.
    pub columns: Vec<&'static str>,
    /// One cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
    /// What has to be known to read it rightly.
    pub note: Option<&'static str>,
}

impl Table {
    pub(super) fn new(columns: Vec<&'static str>, rows: Vec<Vec<Cell>>) -> Self {
        Self { columns, rows, next: None, note: None }
    }
}
