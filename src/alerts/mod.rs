//! Floor 3: what operators are told of without asking.
//!
//! Rules stand in the policy. Each looks at windows of time that stand still, and raises one alert at most for a window and
//! whomever it is about: the table's unique key decides which replica does. An alert that was raised is shown, logged, and
//! delivered to the webhook, where there is one.

mod delivery;
mod failures;
mod rules;
mod shown;
mod spending;
mod webhook;
mod window;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

pub use shown::{ListedAlert, ShownAlert};
pub use spending::{Span, Spending};
pub use webhook::{BadSecret, Webhook, WebhookError, WebhookSecret, WebhookSettings};

use self::failures::Failures;
use self::rules::Finding;
use self::window::{Window, windows};
use crate::kernel::clock::Clock;
use crate::kernel::ids::AlertId;
use crate::metrics::Metrics;
use crate::policy::{AlertRule, Condition, CurrentPolicy};
use crate::store::{Alert, AlertRow, Store, StoreError};
use crate::vault::KeyAges;

/// How long it is kept from where credentials were refused: longer than any window.
const KEEP_FAILURES: TimeDelta = TimeDelta::days(2);

/// What alerts are made of.
#[derive(Debug)]
pub struct Parts {
    /// Where they are kept, and what they are decided by.
    pub store: Arc<dyn Store>,
    /// Has the rules.
    pub policy: CurrentPolicy,
    /// Says which windows are open.
    pub clock: Arc<dyn Clock>,
    /// Counts them.
    pub metrics: Arc<Metrics>,
    /// Gets them, where there is one.
    pub webhook: Option<Webhook>,
    /// For how many days they are kept; none: for ever.
    pub keep_days: Option<u32>,
    /// Says which keys are due; none where no keys of users are stored.
    pub key_ages: Option<KeyAges>,
}

/// Raises alerts, and delivers them.
#[derive(Debug)]
pub struct Alerts {
    store: Arc<dyn Store>,
    policy: CurrentPolicy,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    webhook: Option<Webhook>,
    keep: Option<TimeDelta>,
    key_ages: Option<KeyAges>,
    failures: Failures,
    /// What was usual before a day: past days change no more, and there may be many.
    usual: Mutex<Option<(DateTime<Utc>, Option<i64>)>>,
}

impl Alerts {
    /// Made of these parts.
    pub fn new(parts: Parts) -> Self {
        let Parts { store, policy, clock, metrics, webhook, keep_days, key_ages } = parts;
        Condition::KINDS.into_iter().for_each(|kind| metrics.alert_kind(kind));
        Self {
            store,
            policy,
            clock,
            metrics,
            webhook,
            keep: keep_days.map(|days| TimeDelta::days(i64::from(days))),
            key_ages,
            failures: Failures::default(),
            usual: Mutex::default(),
        }
    }

    /// So many alerts at most before this one, newest first.
    pub async fn page(&self, before: AlertId, limit: u16) -> Result<Vec<AlertRow>, StoreError> {
        self.store.alerts(before, limit).await
    }

    /// A credential from this address was refused. Counted only while a rule asks for it: addresses are personal data.
    pub fn failed_authentication(&self, address: IpAddr) {
        let is_asked_for =
            |rule: &AlertRule| matches!(rule.condition, Condition::FailedAuthentications { .. });
        if self.policy.take().alerts().iter().any(is_asked_for) {
            self.failures.count(address, self.clock.now());
        }
    }

    /// Looks at every rule, and raises what there is to raise. A rule that can't be looked at keeps no other from it; the
    /// first error is told.
    pub async fn evaluate(&self) -> Result<(), StoreError> {
        let (policy, now) = (self.policy.take(), self.clock.now());
        let mut result = self.write_failures().await;
        for rule in policy.alerts() {
            for window in windows(&rule.condition, policy.budget().tz, now) {
                let raised = match self.look(&rule.condition, &policy, window).await {
                    Ok(findings) => self.raise_all(rule, window, findings).await,
                    Err(error) => Err(error),
                };
                result = result.and(raised);
            }
        }
        result.and(self.forget(now).await)
    }

    async fn raise_all(
        &self,
        rule: &AlertRule,
        window: Window,
        findings: Vec<Finding>,
    ) -> Result<(), StoreError> {
        let kind = rule.condition.kind();
        for finding in findings {
            let alert = Alert {
                id: AlertId::new(self.clock.now()),
                rule: rule.name.clone(),
                kind,
                subject: finding.subject,
                window_start: window.from,
                window_end: window.to,
                value: finding.value,
                threshold: finding.threshold,
                summary: finding.summary,
                is_to_be_delivered: self.webhook.is_some(),
            };
            if self.store.raise(&alert).await? {
                self.metrics.alert_raised(kind);
                // Without whom it is about, who has the right to be forgotten.
                tracing::warn!(alert = %alert.id.0, rule = alert.rule, kind, summary = alert.summary, "an alert was raised");
            }
        }
        Ok(())
    }

    async fn write_failures(&self) -> Result<(), StoreError> {
        let taken = self.failures.take();
        let rows = taken.rows();
        if rows.is_empty() {
            return Ok(());
        }
        let written = self.store.count_failures(&rows).await;
        if written.is_err() {
            taken.put_back();
        }
        written
    }

    async fn forget(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.store.forget_failures(now - KEEP_FAILURES).await?;
        match self.keep {
            Some(keep) => self.store.forget_alerts(now - keep).await,
            None => Ok(()),
        }
    }

    /// What was usual before a day, worked out once for it.
    async fn usual_day(&self, day: DateTime<Utc>) -> Result<Option<i64>, StoreError> {
        let known = *self.usual.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, usual)) = known.filter(|(known, _)| *known == day) {
            return Ok(usual);
        }
        let usual = self.store.usual_day(day).await?;
        *self.usual.lock().unwrap_or_else(PoisonError::into_inner) = Some((day, usual));
        Ok(usual)
    }
}
