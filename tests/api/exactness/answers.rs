//! The answers of a burst, and whether they told the truth.

use std::collections::BTreeSet;

use ephemint_test_support::Answer;

use super::hour::{Hour, Span};
use super::ledger::Row;

/// What one client was told.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) user: usize,
    pub(super) answer: Answer,
}

impl Told {
    pub(super) fn request(&self) -> &str {
        self.answer.header("x-request-id")
    }

    pub(super) fn is_refused(&self) -> bool {
        self.answer.code() == "rate_limit_exceeded"
    }

    /// What the ledger has to say of it in the end; none where nothing was spent.
    pub(super) fn outcome(&self, refunds: bool) -> Option<&'static str> {
        match self.answer.status {
            200 => Some("issued"),
            429 if self.is_refused() => None,
            // A machine that stands still for a second keeps the store from answering in time: then the provider was not
            // asked, whatever trouble it would have been in.
            503 if self.answer.code() == "store_unavailable" => Some("refunded"),
            502..=504 if refunds => Some("refunded"),
            502..=504 => Some("unconfirmed"),
            _ => panic!("{} is no answer of a mint: {}", self.answer.status, self.answer.text),
        }
    }

    /// `remaining` and the seconds until it grows, where the answer has them.
    fn left(&self) -> Option<(usize, i64)> {
        let header = self.answer.header("ratelimit").strip_prefix("\"hourly\";r=")?;
        let (remaining, seconds) = header.split_once(";t=")?;
        Some((remaining.parse().unwrap(), seconds.parse().unwrap()))
    }
}

/// One user's part of a burst.
pub(super) struct Part<'a> {
    pub(super) before: &'a Hour,
    pub(super) limit: u16,
    pub(super) span: Span,
    pub(super) told: Vec<&'a Told>,
    /// The rows that the burst has left, oldest first.
    pub(super) rows: Vec<&'a Row>,
    /// Whether some were given back while others asked.
    pub(super) refunded: bool,
}

impl Part<'_> {
    pub(super) fn check(&self) {
        let free = self.before.free(self.limit, self.span);
        let kept = self.rows.iter().filter(|row| row.counts()).count();
        assert!(kept <= *free.end(), "{kept} granted where {free:?} were free: {self}");
        let refused = self.told.iter().filter(|told| told.is_refused()).count();
        assert_eq!(self.rows.len() + refused, self.told.len(), "{self}");
        let due = self.told.len().min(*free.start());
        assert!(self.rows.len() >= due, "{} granted where {due} were due: {self}", self.rows.len());
        if !self.refunded {
            self.check_what_was_said();
        }
    }

    fn check_what_was_said(&self) {
        let free = self.before.free(self.limit, self.span);
        let granted: Vec<_> = self.rows.iter().map(|row| row.created_at).collect();
        let reset = self.before.reset_seconds(self.limit, &granted, self.span);
        let mut left = BTreeSet::new();
        for told in &self.told {
            let Some((remaining, seconds)) = told.left() else {
                assert!(told.answer.status > 500, "nothing is said of the limit: {}", told.answer.text);
                continue;
            };
            assert!(reset.contains(&seconds), "{seconds} s, where {reset:?} were true: {self}");
            if told.is_refused() {
                assert_eq!((remaining, told.answer.header("retry-after")), (0, &*seconds.to_string()));
                continue;
            }
            assert_eq!(told.answer.json()["rate_limit"]["remaining"], remaining);
            assert_eq!(told.answer.json()["rate_limit"]["reset_seconds"], seconds);
            assert!(remaining < *free.end(), "{remaining} left of {free:?}: {self}");
            // A stamp that leaves in the middle of a burst makes room, and two may be told the same.
            let first = left.insert(remaining);
            assert!(first || free.start() < free.end(), "two were told that {remaining} are left: {self}");
            assert!(remaining + self.rows.len() >= *free.start(), "{remaining} left is too few: {self}");
        }
    }
}

impl std::fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let told: Vec<_> =
            self.told.iter().map(|told| (told.answer.status, told.answer.header("ratelimit"))).collect();
        write!(
            f,
            "limit {}, decided in {:?}, before {:?}, rows {:#?}, told {told:?}",
            self.limit, self.span, self.before, self.rows
        )
    }
}
