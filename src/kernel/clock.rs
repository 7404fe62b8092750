//! Time as an argument, so that tests can set it and nobody has to sleep.

use std::fmt::Display;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, DurationRound, SecondsFormat, TimeDelta, TimeZone, Utc};

/// Tells the time. Only this module may ask the machine for it.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The time of day, in UTC.
    fn now(&self) -> DateTime<Utc>;

    /// A point on a clock that never goes back, for measuring how long something took.
    fn instant(&self) -> Instant;
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    fn instant(&self) -> Instant {
        Instant::now()
    }
}

/// A clock that stands still until it is moved. The time of day may also be moved back; [`Clock::instant`] then stands still.
#[derive(Debug)]
pub struct ManualClock(Mutex<Shown>);

#[derive(Debug, Clone, Copy)]
struct Shown {
    now: DateTime<Utc>,
    instant: Instant,
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(Shown { now, instant: SystemClock.instant() }))
    }

    /// Moves the clock by `delta`, forwards or back.
    pub fn advance(&self, delta: TimeDelta) {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shown.now += delta;
        shown.instant += delta.to_std().unwrap_or_default();
    }

    fn shown(&self) -> Shown {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        self.shown().now
    }

    fn instant(&self) -> Instant {
        self.shown().instant
    }
}

/// `duration` in whole milliseconds, at most `i32::MAX` (24 days): what the ledger's columns hold.
pub fn whole_millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}

/// The minute that a time lies in.
pub fn minute(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(at)
}

/// A time as reports have it: RFC 3339 in its zone, with seconds.
pub fn rfc3339_seconds<Tz: TimeZone>(at: &DateTime<Tz>) -> String
where
    Tz::Offset: Display,
{
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A time as answers and log lines have it: RFC 3339 in UTC, with milliseconds.
pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
