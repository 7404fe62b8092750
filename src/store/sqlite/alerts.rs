//! Alerts: raised by the writer, looked for by the reader.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Params, Result, Row, TransactionBehavior, params};

use super::super::StoreError;
use super::super::alerts::{
    Alert, AlertRow, Alerting, Attempt, Counted, Failures, HeavyDay, Over, Subject, millis,
};
use super::ledger::time;
use super::{SqliteStore, queries};
use crate::kernel::ids::AlertId;

const LOOKING: &str = "looking for reasons to raise an alert";

#[async_trait]
impl Alerting for SqliteStore {
    async fn raise(&self, alert: &Alert) -> Result<bool, StoreError> {
        let (alert, now) = (alert.clone(), self.clock.now().timestamp_millis());
        self.writer.run("raising an alert", move |db| raise(db, &alert, now)).await
    }

    async fn alerts(&self, before: AlertId, limit: u16) -> Result<Vec<AlertRow>, StoreError> {
        let read = move |db: &mut Connection| {
            db.prepare_cached(queries::ALERTS)?.query_map(params![before.0, limit], alert_row)?.collect()
        };
        self.reader.run("reading the alerts", read).await
    }

    async fn take_due_alert(&self, lease: Duration) -> Result<Option<AlertRow>, StoreError> {
        let now = self.clock.now().timestamp_millis();
        let take = move |db: &mut Connection| {
            let mut statement = db.prepare_cached(queries::TAKE_DUE_ALERT)?;
            statement.query_row(params![now, millis(lease)], alert_row).optional()
        };
        self.writer.run("taking an alert to deliver", take).await
    }

    async fn attempted(&self, id: AlertId, attempt: Attempt) -> Result<(), StoreError> {
        let ((delivery, wait), now) = (attempt.columns(), self.clock.now().timestamp_millis());
        let note = move |db: &mut Connection| {
            execute(db, queries::ALERT_ATTEMPTED, params![id.0, delivery, wait, now])
        };
        self.writer.run("noting a delivery", note).await
    }

    async fn count_failures(&self, failures: &[Failures]) -> Result<(), StoreError> {
        let failures = failures.to_vec();
        self.writer.run("counting refused credentials", move |db| count_failures(db, &failures)).await
    }

    async fn failing_addresses(&self, over: Over) -> Result<Vec<Counted>, StoreError> {
        self.reader.run(LOOKING, move |db| over_in(db, queries::FAILING_ADDRESSES, over)).await
    }

    async fn frequent_users(&self, over: Over) -> Result<Vec<Counted>, StoreError> {
        self.reader.run(LOOKING, move |db| over_in(db, queries::FREQUENT_USERS, over)).await
    }

    async fn heavy_users(&self, heavy: HeavyDay) -> Result<Vec<Counted>, StoreError> {
        let read = move |db: &mut Connection| {
            let parameters = params![heavy.day.timestamp_millis(), heavy.over, heavy.most];
            db.prepare_cached(queries::HEAVY_USERS)?.query_map(parameters, counted)?.collect()
        };
        self.reader.run(LOOKING, read).await
    }

    async fn unusual_users(&self, heavy: HeavyDay, times: f64) -> Result<Vec<(Counted, i64)>, StoreError> {
        let read = move |db: &mut Connection| {
            let parameters = params![heavy.day.timestamp_millis(), heavy.over, times, heavy.most];
            let unusual = |row: &Row<'_>| Ok((counted(row)?, row.get("usual")?));
            db.prepare_cached(queries::UNUSUAL_USERS)?.query_map(parameters, unusual)?.collect()
        };
        self.reader.run(LOOKING, read).await
    }

    async fn usual_day(&self, day: DateTime<Utc>) -> Result<Option<i64>, StoreError> {
        let read = move |db: &mut Connection| {
            let mut statement = db.prepare_cached(queries::USUAL_DAY)?;
            statement.query_row(params![day.timestamp_millis()], |row| row.get("usual")).optional()
        };
        self.reader.run(LOOKING, read).await
    }

    async fn forget_failures(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        let before = before.timestamp_millis();
        let forget = move |db: &mut Connection| execute(db, queries::FORGET_FAILURES, params![before]);
        self.writer.run("forgetting refused credentials", forget).await
    }

    async fn forget_alerts(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        let before = before.timestamp_millis();
        let forget = move |db: &mut Connection| execute(db, queries::FORGET_ALERTS, params![before]);
        self.writer.run("forgetting old alerts", forget).await
    }
}

fn execute(db: &Connection, statement: &str, parameters: impl Params) -> Result<()> {
    db.prepare_cached(statement)?.execute(parameters).map(|_| ())
}

fn raise(db: &Connection, alert: &Alert, now: i64) -> Result<bool> {
    let (key, name) = alert.subject_columns();
    let raised = db.prepare_cached(queries::RAISE_ALERT)?.execute(params![
        alert.id.0,
        alert.rule,
        alert.kind,
        key,
        name,
        alert.window_start.timestamp_millis(),
        alert.window_end.timestamp_millis(),
        alert.value,
        alert.threshold,
        alert.summary,
        alert.delivery_column(),
        now,
    ])?;
    Ok(raised > 0)
}

fn count_failures(db: &mut Connection, failures: &[Failures]) -> Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for one in failures {
        let parameters = params![one.address, one.minute.timestamp_millis(), one.count];
        execute(&transaction, queries::COUNT_FAILURES, parameters)?;
    }
    transaction.commit()
}

/// Runs one of the queries that take an [`Over`].
fn over_in(db: &Connection, query: &str, over: Over) -> Result<Vec<Counted>> {
    let parameters = params![over.from.timestamp_millis(), over.to.timestamp_millis(), over.over, over.most];
    db.prepare_cached(query)?.query_map(parameters, counted)?.collect()
}

fn alert_row(row: &Row<'_>) -> Result<AlertRow> {
    let subject: String = row.get("subject")?;
    Ok(AlertRow {
        id: AlertId(row.get("id")?),
        rule: row.get("rule")?,
        kind: row.get("kind")?,
        subject: (!subject.is_empty()).then_some(subject),
        window_start: time(row.get("window_start")?)?,
        window_end: time(row.get("window_end")?)?,
        raised_at: time(row.get("raised_at")?)?,
        value: row.get("value")?,
        threshold: row.get("threshold")?,
        summary: row.get("summary")?,
        delivery: row.get("delivery")?,
        attempts: row.get("attempts")?,
        delivered_at: row.get::<_, Option<i64>>("delivered_at")?.map(time).transpose()?,
    })
}

fn counted(row: &Row<'_>) -> Result<Counted> {
    Ok(Counted {
        subject: Subject { key: row.get("about")?, name: row.get("subject")? },
        count: row.get("count")?,
    })
}
