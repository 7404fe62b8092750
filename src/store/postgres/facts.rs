//! What reports read.

use chrono::{DateTime, Utc};
use deadpool_postgres::Object;
use tokio_postgres::Row;
use tokio_postgres::error::Error as PgError;

use super::super::reports::{LatencyFact, MintFact, RefusalFact, Which};
use super::queries;

type Time = DateTime<Utc>;

pub(super) async fn mints(db: &Object, edges: &[Time], which: &Which) -> Result<Vec<MintFact>, PgError> {
    let rows = match &which.user {
        None => db.query(&db.prepare_cached(queries::MINT_FACTS).await?, &[&edges, &which.role]).await?,
        Some(user) => {
            let statement = db.prepare_cached(queries::MINT_FACTS_OF_USER).await?;
            db.query(&statement, &[&edges, &which.role, user]).await?
        }
    };
    rows.iter().map(mint_fact).collect()
}

fn mint_fact(row: &Row) -> Result<MintFact, PgError> {
    Ok(MintFact {
        span: span(row)?,
        role: row.try_get("role")?,
        language: row.try_get("language")?,
        session_type: row.try_get("session_type")?,
        model: row.try_get("model")?,
        key_source: row.try_get("key_source")?,
        outcome: row.try_get("outcome")?,
        error_code: row.try_get("error_code")?,
        count: row.try_get("count")?,
    })
}

fn span(row: &Row) -> Result<usize, PgError> {
    Ok(row.try_get::<_, i32>("span")?.unsigned_abs() as usize)
}

pub(super) async fn refusals(db: &Object, edges: &[Time]) -> Result<Vec<RefusalFact>, PgError> {
    let rows = db.query(&db.prepare_cached(queries::REFUSAL_FACTS).await?, &[&edges]).await?;
    let fact = |row: &Row| {
        Ok(RefusalFact { span: span(row)?, code: row.try_get("code")?, count: row.try_get("count")? })
    };
    rows.iter().map(fact).collect()
}

pub(super) async fn latencies(
    db: &Object,
    from: Time,
    to: Time,
    role: Option<&str>,
) -> Result<Vec<LatencyFact>, PgError> {
    let rows = db.query(&db.prepare_cached(queries::LATENCY_FACTS).await?, &[&from, &to, &role]).await?;
    let fact = |row: &Row| {
        Ok(LatencyFact {
            role: row.try_get("role")?,
            model: row.try_get("model")?,
            outcome: row.try_get("outcome")?,
            up_to_ms: row.try_get("up_to_ms")?,
            count: row.try_get("count")?,
            total_ms: row.try_get("total_ms")?,
        })
    };
    rows.iter().map(fact).collect()
}
