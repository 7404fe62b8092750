//! What operators read of the ledger.

use chrono::{DateTime, Utc};
use deadpool_postgres::Object;
use tokio_postgres::Row;
use tokio_postgres::error::Error as PgError;
use tokio_postgres::types::ToSql;

use super::super::{Counts, KeySource, LedgerRow, MintCount, MintPage, Outcome, RefusalCount, RefusalRow};
use super::queries;
use crate::kernel::ids::MintId;
use crate::kernel::user::UserKey;

pub(super) async fn newest(db: &Object, limit: u32) -> Result<Vec<LedgerRow>, PgError> {
    let rows = db.query(&db.prepare_cached(queries::NEWEST).await?, &[&i64::from(limit)]).await?;
    rows.iter().map(ledger_row).collect()
}

pub(super) async fn since(db: &Object, from: MintId, limit: u32) -> Result<Vec<LedgerRow>, PgError> {
    let rows = db.query(&db.prepare_cached(queries::SINCE).await?, &[&from.0, &i64::from(limit)]).await?;
    rows.iter().map(ledger_row).collect()
}

pub(super) async fn page(db: &Object, page: &MintPage) -> Result<Vec<LedgerRow>, PgError> {
    let (first, last) = page.ids();
    let (outcome, limit) = (page.outcome.map(Outcome::as_str), i64::from(page.limit));
    let payer = page.key_source.map(KeySource::as_str);
    let key = page.user.as_ref().map(UserKey::as_bytes);
    let mut parameters: Vec<&(dyn ToSql + Sync)> =
        vec![&first.0, &last.0, &page.from, &page.to, &page.role, &outcome, &payer, &limit];
    let query = match &key {
        Some(key) => {
            parameters.push(key);
            queries::MINTS_OF_USER
        }
        None => queries::MINTS,
    };
    let rows = db.query(&db.prepare_cached(query).await?, &parameters).await?;
    rows.iter().map(ledger_row).collect()
}

fn ledger_row(row: &Row) -> Result<LedgerRow, PgError> {
    Ok(LedgerRow {
        id: MintId(row.try_get("id")?),
        created_at: row.try_get("created_at")?,
        issuer: row.try_get("issuer")?,
        user_id: row.try_get("user_id")?,
        role: row.try_get("role")?,
        language: row.try_get("language")?,
        session_type: row.try_get("session_type")?,
        model: row.try_get("model")?,
        key_source: row.try_get("key_source")?,
        outcome: row.try_get("outcome")?,
        error: row.try_get("error_code")?,
        latency_ms: row.try_get("latency_ms")?,
    })
}

pub(super) async fn refusals_since(
    db: &Object,
    from: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<RefusalRow>, PgError> {
    let statement = db.prepare_cached(queries::REFUSALS_SINCE).await?;
    db.query(&statement, &[&from, &i64::from(limit)]).await?.iter().map(refusal_row).collect()
}

fn refusal_row(row: &Row) -> Result<RefusalRow, PgError> {
    Ok(RefusalRow {
        issuer: row.try_get("issuer")?,
        user_id: row.try_get("user_id")?,
        code: row.try_get("code")?,
        minute: row.try_get("minute")?,
        count: row.try_get("count")?,
    })
}

pub(super) async fn counts(db: &Object, then: DateTime<Utc>) -> Result<Counts, PgError> {
    let first = MintId::before(then);
    let mints = db.query(&db.prepare_cached(queries::COUNT_MINTS).await?, &[&first.0]).await?;
    let refusals = db.query(&db.prepare_cached(queries::SUM_REFUSALS).await?, &[&then]).await?;
    Ok(Counts {
        mints: mints.iter().map(mint_count).collect::<Result<_, _>>()?,
        refusals: refusals.iter().map(refusal_count).collect::<Result<_, _>>()?,
    })
}

fn mint_count(row: &Row) -> Result<MintCount, PgError> {
    Ok(MintCount {
        role: row.try_get("role")?,
        outcome: row.try_get("outcome")?,
        count: row.try_get("count")?,
    })
}

fn refusal_count(row: &Row) -> Result<RefusalCount, PgError> {
    Ok(RefusalCount { code: row.try_get("code")?, count: row.try_get("count")? })
}
