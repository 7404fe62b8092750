//! Alerts, on connections that no mint waits for.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use deadpool_postgres::Object;
use tokio_postgres::Row;
use tokio_postgres::error::Error as PgError;
use tokio_postgres::types::ToSql;

use super::super::alerts::{
    Alert, AlertRow, Alerting, Attempt, Counted, Failures, HeavyDay, Over, Subject, millis,
};
use super::super::{StoreError, reports::midnight};
use super::ledger::{Now, column};
use super::{PostgresStore, queries};
use crate::kernel::ids::AlertId;

const LOOKING: &str = "looking for reasons to raise an alert";

#[async_trait]
impl Alerting for PostgresStore {
    async fn raise(&self, alert: &Alert) -> Result<bool, StoreError> {
        let now = self.now();
        self.calm.run("raising an alert", async |db| raise(db, alert, now).await).await
    }

    async fn alerts(&self, before: AlertId, limit: u16) -> Result<Vec<AlertRow>, StoreError> {
        let read = async |db: &Object| {
            let statement = db.prepare_cached(queries::ALERTS).await?;
            let rows = db.query(&statement, &[&before.0, &i64::from(limit)]).await?;
            rows.iter().map(alert_row).collect()
        };
        self.calm.run("reading the alerts", read).await
    }

    async fn take_due_alert(&self, lease: Duration) -> Result<Option<AlertRow>, StoreError> {
        let now = self.now();
        let take = async |db: &Object| {
            let statement = db.prepare_cached(queries::TAKE_DUE_ALERT).await?;
            let row = db.query_opt(&statement, &[&now, &millis(lease)]).await?;
            row.as_ref().map(alert_row).transpose()
        };
        self.calm.run("taking an alert to deliver", take).await
    }

    async fn attempted(&self, id: AlertId, attempt: Attempt) -> Result<(), StoreError> {
        let ((delivery, wait), now) = (attempt.columns(), self.now());
        self.calm
            .run("noting a delivery", async |db| {
                execute(db, queries::ALERT_ATTEMPTED, &[&id.0, &delivery, &wait, &now]).await
            })
            .await
    }

    async fn count_failures(&self, failures: &[Failures]) -> Result<(), StoreError> {
        let count = async |db: &Object| {
            let addresses = column(failures, |one| &one.address);
            let minutes = column(failures, |one| one.minute);
            let counts = column(failures, |one| i64::from(one.count));
            execute(db, queries::COUNT_FAILURES, &[&addresses, &minutes, &counts]).await
        };
        self.calm.run("counting refused credentials", count).await
    }

    async fn failing_addresses(&self, over: Over) -> Result<Vec<Counted>, StoreError> {
        self.counted(queries::FAILING_ADDRESSES, over).await
    }

    async fn frequent_users(&self, over: Over) -> Result<Vec<Counted>, StoreError> {
        self.counted(queries::FREQUENT_USERS, over).await
    }

    async fn heavy_users(&self, heavy: HeavyDay) -> Result<Vec<Counted>, StoreError> {
        let (day, most) = (heavy.day.date_naive(), i64::from(heavy.most));
        let read = async |db: &Object| {
            query(db, queries::HEAVY_USERS, &[&day, &heavy.over, &most]).await?.iter().map(counted).collect()
        };
        self.calm.run(LOOKING, read).await
    }

    async fn unusual_users(&self, heavy: HeavyDay, times: f64) -> Result<Vec<(Counted, i64)>, StoreError> {
        let (day, most) = (heavy.day.date_naive(), i64::from(heavy.most));
        let read = async |db: &Object| {
            let rows = query(db, queries::UNUSUAL_USERS, &[&day, &heavy.over, &times, &most]).await?;
            rows.iter().map(|row| Ok((counted(row)?, row.try_get("usual")?))).collect()
        };
        self.calm.run(LOOKING, read).await
    }

    async fn usual_day(&self, day: DateTime<Utc>) -> Result<Option<i64>, StoreError> {
        let day = midnight(day).date_naive();
        let read = async |db: &Object| {
            let rows = query(db, queries::USUAL_DAY, &[&day]).await?;
            rows.first().map(|row| row.try_get("usual")).transpose()
        };
        self.calm.run(LOOKING, read).await
    }

    async fn forget_failures(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        let forget = async |db: &Object| execute(db, queries::FORGET_FAILURES, &[&before]).await;
        self.calm.run("forgetting refused credentials", forget).await
    }

    async fn forget_alerts(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        let forget = async |db: &Object| execute(db, queries::FORGET_ALERTS, &[&before]).await;
        self.calm.run("forgetting old alerts", forget).await
    }
}

impl PostgresStore {
    /// Runs one of the queries that take an [`Over`].
    async fn counted(&self, text: &str, over: Over) -> Result<Vec<Counted>, StoreError> {
        let most = i64::from(over.most);
        let read = async |db: &Object| {
            query(db, text, &[&over.from, &over.to, &over.over, &most]).await?.iter().map(counted).collect()
        };
        self.calm.run(LOOKING, read).await
    }
}

async fn query(db: &Object, text: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, PgError> {
    db.query(&db.prepare_cached(text).await?, parameters).await
}

async fn execute(db: &Object, text: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<(), PgError> {
    db.execute(&db.prepare_cached(text).await?, parameters).await.map(|_| ())
}

async fn raise(db: &Object, alert: &Alert, now: Now) -> Result<bool, PgError> {
    let statement = db.prepare_cached(queries::RAISE_ALERT).await?;
    let (key, name) = alert.subject_columns();
    let raised = db
        .execute(
            &statement,
            &[
                &alert.id.0,
                &alert.rule,
                &alert.kind,
                &key,
                &name,
                &alert.window_start,
                &alert.window_end,
                &alert.value,
                &alert.threshold,
                &alert.summary,
                &alert.delivery_column(),
                &now,
            ],
        )
        .await?;
    Ok(raised > 0)
}

fn alert_row(row: &Row) -> Result<AlertRow, PgError> {
    let subject: String = row.try_get("subject")?;
    Ok(AlertRow {
        id: AlertId(row.try_get("id")?),
        rule: row.try_get("rule")?,
        kind: row.try_get("kind")?,
        subject: (!subject.is_empty()).then_some(subject),
        window_start: row.try_get("window_start")?,
        window_end: row.try_get("window_end")?,
        raised_at: row.try_get("raised_at")?,
        value: row.try_get("value")?,
        threshold: row.try_get("threshold")?,
        summary: row.try_get("summary")?,
        delivery: row.try_get("delivery")?,
        attempts: row.try_get::<_, i32>("attempts")?.unsigned_abs(),
        delivered_at: row.try_get("delivered_at")?,
    })
}

fn counted(row: &Row) -> Result<Counted, PgError> {
    let subject = Subject { key: row.try_get("about")?, name: row.try_get("subject")? };
    Ok(Counted { subject, count: row.try_get("count")? })
}
