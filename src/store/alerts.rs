//! Alerts, and what only they are decided by. The rest is read from [`Reports`](super::Reports).

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreError;
use crate::kernel::ids::AlertId;

/// An alert to be raised.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Its name.
    pub id: AlertId,
    /// The rule that it comes of.
    pub rule: String,
    /// The rule's kind.
    pub kind: &'static str,
    /// What it is about, where the rule is about one of many.
    pub subject: Option<Subject>,
    /// From when on it was looked.
    pub window_start: DateTime<Utc>,
    /// Until when; this moment is no part of it.
    pub window_end: DateTime<Utc>,
    /// What was found.
    pub value: f64,
    /// What it is over.
    pub threshold: f64,
    /// The same in a sentence, which names nobody.
    pub summary: String,
    /// Whether it is to be delivered.
    pub is_to_be_delivered: bool,
}

impl Alert {
    /// Key and name of the subject; empty where there is none.
    pub(super) fn subject_columns(&self) -> (&[u8], &str) {
        self.subject.as_ref().map_or((&[], ""), |subject| (&subject.key, &subject.name))
    }

    pub(super) fn delivery_column(&self) -> &'static str {
        if self.is_to_be_delivered { "pending" } else { "none" }
    }
}

/// A user or an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// What tells it from others: a user's key, or the bytes of an address.
    pub key: Vec<u8>,
    /// What people call it.
    pub name: String,
}

/// An alert that was raised.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertRow {
    /// Its name.
    pub id: AlertId,
    /// The rule that it comes of.
    pub rule: String,
    /// The rule's kind.
    pub kind: String,
    /// The user or address that it is about; none where it is about none, or the user was erased.
    pub subject: Option<String>,
    /// From when on it was looked.
    pub window_start: DateTime<Utc>,
    /// Until when.
    pub window_end: DateTime<Utc>,
    /// When it was raised.
    pub raised_at: DateTime<Utc>,
    /// What was found.
    pub value: f64,
    /// What it is over.
    pub threshold: f64,
    /// The same in a sentence.
    pub summary: String,
    /// `none`, `pending`, `delivered` or `given_up`.
    pub delivery: String,
    /// How often its delivery was attempted, the attempt that is under way among them.
    pub attempts: u32,
    /// When it was delivered.
    pub delivered_at: Option<DateTime<Utc>>,
}

/// How an attempt at a delivery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// It was taken.
    Delivered,
    /// It was not, and is tried again after this time.
    Again(Duration),
    /// It was not, and that was the last attempt.
    GivenUp,
}

impl Attempt {
    /// What the delivery is from then on, and the milliseconds until the next attempt.
    pub(super) fn columns(self) -> (&'static str, i64) {
        match self {
            Self::Delivered => ("delivered", 0),
            Self::Again(wait) => ("pending", millis(wait)),
            Self::GivenUp => ("given_up", 0),
        }
    }
}

/// Whole milliseconds.
pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Credentials from one address that were refused within a minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failures {
    /// The address: IPv4 whole, IPv6 by /64.
    pub address: String,
    /// The minute begins.
    pub minute: DateTime<Utc>,
    /// How many.
    pub count: u32,
}

/// Who is over something.
#[derive(Debug, Clone, Copy)]
pub struct Over {
    /// From this time on.
    pub from: DateTime<Utc>,
    /// Before this time.
    pub to: DateTime<Utc>,
    /// Over so many, not at.
    pub over: i64,
    /// So many of them, those with the most.
    pub most: u16,
}

/// Users with many tokens on a day.
#[derive(Debug, Clone, Copy)]
pub struct HeavyDay {
    /// The midnight (UTC) at which the day begins.
    pub day: DateTime<Utc>,
    /// Over so many tokens, not at.
    pub over: i64,
    /// So many users, those with the most.
    pub most: u16,
}

/// How many there are of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Who.
    pub subject: Subject,
    /// How many.
    pub count: i64,
}

/// Alerts.
#[async_trait]
pub trait Alerting: Send + Sync {
    /// Raises an alert. Says whether it did: not where it was raised before for its rule, window and subject.
    async fn raise(&self, alert: &Alert) -> Result<bool, StoreError>;

    /// So many alerts at most before this one, newest first.
    async fn alerts(&self, before: AlertId, limit: u16) -> Result<Vec<AlertRow>, StoreError>;

    /// Takes the alert whose delivery is due for the longest time. Nobody else gets it for as long as `lease`, and whoever
    /// comes then if [`Alerting::attempted`] was not heard of.
    async fn take_due_alert(&self, lease: Duration) -> Result<Option<AlertRow>, StoreError>;

    /// Says how an attempt at a delivery ended. What was delivered stays so.
    async fn attempted(&self, id: AlertId, attempt: Attempt) -> Result<(), StoreError>;

    /// Adds to the counts of refused credentials. No address and minute may come twice in one call.
    async fn count_failures(&self, failures: &[Failures]) -> Result<(), StoreError>;

    /// Addresses from which many credentials were refused, between two whole minutes.
    async fn failing_addresses(&self, over: Over) -> Result<Vec<Counted>, StoreError>;

    /// Users who minted often, whatever came of it.
    async fn frequent_users(&self, over: Over) -> Result<Vec<Counted>, StoreError>;

    /// Users who got many tokens on a day.
    async fn heavy_users(&self, heavy: HeavyDay) -> Result<Vec<Counted>, StoreError>;

    /// Those among them who also got more than `times` what is usual for themselves, which comes with them: the 95th
    /// percentile of the days of their last four weeks on which they got any.
    async fn unusual_users(&self, heavy: HeavyDay, times: f64) -> Result<Vec<(Counted, i64)>, StoreError>;

    /// The same percentile of all users, before this day (a midnight in UTC); none where nobody got any.
    async fn usual_day(&self, day: DateTime<Utc>) -> Result<Option<i64>, StoreError>;

    /// Forgets the counts of refused credentials before a time.
    async fn forget_failures(&self, before: DateTime<Utc>) -> Result<(), StoreError>;

    /// Forgets alerts that were raised before a time.
    async fn forget_alerts(&self, before: DateTime<Utc>) -> Result<(), StoreError>;
}
