//! What somebody asks of a report, as they wrote it. What this report doesn't take is refused.

use chrono::{DateTime, Utc};

use super::{Bounds, Cursor, Group, Kind, Query, Window, WindowError};
use crate::store::reports::Which;

/// Users on a page where nothing else is asked for, and at most.
const PAGE: u32 = 100;
const MAX_PAGE: u32 = 1000;

/// The parameters of a report, as they came; none where nothing was written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// From this time or day on.
    pub from: Option<&'a str>,
    /// Before this time or day.
    pub to: Option<&'a str>,
    /// A zone of the time zone database.
    pub tz: Option<&'a str>,
    /// Only mints of this role.
    pub role: Option<&'a str>,
    /// Only mints of this user, by their id in the ledger.
    pub user: Option<&'a str>,
    /// What rows are told apart by.
    pub group_by: Option<&'a str>,
    /// Rows of a page.
    pub limit: Option<&'a str>,
    /// Where the page begins.
    pub cursor: Option<&'a str>,
}

/// What can't be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskedError {
    /// The time makes no sense.
    #[error("it can't be: {0}")]
    Window(#[from] WindowError),
    /// The report has no such parameter.
    #[error("the report `{}` does not take it", .kind.as_str())]
    NotTaken {
        /// The report.
        kind: Kind,
        /// The parameter.
        param: &'static str,
    },
    /// The report can't be told apart by this, or by anything.
    #[error("{}", grouped_by(*.0))]
    Group(Kind),
    /// No number of rows.
    #[error("write a whole number from 1 to {MAX_PAGE}")]
    Limit,
    /// Not a cursor of ours.
    #[error("send `next_cursor` as it came, with the parameters that it came for")]
    Cursor,
}

impl AskedError {
    /// The parameter that is at fault, by its name in [`Asked`].
    pub fn param(&self) -> &'static str {
        match self {
            Self::Window(error) => error.param(),
            Self::NotTaken { param, .. } => param,
            Self::Group(_) => "group_by",
            Self::Limit => "limit",
            Self::Cursor => "cursor",
        }
    }
}

fn grouped_by(kind: Kind) -> String {
    let known: Vec<_> = kind.groups().iter().map(|group| group.as_str()).collect();
    match known.as_slice() {
        [] => format!("the report `{}` is not grouped any further", kind.as_str()),
        known => format!("the report `{}` is grouped by {}", kind.as_str(), known.join(", ")),
    }
}

impl Asked<'_> {
    /// What is asked of this report at this time.
    pub fn of(&self, kind: Kind, now: DateTime<Utc>) -> Result<Query, AskedError> {
        let window = Window::read(kind, Bounds { from: self.from, to: self.to, tz: self.tz }, now)?;
        self.expect_taken(kind)?;
        Ok(Query {
            kind,
            window,
            which: Which { role: self.role.map(str::to_owned), user: self.user.map(str::to_owned) },
            group_by: self.group_by.map(|name| group(kind, name)).transpose()?,
            limit: self.limit.map_or(Ok(PAGE), limit)?,
            cursor: self.cursor.map(cursor).transpose()?,
            now,
        })
    }

    fn expect_taken(&self, kind: Kind) -> Result<(), AskedError> {
        let given = [
            ("user", self.user),
            ("group_by", self.group_by),
            ("limit", self.limit),
            ("cursor", self.cursor),
        ];
        let refused: &[&str] = match kind {
            Kind::Users => &["user", "group_by"],
            Kind::Latency => &["user", "limit", "cursor"],
            _ => &["limit", "cursor"],
        };
        let wrong = given.iter().find(|(param, value)| value.is_some() && refused.contains(param));
        wrong.map_or(Ok(()), |(param, _)| Err(AskedError::NotTaken { kind, param }))
    }
}

fn group(kind: Kind, name: &str) -> Result<Group, AskedError> {
    let found = kind.groups().iter().find(|group| group.as_str() == name).copied();
    found.ok_or(AskedError::Group(kind))
}

fn limit(text: &str) -> Result<u32, AskedError> {
    text.parse().ok().filter(|number| (1..=MAX_PAGE).contains(number)).ok_or(AskedError::Limit)
}

fn cursor(text: &str) -> Result<Cursor, AskedError> {
    text.parse().map_err(|_| AskedError::Cursor)
}
