//! What is left of an hour, in the terms of headers and answers.

use chrono::{DateTime, TimeDelta, Utc};

use crate::store::Hour;

/// The length of the rolling window, in seconds.
pub const WINDOW_SECONDS: u32 = 3600;

/// A decision about one attempt, or the state between attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Whether the attempt was granted; between attempts, whether one would be.
    pub allowed: bool,
    /// Tokens in any 60 minutes.
    pub limit: u16,
    /// Tokens left now.
    pub remaining: u16,
    /// Seconds until `remaining` next grows, rounded up; 0 where it is whole already.
    pub reset_seconds: u32,
}

impl Decision {
    /// A granted attempt.
    pub fn granted(hour: &Hour, limit: u16) -> Self {
        Self { allowed: true, ..Self::left(hour, limit) }
    }

    /// A refused attempt.
    pub fn refused(hour: &Hour, limit: u16) -> Self {
        Self { allowed: false, ..Self::left(hour, limit) }
    }

    /// The state at `at`, when these stamps count, oldest first.
    pub fn between(at: DateTime<Utc>, stamps: &[DateTime<Utc>], limit: u16) -> Self {
        let frees = stamps.get(stamps.len().saturating_sub(usize::from(limit)));
        let hour = Hour {
            at,
            used: u32::try_from(stamps.len()).unwrap_or(u32::MAX),
            next_free: frees.map(|stamp| *stamp + TimeDelta::seconds(i64::from(WINDOW_SECONDS))),
        };
        Self::left(&hour, limit)
    }

    /// Seconds after which an attempt can succeed again; none where the attempt was granted.
    pub fn retry_after(&self) -> Option<u32> {
        (!self.allowed).then_some(self.reset_seconds)
    }

    fn left(hour: &Hour, limit: u16) -> Self {
        let remaining = u32::from(limit).saturating_sub(hour.used);
        let reset_seconds = match hour.next_free {
            Some(free) => seconds_until(free, hour.at),
            None if hour.used == 0 && limit > 0 => 0,
            // A limit of nothing never grows: ask again when a window has passed, the policy may have changed.
            None => WINDOW_SECONDS,
        };
        Self {
            allowed: remaining > 0,
            limit,
            remaining: remaining.try_into().unwrap_or(u16::MAX),
            reset_seconds,
        }
    }
}

fn seconds_until(later: DateTime<Utc>, now: DateTime<Utc>) -> u32 {
    // Rounded up: who comes back after so many seconds must not come too early.
    let micros = (later - now).num_microseconds().unwrap_or(i64::MAX);
    u32::try_from(micros.saturating_add(999_999) / 1_000_000).unwrap_or(0).clamp(1, WINDOW_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn an_untouched_hour_is_whole() {
        let whole = Decision { allowed: true, limit: 10, remaining: 10, reset_seconds: 0 };
        assert_eq!(Decision::between(at(0), &[], 10), whole);
    }

    #[test]
    fn remaining_grows_when_the_oldest_stamp_leaves() {
        let decision = Decision::between(at(100), &[at(0), at(50)], 10);
        assert_eq!((decision.remaining, decision.reset_seconds), (8, 3500));
    }

    #[test]
    fn after_the_limit_was_lowered_more_than_one_stamp_has_to_leave() {
        let decision = Decision::between(at(100), &[at(0), at(10), at(20)], 2);
        assert_eq!((decision.allowed, decision.remaining, decision.reset_seconds), (false, 0, 3520 - 10));
    }

    #[test]
    fn nothing_is_ever_left_of_a_limit_of_nothing() {
        let decision = Decision::between(at(0), &[], 0);
        assert_eq!((decision.allowed, decision.remaining, decision.reset_seconds), (false, 0, 3600));
    }

    #[test]
    fn a_started_second_counts_whole() {
        let hour = Hour { at: at(0), used: 10, next_free: Some(at(5) + TimeDelta::microseconds(1)) };
        assert_eq!(Decision::refused(&hour, 10).retry_after(), Some(6));
    }
}
