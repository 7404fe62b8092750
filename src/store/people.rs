//! Users counted and added up for reports, by number where they have one, else by key.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::packed::PackedUser;
use super::reports::{DayPart, TopUsers, UserFact};

/// Users who got tokens, told apart within each span of time.
#[derive(Debug)]
pub(super) struct ActiveUsers<'a> {
    /// By span, and so by day.
    parts: &'a [DayPart],
    /// The numbers of users by span, a bit each.
    seen: Vec<Vec<u64>>,
    /// Users without a number, by span and key.
    strangers: HashSet<(usize, Vec<u8>)>,
    counts: Vec<i64>,
}

impl<'a> ActiveUsers<'a> {
    /// Nobody yet. The parts are ascending in time.
    pub(super) fn new(parts: &'a [DayPart]) -> Self {
        let spans = parts.last().map_or(0, |part| part.span + 1);
        Self { parts, seen: vec![Vec::new(); spans], strangers: HashSet::new(), counts: vec![0; spans] }
    }

    /// Adds users of a day who have numbers.
    pub(super) fn add<'u>(&mut self, day: DateTime<Utc>, users: impl Iterator<Item = &'u PackedUser>) {
        let parts = parts_of(self.parts, day);
        for user in users {
            for part in parts.iter().filter(|part| has_tokens(part, user.early, user.late)) {
                self.add_number(part.span, user.number);
            }
        }
    }

    /// Adds one user of a day, by number or key.
    pub(super) fn add_one(
        &mut self,
        day: DateTime<Utc>,
        (number, key): (Option<u32>, Vec<u8>),
        (early, late): (i64, i64),
    ) {
        for part in parts_of(self.parts, day).iter().filter(|part| has_tokens(part, early, late)) {
            match number {
                Some(number) => self.add_number(part.span, number),
                None => {
                    if self.strangers.insert((part.span, key.clone()))
                        && let Some(count) = self.counts.get_mut(part.span)
                    {
                        *count += 1;
                    }
                }
            }
        }
    }

    fn add_number(&mut self, span: usize, number: u32) {
        let (word, bit) = (number as usize / 64, 1 << (number % 64));
        if let (Some(seen), Some(count)) = (self.seen.get_mut(span), self.counts.get_mut(span)) {
            if seen.len() <= word {
                seen.resize(word + 1, 0);
            }
            if let Some(word) = seen.get_mut(word).filter(|word| **word & bit == 0) {
                *word |= bit;
                *count += 1;
            }
        }
    }

    /// How many there were, by span; spans without any are left out.
    pub(super) fn counts(self) -> Vec<(usize, i64)> {
        self.counts.into_iter().enumerate().filter(|(_, count)| *count > 0).collect()
    }
}

fn parts_of(parts: &[DayPart], day: DateTime<Utc>) -> &[DayPart] {
    let first = parts.partition_point(|part| part.day < day);
    let last = parts.partition_point(|part| part.day <= day);
    parts.get(first..last).unwrap_or_default()
}

fn has_tokens(part: &DayPart, early: i64, late: i64) -> bool {
    part.early & early != 0 || part.late & late != 0
}

/// What users have had, added up.
#[derive(Debug, Default)]
pub(super) struct Totals {
    /// Mints and tokens, by number.
    numbered: Vec<(i64, i64)>,
    /// Users without a number, by key.
    strangers: HashMap<Vec<u8>, UserFact>,
}

impl Totals {
    /// Adds to what somebody with a number has had.
    pub(super) fn add(&mut self, number: u32, mints: i64, tokens: i64) {
        let at = number as usize;
        if self.numbered.len() <= at {
            self.numbered.resize(at + 1, (0, 0));
        }
        if let Some(sums) = self.numbered.get_mut(at) {
            *sums = (sums.0 + mints, sums.1 + tokens);
        }
    }

    /// Adds somebody without a number. Each comes once.
    pub(super) fn add_stranger(&mut self, user: UserFact) {
        self.strangers.insert(user.key.clone(), user);
    }

    /// The numbers of those who may be on a page. Between users with as many tokens as each other their keys decide, which
    /// are not known yet.
    pub(super) fn shortlist(&self, page: &TopUsers) -> Vec<u32> {
        let most = page.after.as_ref().map_or(i64::MAX, |(tokens, _)| *tokens);
        let numbered = || (0_u32..).zip(&self.numbered).filter(|(_, (mints, _))| *mints > 0);
        let strangers = self.strangers.values().map(|user| user.tokens);
        let mut tokens: Vec<i64> = numbered().map(|(_, (_, tokens))| *tokens).chain(strangers).collect();
        tokens.retain(|tokens| *tokens <= most);
        // Any of those with as many tokens as the last user of the page before may have been on it.
        let shown = tokens.iter().filter(|tokens| page.after.is_some() && **tokens == most).count();
        let wanted = page.limit as usize + shown;
        let least = if wanted < tokens.len() {
            *tokens.select_nth_unstable_by_key(wanted, |tokens| std::cmp::Reverse(*tokens)).1
        } else {
            i64::MIN
        };
        let is_near = |tokens: i64| (least..=most).contains(&tokens);
        numbered().filter(|(_, (_, tokens))| is_near(*tokens)).map(|(number, _)| number).collect()
    }

    /// The page, given whom the numbers of the shortlist stand for.
    pub(super) fn page(self, page: &TopUsers, named: Vec<Named>) -> Vec<UserFact> {
        let fact = |user: Named| {
            let (mints, tokens) = self.numbered.get(user.number as usize).copied().unwrap_or_default();
            UserFact { key: user.key, issuer: user.issuer, user_id: user.user_id, mints, tokens }
        };
        let mut users: Vec<_> = named.into_iter().map(fact).chain(self.strangers.into_values()).collect();
        let order = |user: &UserFact| (std::cmp::Reverse(user.tokens), user.key.clone());
        if let Some((tokens, key)) = &page.after {
            let last = (std::cmp::Reverse(*tokens), key.clone());
            users.retain(|user| order(user) > last);
        }
        users.sort_by_cached_key(order);
        users.truncate(page.limit as usize);
        users
    }
}

/// Whom a number stands for.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// The number.
    pub(super) number: u32,
    /// The user's key.
    pub(super) key: Vec<u8>,
    /// The issuer of their tokens; empty where it had none.
    pub(super) issuer: String,
    /// The user, as the ledger has them.
    pub(super) user_id: String,
}
