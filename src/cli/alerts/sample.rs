//! `ephemint alerts test`: a sample for the webhook.

use anyhow::Context;
use chrono::TimeDelta;

use crate::alerts::{ShownAlert, Webhook};
use crate::cli::report;
use crate::config::{Alerting, Environment, read_one};
use crate::kernel::clock::{Clock, SystemClock};
use crate::kernel::ids::AlertId;
use crate::store::AlertRow;

pub(super) async fn send(environment: &Environment) -> anyhow::Result<()> {
    let alerting = read_one(environment, Alerting::read).map_err(report::mistakes)?;
    let settings =
        alerting.webhook.context("ALERT_WEBHOOK_URL is not set, so there is nothing to send to")?;
    let host = settings.url.host_str().unwrap_or_default().to_owned();
    let now = SystemClock.now();
    let sample = AlertRow {
        id: AlertId::new(now),
        rule: "test".to_owned(),
        kind: "test".to_owned(),
        subject: None,
        window_start: now - TimeDelta::hours(1),
        window_end: now,
        raised_at: now,
        value: 1.0,
        threshold: 0.0,
        summary: "This is a sample. Nothing happened.".to_owned(),
        delivery: "pending".to_owned(),
        attempts: 1,
        delivered_at: None,
    };
    let status = Webhook::new(settings)?
        .send(&ShownAlert::from(&sample), now)
        .await
        .with_context(|| format!("the sample was not taken by {host}"))?;
    report::say(format!("{host} took the sample, with status {status}. Its webhook-id was {}.", sample.id.0));
    Ok(())
}
