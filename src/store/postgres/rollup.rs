//! The steps of the rollups. Each runs in a transaction of its own, under a lock that one replica has at a time.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use deadpool_postgres::Transaction;
use tokio_postgres::error::Error as PgError;

use super::super::reports::{QUARTER, RolledUp, RollupState, midnight};
use super::{packing, queries};

type Time = DateTime<Utc>;

/// One step.
pub(super) async fn step(db: &Transaction<'_>, now: Option<Time>) -> Result<RolledUp, PgError> {
    if !lock(db).await? {
        return Ok(RolledUp::Busy);
    }
    let marked = take_marks(db).await?;
    // In a statement of its own, so that it sees everything that left these marks.
    let row = db.query_one(&db.prepare_cached(queries::NEXT_QUARTER).await?, &[&now]).await?;
    let (next, due): (Time, bool) = (row.try_get("next")?, row.try_get("due")?);
    if !marked.is_empty() {
        mend(db, &marked, row.try_get("closed_until")?, row.try_get("kept_from")?).await?;
        return Ok(RolledUp::Mended);
    }
    if !due {
        return packing::step(db).await;
    }
    run(db, queries::DROP_MARKS, next).await?;
    count(db, next).await?;
    add_users(db, next, next + QUARTER).await?;
    run(db, queries::ADVANCE, next).await?;
    Ok(RolledUp::Closed)
}

async fn lock(db: &Transaction<'_>) -> Result<bool, PgError> {
    db.query_one(&db.prepare_cached(queries::LOCK_ROLLUPS).await?, &[]).await?.try_get("locked")
}

async fn take_marks(db: &Transaction<'_>) -> Result<BTreeSet<Time>, PgError> {
    let rows = db.query(&db.prepare_cached(queries::TAKE_MARKS).await?, &[]).await?;
    rows.iter().map(|row| row.try_get("quarter")).collect()
}

/// Counts quarters of one day again, and the whole day's users: what a quarter had added to these is not known any more.
async fn mend(
    db: &Transaction<'_>,
    quarters: &BTreeSet<Time>,
    closed_until: Time,
    kept_from: Time,
) -> Result<(), PgError> {
    // Days go as a whole: what is before this has no rows left to count.
    let Some(first) = quarters.first().filter(|first| **first >= kept_from) else {
        return Ok(());
    };
    for quarter in quarters {
        count(db, *quarter).await?;
    }
    run(db, queries::UNPACK, *first).await?;
    run(db, queries::CLEAR_USERS, *first).await?;
    let day = midnight(*first);
    add_users(db, day, closed_until.min(day + TimeDelta::days(1))).await
}

/// Counts a quarter, whether or not it was counted before.
async fn count(db: &Transaction<'_>, quarter: Time) -> Result<(), PgError> {
    for statement in [
        queries::CLEAR_MINTS,
        queries::ADD_MINTS,
        queries::CLEAR_LATENCIES,
        queries::ADD_LATENCIES,
        queries::CLEAR_REFUSALS,
        queries::ADD_REFUSALS,
    ] {
        run(db, statement, quarter).await?;
    }
    Ok(())
}

async fn run(db: &Transaction<'_>, statement: &str, quarter: Time) -> Result<(), PgError> {
    db.execute(&db.prepare_cached(statement).await?, &[&quarter]).await?;
    Ok(())
}

async fn add_users(db: &Transaction<'_>, from: Time, to: Time) -> Result<(), PgError> {
    db.execute(&db.prepare_cached(queries::ADD_USERS).await?, &[&from, &to]).await?;
    Ok(())
}

pub(super) async fn state(db: &deadpool_postgres::Object) -> Result<RollupState, PgError> {
    let row = db.query_one(&db.prepare_cached(queries::ROLLUP_STATE).await?, &[]).await?;
    Ok(RollupState { closed_until: row.try_get("closed_until")?, kept_from: row.try_get("kept_from")? })
}

pub(super) async fn pending_from(db: &deadpool_postgres::Object) -> Result<Time, PgError> {
    db.query_one(&db.prepare_cached(queries::PENDING_FROM).await?, &[]).await?.try_get("pending_from")
}

/// Says from when on the ledger is kept; nothing before that is counted again from here on.
pub(super) async fn let_go(db: &Transaction<'_>, before: Time) -> Result<(), PgError> {
    if lock(db).await? {
        run(db, queries::LET_GO, before).await?;
    }
    Ok(())
}

/// Deletes some of what was let go.
pub(super) async fn delete(db: &deadpool_postgres::Object, most: u32) -> Result<u64, PgError> {
    let most = i64::from(most);
    let mints = db.execute(&db.prepare_cached(queries::DELETE_MINTS).await?, &[&most]).await?;
    let refusals = db.execute(&db.prepare_cached(queries::DELETE_REFUSALS).await?, &[&most]).await?;
    Ok(mints + refusals)
}
