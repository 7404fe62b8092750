//! Delivering alerts: at least once, by whichever replica comes first, for more than a day.

use std::time::Duration;

use super::Alerts;
use super::shown::ShownAlert;
use super::webhook::Webhook;
use crate::kernel::cause::chain;
use crate::kernel::ids::AlertId;
use crate::metrics::Delivery;
use crate::store::{AlertRow, Attempt, StoreError};

/// How long a delivery belongs to whoever began it: longer than a request can take.
const LEASE: Duration = Duration::from_secs(60);

/// The first wait, which doubles with each attempt.
const FIRST_WAIT: Duration = Duration::from_secs(5);

/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// With the waits above, the last attempt is made 25 to 37 hours after the first.
const MOST_ATTEMPTS: u32 = 35;

impl Alerts {
    /// Attempts every delivery that is due.
    pub async fn deliver(&self) -> Result<(), StoreError> {
        let Some(webhook) = &self.webhook else { return Ok(()) };
        while let Some(alert) = self.store.take_due_alert(LEASE).await? {
            let attempt = self.attempt(webhook, &alert).await;
            self.store.attempted(alert.id, attempt).await?;
        }
        Ok(())
    }

    async fn attempt(&self, webhook: &Webhook, alert: &AlertRow) -> Attempt {
        let Err(error) = webhook.send(&ShownAlert::from(alert), self.clock.now()).await else {
            self.metrics.alert_delivery(Delivery::Delivered);
            return Attempt::Delivered;
        };
        let (id, attempts, error) = (alert.id.0, alert.attempts, chain(&error));
        match wait(alert.id, attempts) {
            Some(wait) => {
                self.metrics.alert_delivery(Delivery::Failed);
                tracing::warn!(alert = %id, attempts, error, "an alert was not delivered; it is tried again");
                Attempt::Again(wait)
            }
            None => {
                self.metrics.alert_delivery(Delivery::GivenUp);
                tracing::error!(alert = %id, attempts, error, "an alert was not delivered, and is given up");
                Attempt::GivenUp
            }
        }
    }
}

/// How long to wait after so many attempts; none: no more.
///
/// Up to half as long again, by digits of the id that are random: alerts that failed together don't all come back together.
fn wait(id: AlertId, attempts: u32) -> Option<Duration> {
    if attempts >= MOST_ATTEMPTS {
        return None;
    }
    let doubled = FIRST_WAIT * 2_u32.saturating_pow(attempts.saturating_sub(1).min(16));
    let wait = doubled.min(LONGEST_WAIT);
    let (_, random) = id.0.as_u64_pair();
    let turn = u8::try_from(random.rotate_left(attempts) & 0xff).unwrap_or_default();
    Some(wait + wait / 2 * u32::from(turn) / 255)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn waits(id: AlertId) -> Vec<Duration> {
        (1..).map_while(|attempts| wait(id, attempts)).collect()
    }

    #[test]
    fn it_is_tried_for_more_than_a_day_and_not_for_ever() {
        for random in [0, u64::MAX, 0x1234_5678_9abc_def0] {
            let waits = waits(AlertId(Uuid::from_u64_pair(0, random)));
            let whole: Duration = waits.iter().sum();
            assert_eq!(waits.len() + 1, MOST_ATTEMPTS as usize);
            assert!((24 * 3600..40 * 3600).contains(&whole.as_secs()), "{whole:?}");
            assert!(waits.iter().all(|wait| *wait >= FIRST_WAIT && *wait <= LONGEST_WAIT * 3 / 2));
        }
    }

    #[test]
    fn alerts_that_failed_together_come_back_apart() {
        let now = chrono::DateTime::UNIX_EPOCH;
        let thirds: std::collections::BTreeSet<_> =
            (0..20).filter_map(|_| wait(AlertId::new(now), 3)).collect();
        assert!(thirds.len() > 5, "{thirds:?}");
    }
}
