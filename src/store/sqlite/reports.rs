//! What operators read of the ledger.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Result, Row, ToSql, params};

use super::super::{Counts, KeySource, LedgerRow, MintCount, MintPage, Outcome, RefusalCount, RefusalRow};
use super::ledger::time;
use super::queries;
use crate::kernel::ids::MintId;
use crate::kernel::user::UserKey;

pub(super) fn newest(db: &Connection, limit: u32) -> Result<Vec<LedgerRow>> {
    db.prepare_cached(queries::NEWEST)?.query_map(params![limit], ledger_row)?.collect()
}

pub(super) fn since(db: &Connection, from: MintId, limit: u32) -> Result<Vec<LedgerRow>> {
    db.prepare_cached(queries::SINCE)?.query_map(params![from.0, limit], ledger_row)?.collect()
}

pub(super) fn page(db: &Connection, page: &MintPage) -> Result<Vec<LedgerRow>> {
    let (first, last) = page.ids();
    let (from, to) = (page.from.timestamp_millis(), page.to.timestamp_millis());
    let outcome = page.outcome.map(Outcome::as_str);
    let payer = page.key_source.map(KeySource::as_str);
    let key = page.user.as_ref().map(UserKey::as_bytes);
    let mut parameters: Vec<&dyn ToSql> =
        vec![&first.0, &last.0, &from, &to, &page.role, &outcome, &payer, &page.limit];
    let query = match &key {
        Some(key) => {
            parameters.push(key);
            queries::MINTS_OF_USER
        }
        None => queries::MINTS,
    };
    db.prepare_cached(query)?.query_map(parameters.as_slice(), ledger_row)?.collect()
}

fn ledger_row(row: &Row<'_>) -> Result<LedgerRow> {
    Ok(LedgerRow {
        id: MintId(row.get("id")?),
        created_at: time(row.get("created_at")?)?,
        issuer: row.get("issuer")?,
        user_id: row.get("user_id")?,
        role: row.get("role")?,
        language: row.get("language")?,
        session_type: row.get("session_type")?,
        model: row.get("model")?,
        key_source: row.get("key_source")?,
        outcome: row.get("outcome")?,
        error: row.get("error_code")?,
        latency_ms: row.get("latency_ms")?,
    })
}

pub(super) fn refusals_since(db: &Connection, from: DateTime<Utc>, limit: u32) -> Result<Vec<RefusalRow>> {
    let parameters = params![from.timestamp_millis(), limit];
    db.prepare_cached(queries::REFUSALS_SINCE)?.query_map(parameters, refusal_row)?.collect()
}

fn refusal_row(row: &Row<'_>) -> Result<RefusalRow> {
    Ok(RefusalRow {
        issuer: row.get("issuer")?,
        user_id: row.get("user_id")?,
        code: row.get("code")?,
        minute: time(row.get("minute")?)?,
        count: row.get("count")?,
    })
}

pub(super) fn counts(db: &mut Connection, then: DateTime<Utc>) -> Result<Counts> {
    // One transaction, so that all the figures are of one moment.
    let transaction = db.transaction()?;
    let first = MintId::before(then);
    Ok(Counts {
        mints: transaction
            .prepare_cached(queries::COUNT_MINTS)?
            .query_map(params![first.0], mint_count)?
            .collect::<Result<_>>()?,
        refusals: transaction
            .prepare_cached(queries::SUM_REFUSALS)?
            .query_map(params![then.timestamp_millis()], refusal_count)?
            .collect::<Result<_>>()?,
    })
}

fn mint_count(row: &Row<'_>) -> Result<MintCount> {
    Ok(MintCount { role: row.get("role")?, outcome: row.get("outcome")?, count: row.get("count")? })
}

fn refusal_count(row: &Row<'_>) -> Result<RefusalCount> {
    Ok(RefusalCount { code: row.get("code")?, count: row.get("count")? })
}
