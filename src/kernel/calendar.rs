//! Days and months of a zone.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// When a day begins in a zone. Where the clocks are put forward at midnight, it begins when they have been.
pub fn first_moment(date: NaiveDate, tz: Tz) -> DateTime<Utc> {
    let midnight = date.and_time(NaiveTime::MIN);
    let later = (0..96).map(|n| midnight + TimeDelta::minutes(15) * n);
    let found = later.into_iter().find_map(|local| tz.from_local_datetime(&local).earliest());
    found.map_or_else(|| midnight.and_utc(), |at| at.with_timezone(&Utc))
}

/// The day of a zone that a moment lies in: its beginning and its end.
pub fn day_of(at: DateTime<Utc>, tz: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
    let date = at.with_timezone(&tz).date_naive();
    (first_moment(date, tz), first_moment(date + Days::new(1), tz))
}

/// The month of a zone that a moment lies in: its beginning and its end.
pub fn month_of(at: DateTime<Utc>, tz: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
    let date = at.with_timezone(&tz).date_naive();
    let first = date.with_day(1).unwrap_or(date);
    (first_moment(first, tz), first_moment(first + Months::new(1), tz))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts((from, to): (DateTime<Utc>, DateTime<Utc>)) -> [String; 2] {
        [from.to_rfc3339(), to.to_rfc3339()]
    }

    #[test]
    fn days_and_months_are_those_of_the_zone() {
        let at = "2026-03-29T22:30:00Z".parse().unwrap();
        let madrid = Tz::Europe__Madrid;
        assert_eq!(texts(day_of(at, madrid)), ["2026-03-29T22:00:00+00:00", "2026-03-30T22:00:00+00:00"]);
        assert_eq!(texts(month_of(at, madrid)), ["2026-02-28T23:00:00+00:00", "2026-03-31T22:00:00+00:00"]);
        assert_eq!(texts(day_of(at, Tz::UTC)), ["2026-03-29T00:00:00+00:00", "2026-03-30T00:00:00+00:00"]);
        let new_year = "2026-12-31T23:59:59Z".parse().unwrap();
        assert_eq!(
            texts(month_of(new_year, Tz::UTC)),
            ["2026-12-01T00:00:00+00:00", "2027-01-01T00:00:00+00:00"]
        );
    }
}
