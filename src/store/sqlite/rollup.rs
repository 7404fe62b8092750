//! The steps of the rollups, each in a transaction of the one writer.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Result, TransactionBehavior, params};

use super::super::reports::{QUARTER, RolledUp, RollupState};
use super::ledger::time;
use super::{packing, queries};

const DAY_MS: i64 = 86_400_000;

/// One step.
pub(super) fn step(db: &mut Connection, now: DateTime<Utc>) -> Result<RolledUp> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = step_in(&transaction, now.timestamp_millis())?;
    transaction.commit()?;
    Ok(done)
}

fn step_in(db: &Connection, now: i64) -> Result<RolledUp> {
    let marked: BTreeSet<i64> = db
        .prepare_cached(queries::TAKE_MARKS)?
        .query_map([], |row| row.get("quarter"))?
        .collect::<Result<_>>()?;
    let state = |row: &rusqlite::Row<'_>| {
        Ok((row.get("next")?, row.get("due")?, row.get("closed_until")?, row.get("kept_from")?))
    };
    let (next, due, closed_until, kept_from): (i64, bool, i64, i64) =
        db.prepare_cached(queries::NEXT_QUARTER)?.query_row(params![now], state)?;
    if !marked.is_empty() {
        mend(db, &marked, closed_until, kept_from)?;
        return Ok(RolledUp::Mended);
    }
    if !due {
        return packing::step(db);
    }
    count(db, next)?;
    add_users(db, next, next + QUARTER.num_milliseconds())?;
    run(db, queries::ADVANCE, next)?;
    Ok(RolledUp::Closed)
}

/// Counts quarters of one day again, and the whole day's users: what a quarter had added to these is not known any more.
fn mend(db: &Connection, quarters: &BTreeSet<i64>, closed_until: i64, kept_from: i64) -> Result<()> {
    // Days go as a whole: what is before this has no rows left to count.
    let Some(first) = quarters.first().filter(|first| **first >= kept_from) else {
        return Ok(());
    };
    for quarter in quarters {
        count(db, *quarter)?;
    }
    run(db, queries::UNPACK, *first)?;
    run(db, queries::CLEAR_USERS, *first)?;
    let day = first.div_euclid(DAY_MS) * DAY_MS;
    add_users(db, day, closed_until.min(day + DAY_MS))
}

/// Counts a quarter, whether or not it was counted before.
fn count(db: &Connection, quarter: i64) -> Result<()> {
    for statement in [
        queries::CLEAR_MINTS,
        queries::ADD_MINTS,
        queries::CLEAR_LATENCIES,
        queries::ADD_LATENCIES,
        queries::CLEAR_REFUSALS,
        queries::ADD_REFUSALS,
    ] {
        run(db, statement, quarter)?;
    }
    Ok(())
}

fn run(db: &Connection, statement: &str, quarter: i64) -> Result<()> {
    db.prepare_cached(statement)?.execute(params![quarter])?;
    Ok(())
}

fn add_users(db: &Connection, from: i64, to: i64) -> Result<()> {
    db.prepare_cached(queries::ADD_USERS)?.execute(params![from, to])?;
    Ok(())
}

pub(super) fn state(db: &Connection) -> Result<RollupState> {
    let state = |row: &rusqlite::Row<'_>| {
        Ok(RollupState {
            closed_until: time(row.get("closed_until")?)?,
            kept_from: time(row.get("kept_from")?)?,
        })
    };
    db.prepare_cached(queries::ROLLUP_STATE)?.query_row([], state)
}

pub(super) fn pending_from(db: &Connection) -> Result<DateTime<Utc>> {
    db.prepare_cached(queries::PENDING_FROM)?.query_row([], |row| time(row.get("pending_from")?))
}

/// Says from when on the ledger is kept, and deletes some of what is older.
pub(super) fn forget(db: &mut Connection, before: DateTime<Utc>, most: u32) -> Result<u64> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    run(&transaction, queries::LET_GO, before.timestamp_millis())?;
    let mints = transaction.prepare_cached(queries::DELETE_MINTS)?.execute(params![most])?;
    let refusals = transaction.prepare_cached(queries::DELETE_REFUSALS)?.execute(params![most])?;
    transaction.commit()?;
    Ok((mints + refusals) as u64)
}
