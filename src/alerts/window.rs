//! The windows that rules look at. They stand still: each begins where the one before ends, so that an alert can be raised
//! once in each. Hours and parts of hours are those of UTC, days and months those of the budget's zone.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::kernel::calendar::{day_of, month_of};
use crate::policy::{Condition, Per};

/// A window is looked at for so long after its end: mints that were in flight end, and counts of other replicas arrive.
const SETTLING: TimeDelta = TimeDelta::minutes(10);

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
}

/// The windows that a rule looks at now: the one that is open, and, of what happens in windows, the one before for a while.
pub(super) fn windows(condition: &Condition, tz: Tz, now: DateTime<Utc>) -> Vec<Window> {
    let settling = match condition {
        // How things stand now says nothing of yesterday.
        Condition::KeyRotationDue => TimeDelta::zero(),
        _ => SETTLING,
    };
    let mut windows = vec![at(condition, tz, now - settling), at(condition, tz, now)];
    windows.dedup();
    windows
}

fn at(condition: &Condition, tz: Tz, moment: DateTime<Utc>) -> Window {
    let (from, to) = match condition {
        Condition::Cost { per: Per::Hour, .. } => aligned(moment, TimeDelta::hours(1)),
        Condition::Cost { per: Per::Day, .. } | Condition::KeyRotationDue => day_of(moment, tz),
        Condition::Cost { per: Per::Month, .. } => month_of(moment, tz),
        // The rollups have users by days of UTC.
        Condition::UnusualUse { .. } => day_of(moment, Tz::UTC),
        Condition::ErrorRate { window, .. }
        | Condition::Refusals { window, .. }
        | Condition::RapidMinting { window, .. }
        | Condition::FailedAuthentications { window, .. } => aligned(moment, *window),
    };
    Window { from, to }
}

/// The window of this length, of which a whole number makes a day, that a moment lies in.
fn aligned(moment: DateTime<Utc>, length: TimeDelta) -> (DateTime<Utc>, DateTime<Utc>) {
    let seconds = length.num_seconds().max(1);
    let into = TimeDelta::seconds(moment.timestamp().rem_euclid(seconds))
        + TimeDelta::nanoseconds(i64::from(moment.timestamp_subsec_nanos()));
    let from = moment - into;
    (from, from + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(condition: &Condition, now: &str) -> Vec<[String; 2]> {
        let windows = windows(condition, Tz::Europe__Madrid, now.parse().unwrap());
        windows.iter().map(|window| [window.from, window.to].map(|at| at.to_rfc3339())).collect()
    }

    fn two(from: &str, to: &str) -> [String; 2] {
        [from, to].map(|at| format!("{at}+00:00"))
    }

    #[test]
    fn windows_stand_still_and_the_last_one_is_looked_at_for_a_while() {
        let rapid = |minutes| Condition::RapidMinting { over: 1, window: TimeDelta::minutes(minutes) };
        let (first, second) = (
            two("2026-11-20T11:30:00", "2026-11-20T12:00:00"),
            two("2026-11-20T12:00:00", "2026-11-20T12:30:00"),
        );
        assert_eq!(texts(&rapid(30), "2026-11-20T11:59:59.999Z"), std::slice::from_ref(&first));
        assert_eq!(texts(&rapid(30), "2026-11-20T12:00:00Z"), [first.clone(), second.clone()]);
        assert_eq!(texts(&rapid(30), "2026-11-20T12:09:59Z"), [first, second.clone()]);
        assert_eq!(texts(&rapid(30), "2026-11-20T12:10:00Z"), [second]);
    }

    #[test]
    fn days_and_months_of_money_are_those_of_the_zone() {
        let cost = |per| Condition::Cost { per, over: 1 };
        let now = "2026-11-20T23:30:00Z";
        assert_eq!(texts(&cost(Per::Hour), now), [two("2026-11-20T23:00:00", "2026-11-21T00:00:00")]);
        assert_eq!(texts(&cost(Per::Day), now), [two("2026-11-20T23:00:00", "2026-11-21T23:00:00")]);
        assert_eq!(texts(&cost(Per::Month), now), [two("2026-10-31T23:00:00", "2026-11-30T23:00:00")]);
        let midnight = texts(&Condition::KeyRotationDue, "2026-11-20T23:00:00Z");
        assert_eq!(
            midnight,
            [two("2026-11-20T23:00:00", "2026-11-21T23:00:00")],
            "keys of now, not of yesterday"
        );
        let unusual = Condition::UnusualUse { times: 2.0, of: crate::policy::Usual::Own, at_least: 1 };
        assert_eq!(texts(&unusual, now), [two("2026-11-20T00:00:00", "2026-11-21T00:00:00")]);
    }
}
