//! Rows in and out: the parameters and answers of each query.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::types::Type;
use rusqlite::{Connection, Result, Row, TransactionBehavior, params};

use super::super::{
    Ask, Batch, Entry, HeldSettings, Hour, Outcome, RecentMint, Refusal, Settlement, Spent, Standing,
    TokenCounts, Usage,
};
use super::{personal_settings, provider_keys, queries};
use crate::kernel::clock::Clock;
use crate::kernel::ids::MintId;
use crate::kernel::user::UserKey;

const HOUR_MS: i64 = 3_600_000;

pub(super) fn turn(db: &mut Connection, batch: &Batch, clock: &dyn Clock) -> Result<Vec<Spent>> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for settlement in &batch.settlements {
        settle(&transaction, settlement)?;
    }
    let now = clock.now().timestamp_millis();
    let spent = batch.asks.iter().map(|ask| spend(&transaction, ask, now)).collect::<Result<_>>()?;
    transaction.commit()?;
    Ok(spent)
}

fn settle(db: &Connection, end: &Settlement) -> Result<()> {
    if end.outcome == Outcome::Refunded {
        return refund(db, end);
    }
    db.prepare_cached(queries::SETTLE)?.execute(params![
        end.id.0,
        end.outcome.as_str(),
        end.error.map(|code| code.as_str()),
        end.latency_ms,
        end.expires_at.map(|at| at.timestamp_millis()),
    ])?;
    Ok(())
}

fn refund(db: &Connection, end: &Settlement) -> Result<()> {
    let error = end.error.map(|code| code.as_str());
    db.prepare_cached(queries::REFUND)?.execute(params![end.id.0, error, end.latency_ms])?;
    Ok(())
}

fn spend(db: &Connection, ask: &Ask, clock_ms: i64) -> Result<Spent> {
    let held = standing(db, &ask.user.key, clock_ms, ask.assumed.settings.as_ref())?;
    if held != ask.assumed || held.disabled {
        return Ok(Spent::Otherwise(held));
    }
    let window = Window::read(db, &ask.user.key, clock_ms)?;
    let limit = usize::from(ask.hourly_limit);
    if window.stamps.len() >= limit {
        return Ok(Spent::Refused(window.hour(limit)?));
    }
    let window = window.with_one_more();
    record(db, ask, window.now)?;
    Ok(Spent::Granted(window.hour(limit)?))
}

/// A user's rolling hour, in milliseconds.
struct Window {
    /// For one user time never goes back, and no two mints share a millisecond.
    now: i64,
    /// Mints that count, oldest first.
    stamps: Vec<i64>,
}

impl Window {
    fn read(db: &Connection, user: &UserKey, clock_ms: i64) -> Result<Self> {
        let mut statement = db.prepare_cached(queries::HOUR)?;
        let rows: Vec<(i64, bool)> = statement
            .query_map(params![user.as_bytes(), clock_ms - HOUR_MS], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_>>()?;
        let now = rows.last().map_or(clock_ms, |(latest, _)| clock_ms.max(latest + 1));
        let counts = |(at, counts): (i64, bool)| (counts && at > now - HOUR_MS).then_some(at);
        Ok(Self { now, stamps: rows.into_iter().filter_map(counts).collect() })
    }

    fn with_one_more(mut self) -> Self {
        self.stamps.push(self.now);
        self
    }

    fn hour(&self, limit: usize) -> Result<Hour> {
        let frees = self.stamps.get(self.stamps.len().saturating_sub(limit));
        Ok(Hour {
            at: time(self.now)?,
            used: u32::try_from(self.stamps.len()).unwrap_or(u32::MAX),
            next_free: frees.map(|stamp| time(stamp + HOUR_MS)).transpose()?,
        })
    }
}

fn record(db: &Connection, ask: &Ask, at: i64) -> Result<()> {
    write(db, queries::RECORD, ask, at)
}

pub(super) fn enter(db: &mut Connection, entries: &[Entry], clock: &dyn Clock) -> Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = clock.now().timestamp_millis();
    for entry in entries {
        write(&transaction, queries::ENTER, &entry.ask, entry.created_at.timestamp_millis().min(now))?;
    }
    transaction.commit()
}

/// Writes a ledger row, by one of the two statements that take the same parameters.
fn write(db: &Connection, statement: &str, ask: &Ask, at: i64) -> Result<()> {
    db.prepare_cached(statement)?.execute(params![
        ask.id.0,
        ask.user.key.as_bytes(),
        ask.user.issuer,
        ask.user.id,
        &*ask.role,
        &*ask.language,
        ask.session_type.as_str(),
        &*ask.model,
        ask.key_source.as_str(),
        ask.request_id.as_str(),
        at,
    ])?;
    Ok(())
}

/// How a user stands. Settings that are `known` are not read again.
pub(super) fn standing(
    db: &Connection,
    user: &UserKey,
    clock_ms: i64,
    known: Option<&HeldSettings>,
) -> Result<Standing> {
    let read = |row: &Row<'_>| {
        Ok(Standing {
            role: row.get("role")?,
            name: row.get("name")?,
            disabled: row.get("disabled")?,
            hourly_limit: row.get("hourly_limit")?,
            key: provider_keys::held(row, "key_")?,
            settings: personal_settings::held(row, "settings_", known)?,
        })
    };
    db.prepare_cached(queries::STANDING)?.query_row(params![user.as_bytes(), clock_ms], read)
}

pub(super) fn usage(db: &mut Connection, user: &UserKey, recent: u16, clock: &dyn Clock) -> Result<Usage> {
    // One transaction, so that all the figures are of one moment.
    let transaction = db.transaction()?;
    let now = clock.now().timestamp_millis();
    let window = Window::read(&transaction, user, now)?;
    let counts = |row: &Row<'_>| {
        Ok(TokenCounts { last_hour: row.get(0)?, last_day: row.get(1)?, last_30_days: row.get(2)? })
    };
    Ok(Usage {
        standing: standing(&transaction, user, now, None)?,
        at: time(window.now)?,
        stamps: window.stamps.iter().map(|stamp| time(*stamp)).collect::<Result<_>>()?,
        tokens: transaction
            .prepare_cached(queries::COUNT_TOKENS)?
            .query_row(params![user.as_bytes(), window.now], counts)?,
        recent: transaction
            .prepare_cached(queries::RECENT)?
            .query_map(params![user.as_bytes(), recent], recent_mint)?
            .collect::<Result<_>>()?,
    })
}

fn recent_mint(row: &Row<'_>) -> Result<RecentMint> {
    Ok(RecentMint {
        created_at: time(row.get(0)?)?,
        role: row.get(1)?,
        language: row.get(2)?,
        outcome: row.get(3)?,
    })
}

pub(super) fn count_refusals(db: &mut Connection, refusals: &[Refusal]) -> Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for refusal in refusals {
        transaction.prepare_cached(queries::COUNT_REFUSALS)?.execute(params![
            refusal.user.key.as_bytes(),
            refusal.user.issuer,
            refusal.user.id,
            refusal.code.as_str(),
            refusal.minute.timestamp_millis(),
            refusal.count,
        ])?;
    }
    transaction.commit()
}

pub(super) fn give_up(db: &mut Connection, age: Duration, since: MintId, clock: &dyn Clock) -> Result<u64> {
    let age_ms = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    let before = clock.now().timestamp_millis().saturating_sub(age_ms);
    let changed = db.prepare_cached(queries::GIVE_UP)?.execute(params![before, since.0])?;
    Ok(changed as u64)
}

pub(super) fn time(millis: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_millis(millis).ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(0, Type::Integer, "a time out of range".into())
    })
}
