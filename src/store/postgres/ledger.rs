//! Rows in and out: the parameters and answers of each query.

use std::time::Duration;

use chrono::{DateTime, Utc};
use deadpool_postgres::Object;
use tokio_postgres::Row;
use tokio_postgres::error::Error as PgError;

use super::super::{
    Batch, Entry, Hour, Outcome, RecentMint, Refusal, Settlement, Spent, Standing, TokenCounts, Usage,
};
use super::{personal_settings, provider_keys, queries};
use crate::kernel::ids::MintId;
use crate::kernel::user::UserKey;

/// The time for a query; the database's own where there is none.
pub(super) type Now = Option<DateTime<Utc>>;

pub(super) async fn turn(db: &Object, batch: &Batch, now: Now) -> Result<Vec<Spent>, PgError> {
    let (refunds, settlements): (Vec<_>, Vec<_>) =
        batch.settlements.iter().partition(|settlement| settlement.outcome == Outcome::Refunded);
    if !refunds.is_empty() {
        // On its own: a statement may not change the same rolling hour twice.
        refund(db, &refunds, now).await?;
    }
    if batch.asks.is_empty() && settlements.is_empty() {
        return Ok(Vec::new());
    }
    spend(db, batch, &settlements, now).await
}

/// One column of a batch, as an array parameter.
pub(super) fn column<'a, S, T>(rows: &'a [S], value: impl Fn(&'a S) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

async fn spend(db: &Object, batch: &Batch, settled: &[&Settlement], now: Now) -> Result<Vec<Spent>, PgError> {
    let asks = &batch.asks;
    let statement = db.prepare_cached(queries::SPEND).await?;
    let rows = db
        .query(
            &statement,
            &[
                &column(asks, |ask| ask.id.0),
                &column(asks, |ask| ask.user.key.as_bytes()),
                &column(asks, |ask| &ask.user.issuer),
                &column(asks, |ask| &ask.user.id),
                &column(asks, |ask| &ask.assumed.role),
                &column(asks, |ask| &ask.assumed.name),
                &column(asks, |ask| ask.assumed.hourly_limit.map(i32::from)),
                &column(asks, |ask| i32::from(ask.hourly_limit)),
                &column(asks, |ask| &*ask.role),
                &column(asks, |ask| &*ask.language),
                &column(asks, |ask| ask.session_type.as_str()),
                &column(asks, |ask| &*ask.model),
                &column(asks, |ask| ask.key_source.as_str()),
                &column(asks, |ask| ask.request_id.as_str()),
                &column(settled, |end| end.id.0),
                &column(settled, |end| end.outcome.as_str()),
                &column(settled, |end| end.error.map(|code| code.as_str())),
                &column(settled, |end| end.latency_ms),
                &column(settled, |end| end.expires_at),
                &now,
                &column(asks, |ask| ask.assumed.key.as_ref().map(|key| key.version.0)),
                &column(asks, |ask| ask.assumed.settings.as_ref().map(|settings| settings.version.0)),
            ],
        )
        .await?;
    rows.iter().map(spent).collect()
}

fn spent(row: &Row) -> Result<Spent, PgError> {
    if !row.try_get::<_, bool>("agreed")? {
        return Ok(Spent::Otherwise(Standing {
            role: row.try_get("held_role")?,
            name: row.try_get("held_name")?,
            hourly_limit: limit(row, "held_hourly_limit")?,
            disabled: row.try_get("held_disabled")?,
            key: provider_keys::held(row, "held_key_")?,
            settings: personal_settings::held(row, "held_settings_")?,
        }));
    }
    let used: i32 = row.try_get("used")?;
    let hour =
        Hour { at: row.try_get("at")?, used: used.unsigned_abs(), next_free: row.try_get("next_free")? };
    let granted: bool = row.try_get("granted")?;
    Ok(if granted { Spent::Granted(hour) } else { Spent::Refused(hour) })
}

async fn refund(db: &Object, refunds: &[&Settlement], now: Now) -> Result<(), PgError> {
    let statement = db.prepare_cached(queries::REFUND).await?;
    db.execute(
        &statement,
        &[
            &column(refunds, |end| end.id.0),
            &column(refunds, |end| end.error.map(|code| code.as_str())),
            &column(refunds, |end| end.latency_ms),
            &now,
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn enter(db: &Object, entries: &[Entry], now: Now) -> Result<(), PgError> {
    let statement = db.prepare_cached(queries::ENTER).await?;
    db.execute(
        &statement,
        &[
            &column(entries, |entry| entry.ask.id.0),
            &column(entries, |entry| entry.ask.user.key.as_bytes()),
            &column(entries, |entry| &entry.ask.user.issuer),
            &column(entries, |entry| &entry.ask.user.id),
            &column(entries, |entry| i32::from(entry.ask.hourly_limit)),
            &column(entries, |entry| &*entry.ask.role),
            &column(entries, |entry| &*entry.ask.language),
            &column(entries, |entry| entry.ask.session_type.as_str()),
            &column(entries, |entry| &*entry.ask.model),
            &column(entries, |entry| entry.ask.key_source.as_str()),
            &column(entries, |entry| entry.ask.request_id.as_str()),
            &column(entries, |entry| entry.created_at),
            &now,
        ],
    )
    .await?;
    Ok(())
}

/// A limit, which the schema holds between 0 and 1000.
pub(super) fn limit(row: &Row, column: &str) -> Result<Option<u16>, PgError> {
    let limit: Option<i32> = row.try_get(column)?;
    Ok(limit.map(|limit| u16::try_from(limit).unwrap_or_default()))
}

pub(super) async fn standing(db: &Object, user: &UserKey, now: Now) -> Result<Standing, PgError> {
    let statement = db.prepare_cached(queries::STANDING).await?;
    let row = db.query_one(&statement, &[&user.as_bytes(), &now]).await?;
    Ok(Standing {
        role: row.try_get("role")?,
        name: row.try_get("name")?,
        hourly_limit: limit(&row, "hourly_limit")?,
        disabled: row.try_get("disabled")?,
        key: provider_keys::held(&row, "key_")?,
        settings: personal_settings::held(&row, "settings_")?,
    })
}

pub(super) async fn usage(db: &Object, user: &UserKey, recent: u16, now: Now) -> Result<Usage, PgError> {
    let key = user.as_bytes();
    let standing = standing(db, user, now).await?;
    let hour = db.query_one(&db.prepare_cached(queries::HOUR).await?, &[&key, &now]).await?;
    let counts = db.query_one(&db.prepare_cached(queries::COUNT_TOKENS).await?, &[&key, &now]).await?;
    let rows = db.query(&db.prepare_cached(queries::RECENT).await?, &[&key, &i64::from(recent)]).await?;
    Ok(Usage {
        standing,
        at: hour.try_get("at")?,
        stamps: hour.try_get("stamps")?,
        tokens: TokenCounts {
            last_hour: counts.try_get("last_hour")?,
            last_day: counts.try_get("last_day")?,
            last_30_days: counts.try_get("last_30_days")?,
        },
        recent: rows.iter().map(recent_mint).collect::<Result<_, _>>()?,
    })
}

fn recent_mint(row: &Row) -> Result<RecentMint, PgError> {
    Ok(RecentMint {
        created_at: row.try_get("created_at")?,
        role: row.try_get("role")?,
        language: row.try_get("language")?,
        outcome: row.try_get("outcome")?,
    })
}

pub(super) async fn count_refusals(db: &Object, refusals: &[Refusal], now: Now) -> Result<(), PgError> {
    let statement = db.prepare_cached(queries::COUNT_REFUSALS).await?;
    db.execute(
        &statement,
        &[
            &column(refusals, |refusal| refusal.user.key.as_bytes()),
            &column(refusals, |refusal| &refusal.user.issuer),
            &column(refusals, |refusal| &refusal.user.id),
            &column(refusals, |refusal| refusal.code.as_str()),
            &column(refusals, |refusal| refusal.minute),
            &column(refusals, |refusal| refusal.count),
            &now,
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn give_up(db: &Object, age: Duration, since: MintId, now: Now) -> Result<u64, PgError> {
    let statement = db.prepare_cached(queries::GIVE_UP).await?;
    let age_ms = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    let count: i64 = db.query_one(&statement, &[&now, &age_ms, &since.0]).await?.try_get("count")?;
    Ok(count.unsigned_abs())
}
