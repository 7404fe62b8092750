//! Mints added up by what became of them.

use super::table::Cell;
use super::{Group, Query};
use crate::store::Outcome;
use crate::store::reports::MintFact;

/// The columns of [`Counts::cells`].
pub(super) const COLUMNS: [&str; 7] =
    ["mints", "tokens", "issued", "refunded", "unconfirmed", "pending", "error_rate"];

/// How many mints ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    issued: i64,
    refunded: i64,
    unconfirmed: i64,
    pending: i64,
}

impl Counts {
    pub(super) fn add(&mut self, fact: &MintFact) {
        let outcomes = [
            (Outcome::Issued, &mut self.issued),
            (Outcome::Refunded, &mut self.refunded),
            (Outcome::Unconfirmed, &mut self.unconfirmed),
            (Outcome::Pending, &mut self.pending),
        ];
        for (outcome, count) in outcomes {
            if outcome.as_str() == fact.outcome {
                *count += fact.count;
            }
        }
    }

    pub(super) fn of<'a>(facts: impl IntoIterator<Item = &'a MintFact>) -> Self {
        let mut counts = Self::default();
        facts.into_iter().for_each(|fact| counts.add(fact));
        counts
    }

    /// Handed out, or maybe so.
    pub(super) fn tokens(&self) -> i64 {
        self.issued + self.unconfirmed
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = Cell> {
        let ended = self.issued + self.refunded + self.unconfirmed;
        [
            Cell::Count(ended + self.pending),
            Cell::Count(self.tokens()),
            Cell::Count(self.issued),
            Cell::Count(self.refunded),
            Cell::Count(self.unconfirmed),
            Cell::Count(self.pending),
            Cell::share(self.refunded + self.unconfirmed, ended),
        ]
        .into_iter()
    }
}

impl Group {
    /// What a mint is, in this respect. Days, weeks and months are told apart by their spans.
    pub(super) fn of(self, fact: &MintFact) -> &str {
        match self {
            Self::Role => &fact.role,
            Self::Language => &fact.language,
            Self::SessionType => &fact.session_type,
            Self::Model => &fact.model,
            Self::KeySource => &fact.key_source,
            Self::Outcome => &fact.outcome,
            Self::Day | Self::Week | Self::Month => "",
        }
    }
}

impl Query {
    /// Whether it is about everybody. Refusals are counted by code alone, so of some nobody knows them.
    pub(super) fn is_about_all(&self) -> bool {
        self.which.role.is_none() && self.which.user.is_none()
    }
}
