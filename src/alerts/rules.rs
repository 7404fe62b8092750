//! What a rule finds in a window.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::Alerts;
use super::window::Window;
use crate::kernel::money;
use crate::policy::{Condition, Per, Policy, Refused, Usual};
use crate::store::reports::{MintFact, Which};
use crate::store::{Counted, HeavyDay, Outcome, Over, StoreError, Subject};

/// Users or addresses that one rule finds in a window at most.
const MOST: u16 = 100;

/// Days that refusals are compared with.
const PAST_DAYS: i32 = 7;

/// Something that a rule is for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Finding {
    pub(super) subject: Option<Subject>,
    pub(super) value: f64,
    pub(super) threshold: f64,
    /// Names nobody.
    pub(super) summary: String,
}

impl Finding {
    fn of_all(value: f64, threshold: f64, summary: String) -> Self {
        Self { subject: None, value, threshold, summary }
    }

    fn of_one(counted: Counted, threshold: f64, summary: impl FnOnce(i64) -> String) -> Self {
        let count = counted.count;
        Self { subject: Some(counted.subject), value: count as f64, threshold, summary: summary(count) }
    }
}

impl Alerts {
    /// What there is to raise by this condition.
    pub(super) async fn look(
        &self,
        condition: &Condition,
        policy: &Policy,
        window: Window,
    ) -> Result<Vec<Finding>, StoreError> {
        let one = |finding: Option<Finding>| finding.into_iter().collect();
        Ok(match condition {
            Condition::Cost { per, over } => one(self.cost(policy, *per, *over, window).await?),
            Condition::ErrorRate { over, at_least, .. } => {
                let facts = self.store.mint_facts(&[window.from, window.to], &Which::default()).await?;
                one(error_rate(&facts, *over, *at_least))
            }
            Condition::Refusals { over, .. } => one(self.refusals(*over, window).await?),
            Condition::RapidMinting { over, .. } => self.rapid_minting(*over, window).await?,
            Condition::UnusualUse { times, of, at_least } => {
                self.unusual_use(*times, *of, *at_least, window.from).await?
            }
            Condition::FailedAuthentications { over, .. } => {
                self.failed_authentications(*over, window).await?
            }
            Condition::KeyRotationDue => one(self.key_rotation_due().await?),
        })
    }

    async fn cost(
        &self,
        policy: &Policy,
        per: Per,
        over: i64,
        window: Window,
    ) -> Result<Option<Finding>, StoreError> {
        let spent = self.spent(policy, window).await?;
        if spent.millionths <= over {
            return Ok(None);
        }
        let time = match per {
            Per::Hour => "hour",
            Per::Day => "day",
            Per::Month => "month",
        };
        let unpriced = match spent.unpriced_tokens {
            0 => String::new(),
            tokens => format!("; tokens without a price are not in it: {tokens}"),
        };
        let summary = format!(
            "This {time} has cost {} {currency} by estimate, which is over {} {currency}{unpriced}.",
            money::plain(spent.millionths),
            money::plain(over),
            currency = policy.prices().currency(),
        );
        let units = |millionths: i64| millionths as f64 / 1_000_000.0;
        Ok(Some(Finding::of_all(units(spent.millionths), units(over), summary)))
    }

    async fn refusals(&self, over: Refused, window: Window) -> Result<Option<Finding>, StoreError> {
        let past = match over {
            Refused::Count(_) => 0,
            Refused::TimesMean { .. } => PAST_DAYS,
        };
        let (edges, wanted) = with_the_same_of_past_days(window, past);
        let mut counts: BTreeMap<usize, i64> = BTreeMap::new();
        for fact in self.store.refusal_facts(&edges).await? {
            *counts.entry(fact.span).or_default() += fact.count;
        }
        let count_of = |span: &usize| counts.get(span).copied().unwrap_or_default();
        let Some((now, before)) = wanted.split_last() else { return Ok(None) };
        let count = count_of(now);
        let (threshold, at_least, what) = match over {
            Refused::Count(over) => (over as f64, 0, format!("{over}")),
            Refused::TimesMean { times, at_least } => {
                let mean = before.iter().map(count_of).sum::<i64>() as f64 / f64::from(PAST_DAYS);
                let what = format!("{times} times the mean of the last days, {mean:.1}");
                (times * mean, at_least, what)
            }
        };
        let is_over = count as f64 > threshold && count >= at_least;
        let summary = || format!("{count} requests of users were refused, which is over {what}.");
        Ok(is_over.then(|| Finding::of_all(count as f64, threshold, summary())))
    }

    async fn rapid_minting(&self, over: i64, window: Window) -> Result<Vec<Finding>, StoreError> {
        let found = self.store.frequent_users(over_in(window, over)).await?;
        let summary = |count| format!("One user minted {count} times, which is over {over}.");
        Ok(found.into_iter().map(|one| Finding::of_one(one, over as f64, summary)).collect())
    }

    async fn failed_authentications(&self, over: i64, window: Window) -> Result<Vec<Finding>, StoreError> {
        let found = self.store.failing_addresses(over_in(window, over)).await?;
        let summary =
            |count| format!("{count} credentials from one address were refused, which is over {over}.");
        Ok(found.into_iter().map(|one| Finding::of_one(one, over as f64, summary)).collect())
    }

    async fn key_rotation_due(&self) -> Result<Option<Finding>, StoreError> {
        let Some(ages) = &self.key_ages else { return Ok(None) };
        let due = ages.due(&*self.store, self.clock.now()).await?;
        let told: Vec<_> = due.of_users().into_iter().chain(due.of_sealing()).collect();
        let summary = || format!("It is time for other keys: {}.", told.join("; "));
        Ok((!told.is_empty()).then(|| Finding::of_all(due.count() as f64, 0.0, summary())))
    }

    async fn unusual_use(
        &self,
        times: f64,
        of: Usual,
        at_least: i64,
        day: DateTime<Utc>,
    ) -> Result<Vec<Finding>, StoreError> {
        // At the floor, not over it.
        let heavy = HeavyDay { day, over: at_least - 1, most: MOST };
        let (found, whose) = match of {
            Usual::Own => (self.store.unusual_users(heavy, times).await?, "what is usual for them"),
            Usual::Everybody => {
                let Some(usual) = self.usual_day(day).await? else { return Ok(Vec::new()) };
                let over = (times * usual as f64).floor() as i64;
                let heavy = HeavyDay { over: heavy.over.max(over), ..heavy };
                let found = self.store.heavy_users(heavy).await?;
                (found.into_iter().map(|one| (one, usual)).collect(), "what is usual here")
            }
        };
        let finding = |(one, usual): (Counted, i64)| {
            let threshold = times * usual as f64;
            Finding::of_one(one, threshold, |count| {
                format!(
                    "One user got {count} tokens on this day (UTC), more than {times} times {whose}: {usual} on a busy day."
                )
            })
        };
        Ok(found.into_iter().map(finding).collect())
    }
}

fn over_in(window: Window, over: i64) -> Over {
    Over { from: window.from, to: window.to, over, most: MOST }
}

fn error_rate(facts: &[MintFact], over: f64, at_least: i64) -> Option<Finding> {
    let count = |outcomes: &[Outcome]| -> i64 {
        let is_one = |fact: &&MintFact| outcomes.iter().any(|outcome| outcome.as_str() == fact.outcome);
        facts.iter().filter(is_one).map(|fact| fact.count).sum()
    };
    let failed = count(&[Outcome::Refunded, Outcome::Unconfirmed]);
    let ended = failed + count(&[Outcome::Issued]);
    if ended < at_least || ended == 0 {
        return None;
    }
    let rate = failed as f64 / ended as f64;
    let summary = || {
        format!(
            "{failed} of {ended} mints failed: {:.1} %, which is over {:.1} %.",
            100.0 * rate,
            100.0 * over
        )
    };
    (rate > over).then(|| Finding::of_all(rate, over, summary()))
}

/// Edges of the same window on so many days before, and of the window itself; and which spans these are, oldest first.
fn with_the_same_of_past_days(window: Window, days: i32) -> (Vec<DateTime<Utc>>, Vec<usize>) {
    let (mut edges, mut wanted) = (Vec::new(), Vec::new());
    for ago in (0..=days).rev() {
        let shift = TimeDelta::days(i64::from(ago));
        let (from, to) = (window.from - shift, window.to - shift);
        // A window of a whole day ends where the next begins.
        if edges.last() != Some(&from) {
            edges.push(from);
        }
        wanted.push(edges.len() - 1);
        edges.push(to);
    }
    (edges, wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(outcome: &str, count: i64) -> MintFact {
        MintFact {
            span: 0,
            role: "r".to_owned(),
            language: "en".to_owned(),
            session_type: "realtime".to_owned(),
            model: "m".to_owned(),
            key_source: "operator".to_owned(),
            outcome: outcome.to_owned(),
            error_code: String::new(),
            count,
        }
    }

    #[test]
    fn the_error_rate_is_of_what_has_ended() {
        let facts = [fact("issued", 6), fact("refunded", 3), fact("unconfirmed", 1), fact("pending", 90)];
        let found = error_rate(&facts, 0.39, 10).unwrap();
        assert_eq!((found.value, found.threshold), (0.4, 0.39));
        assert_eq!(found.summary, "4 of 10 mints failed: 40.0 %, which is over 39.0 %.");
        assert_eq!(error_rate(&facts, 0.4, 10), None, "over it, not at it");
        assert_eq!(error_rate(&facts, 0.39, 11), None, "too few to say");
        assert_eq!(error_rate(&[], 0.0, 0), None);
    }

    #[test]
    fn the_same_window_of_past_days_is_found() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let hour = Window { from: at("2026-11-20T12:00:00Z"), to: at("2026-11-20T13:00:00Z") };
        let (edges, wanted) = with_the_same_of_past_days(hour, 2);
        assert_eq!((edges.len(), wanted), (6, vec![0, 2, 4]));
        assert_eq!((edges[0], edges[5]), (at("2026-11-18T12:00:00Z"), hour.to));
        let day = Window { from: at("2026-11-20T00:00:00Z"), to: at("2026-11-21T00:00:00Z") };
        let (edges, wanted) = with_the_same_of_past_days(day, 2);
        assert_eq!((edges.len(), wanted), (4, vec![0, 1, 2]));
    }
}
