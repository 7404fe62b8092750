//! The time that a report is about, as operators write it.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::Kind;
use crate::kernel::calendar::first_moment;
use crate::store::reports::QUARTER;

/// Days that a report by the hour may have, one more for the change of the clocks.
const MOST_DAYS_BY_HOUR: i64 = 32;

/// Days that any other report may have: a year and a month, to see a year against the one before.
const MOST_DAYS: i64 = 400;

/// What a window may be wrong in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// Not a zone of the time zone database.
    #[error("there is no time zone {0:?}; write one such as Europe/Madrid, America/Mexico_City or UTC")]
    Zone(String),
    /// Neither a date nor a time.
    #[error("{text:?} is neither a date such as 2026-11-20 nor a time such as 2026-11-20T12:00:00Z")]
    Time {
        /// `from` or `to`.
        param: &'static str,
        /// What was written.
        text: String,
    },
    /// Within a quarter of an hour.
    #[error("{text} does not stand on a quarter of an hour (…:00, :15, :30, :45 and no seconds)")]
    Uneven {
        /// `from` or `to`.
        param: &'static str,
        /// What was written.
        text: String,
    },
    /// It ends before it begins, or at once.
    #[error("`from` has to be before `to`")]
    Empty,
    /// Too many rows would come of it.
    #[error("from `from` to `to` are more than {0} days; ask for less at once")]
    TooLong(i64),
}

impl WindowError {
    /// The parameter that is at fault.
    pub fn param(&self) -> &'static str {
        match self {
            Self::Zone(_) => "tz",
            Self::Empty | Self::TooLong(_) => "from",
            Self::Time { param, .. } | Self::Uneven { param, .. } => param,
        }
    }
}

/// The beginning and the end, as somebody wrote them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bounds<'a> {
    /// From this time or day on.
    pub from: Option<&'a str>,
    /// Before this time or day.
    pub to: Option<&'a str>,
    /// A zone of the time zone database; UTC where none is given.
    pub tz: Option<&'a str>,
}

/// A stretch of time, from one quarter of an hour to another, and the zone to show it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// It begins.
    pub from: DateTime<Utc>,
    /// It ends; this moment is no part of it.
    pub to: DateTime<Utc>,
    /// Its days and hours are those of this zone.
    pub tz: Tz,
}

impl Window {
    /// Reads a window. What is not given is the last 30 days with today, or yesterday and today for a report by the hour.
    pub fn read(kind: Kind, bounds: Bounds<'_>, now: DateTime<Utc>) -> Result<Self, WindowError> {
        let tz = match bounds.tz {
            None => Tz::UTC,
            Some(name) => name.parse().map_err(|_| WindowError::Zone(name.to_owned()))?,
        };
        let (days_shown, most) = if kind == Kind::Hourly { (1, MOST_DAYS_BY_HOUR) } else { (29, MOST_DAYS) };
        let to = match bounds.to {
            Some(text) => moment("to", text, tz)?,
            None => first_moment(now.with_timezone(&tz).date_naive() + Days::new(1), tz),
        };
        let from = match bounds.from {
            Some(text) => moment("from", text, tz)?,
            None => {
                let last = (to - QUARTER).with_timezone(&tz).date_naive();
                first_moment(last - Days::new(days_shown), tz)
            }
        };
        if from >= to {
            return Err(WindowError::Empty);
        }
        if to - from > TimeDelta::days(most) {
            return Err(WindowError::TooLong(most));
        }
        Ok(Self { from, to, tz })
    }
}

/// A day by its first moment, or a time.
fn moment(param: &'static str, text: &str, tz: Tz) -> Result<DateTime<Utc>, WindowError> {
    let no_time = || WindowError::Time { param, text: text.to_owned() };
    let at = match text.parse::<NaiveDate>() {
        Ok(date) => first_moment(date, tz),
        Err(_) => DateTime::parse_from_rfc3339(text).map_err(|_| no_time())?.with_timezone(&Utc),
    };
    // Years that have four digits are what RFC 3339 can show.
    if !(1970..=9998).contains(&chrono::Datelike::year(&at)) {
        return Err(no_time());
    }
    let even = at.timestamp().rem_euclid(QUARTER.num_seconds()) == 0 && at.timestamp_subsec_nanos() == 0;
    if even { Ok(at) } else { Err(WindowError::Uneven { param, text: text.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Kind, from: &str, to: &str, tz: &str) -> Result<Window, WindowError> {
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        let given = |text: &'static str| (!text.is_empty()).then_some(text);
        let leak = |text: &str| given(text.to_owned().leak());
        Window::read(kind, Bounds { from: leak(from), to: leak(to), tz: leak(tz) }, now)
    }

    fn times(window: Result<Window, WindowError>) -> (String, String) {
        let window = window.unwrap();
        (window.from.to_rfc3339(), window.to.to_rfc3339())
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let two = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(
            times(read(Kind::Daily, "2026-03-29", "2026-03-30", "Europe/Madrid")),
            two("2026-03-28T23:00:00+00:00", "2026-03-29T22:00:00+00:00")
        );
        // Here the clocks are put forward at midnight: the day begins at one.
        assert_eq!(
            times(read(Kind::Daily, "2026-09-06", "2026-09-07", "America/Santiago")),
            two("2026-09-06T04:00:00+00:00", "2026-09-07T03:00:00+00:00")
        );
        assert_eq!(
            times(read(Kind::Daily, "2026-11-01", "2026-11-02", "Asia/Kathmandu")).0,
            "2026-10-31T18:15:00+00:00"
        );
        assert_eq!(
            times(read(Kind::Summary, "", "", "")),
            two("2026-10-22T00:00:00+00:00", "2026-11-21T00:00:00+00:00")
        );
        assert_eq!(times(read(Kind::Hourly, "", "", "Asia/Tokyo")).0, "2026-11-18T15:00:00+00:00");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let error = |from, to, tz| read(Kind::Daily, from, to, tz).unwrap_err();
        assert_eq!(error("", "", "Europe/Springfield"), WindowError::Zone("Europe/Springfield".to_owned()));
        assert_eq!(error("", "yesterday", "").param(), "to");
        assert!(matches!(error("0001-01-01", "", ""), WindowError::Time { .. }));
        assert_eq!(error("+262142-01-01", "", "").param(), "from");
        assert_eq!(error("2026-11-01", "2026-11-01", ""), WindowError::Empty);
        assert_eq!(error("2020-01-01", "2026-11-01", ""), WindowError::TooLong(MOST_DAYS));
        assert!(matches!(error("2026-11-01T00:01:00Z", "", ""), WindowError::Uneven { .. }));
        let by_hour = read(Kind::Hourly, "2026-10-01", "2026-11-05", "");
        assert_eq!(by_hour, Err(WindowError::TooLong(MOST_DAYS_BY_HOUR)));
    }
}
