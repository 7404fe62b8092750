//! Windows cut into days and hours of their zone.

use chrono::{DateTime, Datelike, Offset, Timelike, Utc};
use chrono_tz::Tz;

use super::window::Window;
use crate::store::reports::{DayPart, QUARTER, midnight};

/// Quarters in half a day.
const HALF: i64 = 48;

/// Where a window begins and ends.
pub(super) fn whole(window: &Window) -> Vec<DateTime<Utc>> {
    vec![window.from, window.to]
}

/// Where the days of its zone begin, and the end. A day of a changing clock has 23 or 25 hours.
pub(super) fn days(window: &Window) -> Vec<DateTime<Utc>> {
    cut(window, |local| local.date_naive())
}

/// The same by week, from Monday on. The first and the last one are as long as the window has them.
pub(super) fn weeks(window: &Window) -> Vec<DateTime<Utc>> {
    cut(window, |local| local.iso_week())
}

/// The same by month.
pub(super) fn months(window: &Window) -> Vec<DateTime<Utc>> {
    cut(window, |local| (local.year(), local.month()))
}

/// The same by hour. An hour that comes twice is two hours, by their distance from UTC.
pub(super) fn hours(window: &Window) -> Vec<DateTime<Utc>> {
    cut(window, |local| (local.date_naive(), local.hour(), local.offset().fix().local_minus_utc()))
}

fn cut<K: PartialEq>(window: &Window, key: impl Fn(&DateTime<Tz>) -> K) -> Vec<DateTime<Utc>> {
    let mut edges = Vec::new();
    let mut last = None;
    let mut at = window.from;
    while at < window.to {
        let current = Some(key(&at.with_timezone(&window.tz)));
        if current != last {
            edges.push(at);
            last = current;
        }
        at += QUARTER;
    }
    edges.push(window.to);
    edges
}

/// The days (UTC) that each span has a part in, and which of their quarters.
pub fn day_parts(edges: &[DateTime<Utc>]) -> Vec<DayPart> {
    let mut parts: Vec<DayPart> = Vec::new();
    for (span, two) in edges.windows(2).enumerate() {
        let &[from, to] = two else { continue };
        let mut at = from;
        while at < to {
            let day = midnight(at);
            let quarter = (at - day).num_seconds() / QUARTER.num_seconds();
            if parts.last().is_none_or(|part| part.span != span || part.day != day) {
                parts.push(DayPart { span, day, early: 0, late: 0 });
            }
            if let Some(part) = parts.last_mut() {
                if quarter < HALF {
                    part.early |= 1 << quarter;
                } else {
                    part.late |= 1 << (quarter - HALF);
                }
            }
            at += QUARTER;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(from: &str, to: &str, tz: Tz) -> Window {
        Window { from: from.parse().unwrap(), to: to.parse().unwrap(), tz }
    }

    fn lengths(edges: &[DateTime<Utc>]) -> Vec<i64> {
        edges.windows(2).map(|two| (two[1] - two[0]).num_minutes()).collect()
    }

    #[test]
    fn days_are_as_long_as_the_clocks_make_them() {
        let spring = window("2026-03-28T00:00:00+01:00", "2026-03-31T00:00:00+02:00", Tz::Europe__Madrid);
        assert_eq!(lengths(&days(&spring)), [24 * 60, 23 * 60, 24 * 60]);
        let autumn = window("2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", Tz::Europe__Madrid);
        assert_eq!(lengths(&days(&autumn)), [25 * 60]);
        assert_eq!(hours(&autumn).len() - 1, 25);
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        let window = window("2026-12-30T00:00:00+01:00", "2027-02-02T00:00:00+01:00", Tz::Europe__Madrid);
        let dates = |edges: Vec<DateTime<Utc>>| -> Vec<String> {
            edges.iter().map(|at| at.with_timezone(&Tz::Europe__Madrid).date_naive().to_string()).collect()
        };
        // The turn of the year is in the middle of a week.
        assert_eq!(
            dates(weeks(&window)),
            [
                "2026-12-30",
                "2027-01-04",
                "2027-01-11",
                "2027-01-18",
                "2027-01-25",
                "2027-02-01",
                "2027-02-02"
            ]
        );
        assert_eq!(dates(months(&window)), ["2026-12-30", "2027-01-01", "2027-02-01", "2027-02-02"]);
    }

    #[test]
    fn hours_begin_where_the_zone_says() {
        let kathmandu = window("2026-11-20T00:00:00Z", "2026-11-20T02:00:00Z", Tz::Asia__Kathmandu);
        assert_eq!(lengths(&hours(&kathmandu)), [15, 60, 45]);
        // Lord Howe goes back by half an hour: from 01:30 to 02:00 comes twice.
        let howe = window("2026-04-04T13:00:00Z", "2026-04-04T17:00:00Z", Tz::Australia__Lord_Howe);
        assert_eq!(lengths(&hours(&howe)), [60, 60, 30, 60, 30]);
    }

    #[test]
    fn parts_of_days_have_the_quarters_of_their_span() {
        let edges = ["2026-11-20T11:30:00Z", "2026-11-20T12:15:00Z", "2026-11-21T00:15:00Z"]
            .map(|at| at.parse().unwrap());
        let parts = day_parts(&edges);
        let day: DateTime<Utc> = "2026-11-20T00:00:00Z".parse().unwrap();
        let next = day + chrono::TimeDelta::days(1);
        let part = |span, day, early, late| DayPart { span, day, early, late };
        let afternoon = (1 << 48) - 2;
        assert_eq!(parts, [part(0, day, 0b11 << 46, 1), part(1, day, 0, afternoon), part(1, next, 1, 0)]);
    }
}
