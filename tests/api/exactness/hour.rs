//! A user's hour as it stood before a burst, and what it allows: slow and obvious.

use std::ops::RangeInclusive;

use chrono::{DateTime, TimeDelta, Utc};

/// The moments at which something may have been decided.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Span {
    pub(super) earliest: DateTime<Utc>,
    pub(super) latest: DateTime<Utc>,
}

/// The mints that count, oldest first.
#[derive(Debug, Default)]
pub(super) struct Hour {
    stamps: Vec<DateTime<Utc>>,
}

impl Hour {
    pub(super) fn new(mut stamps: Vec<DateTime<Utc>>) -> Self {
        stamps.sort_unstable();
        Self { stamps }
    }

    /// What is left of a limit. Where a stamp leaves within the span, it may be one or the other.
    pub(super) fn free(&self, limit: u16, span: Span) -> RangeInclusive<usize> {
        let free = |at| usize::from(limit).saturating_sub(self.counting(at).count());
        free(span.earliest)..=free(span.latest)
    }

    /// What an answer may say of when more becomes possible, if these mints were granted on top. Where a stamp leaves
    /// within the span, it may be waited for, or be the last that was waited for.
    pub(super) fn reset_seconds(
        &self,
        limit: u16,
        granted: &[DateTime<Utc>],
        span: Span,
    ) -> RangeInclusive<i64> {
        if self.counting(span.earliest).count() != self.counting(span.latest).count() {
            return 0..=3600;
        }
        self.seconds_at(limit, granted, span.latest)..=self.seconds_at(limit, granted, span.earliest)
    }

    fn seconds_at(&self, limit: u16, granted: &[DateTime<Utc>], at: DateTime<Utc>) -> i64 {
        let before = self.counting(at).count();
        // Where the limit was lowered below what counts, as many have to leave as are too many, and one more.
        let too_many = before.saturating_sub(usize::from(limit));
        let leaves = self.counting(at).chain(granted.iter().copied()).nth(too_many);
        match leaves {
            _ if limit == 0 => 3600,
            None => 0,
            Some(stamp) => {
                let left = (stamp + TimeDelta::hours(1) - at).num_microseconds().unwrap();
                (left.max(1) as u64).div_ceil(1_000_000).min(3600) as i64
            }
        }
    }

    fn counting(&self, at: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        self.stamps.iter().copied().filter(move |stamp| *stamp > at - TimeDelta::hours(1))
    }
}
