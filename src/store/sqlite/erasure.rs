//! Users who are erased. Each step can be taken again: what was cut off in between is taken up by the next one who comes.

use rusqlite::{Connection, OptionalExtension, Result, Row, TransactionBehavior, params};

use super::super::{Act, ERASED_AT_ONCE, Erased, Erasing};
use super::{administration, queries};
use crate::kernel::clock::Clock;
use crate::kernel::user::User;

/// Erases a user and writes that down, in one transaction. What can't be done at once is left to [`anonymise`].
pub(super) fn erase(
    db: &mut Connection,
    user: &User,
    how: Erasing,
    act: &Act,
    clock: &dyn Clock,
) -> Result<Erased> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (key, now) = (user.key.as_bytes(), clock.now().timestamp_millis());
    let decided = |row: &Row<'_>| Ok((row.get("disabled")?, row.get("held")?));
    let held: Option<(bool, bool)> =
        transaction.prepare_cached(queries::HOLD_USER)?.query_row(params![key], decided).optional()?;
    match (how, held) {
        (Erasing::Own, Some((true, _))) => return Ok(Erased::Disabled),
        (Erasing::Own, Some((_, true))) => return Ok(Erased::Held),
        _ => {}
    }
    // The act first: it needs the pseudonym that is then forgotten.
    administration::write(&transaction, act)?;
    for statement in [
        queries::FORGET_PSEUDONYM,
        queries::DELETE_USER,
        queries::ERASE_PROVIDER_KEYS,
        queries::DELETE_SETTINGS,
    ] {
        transaction.prepare_cached(statement)?.execute(params![key])?;
    }
    transaction.prepare_cached(queries::BEGIN_ERASURE)?.execute(params![key, now])?;
    take_names(&transaction, now)?;
    transaction.commit()?;
    Ok(Erased::Done)
}

/// The next step for everybody who is being erased.
pub(super) fn anonymise(db: &mut Connection, clock: &dyn Clock) -> Result<u64> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = clock.now().timestamp_millis();
    let count = take_names(&transaction, now)?;
    transaction.prepare_cached(queries::FINISH_ERASURES)?.execute(params![now])?;
    transaction.commit()?;
    Ok(count)
}

/// Says how many mints lost their key.
fn take_names(db: &Connection, now: i64) -> Result<u64> {
    db.prepare_cached(queries::BLANK_MINTS)?.execute(params![now])?;
    let steps = [
        queries::MOVE_REFUSALS,
        queries::DROP_REFUSALS,
        queries::MOVE_USER_DAYS,
        queries::DROP_USER_DAYS,
        queries::BLANK_ALERTS,
        queries::DROP_PACKED_DAYS,
        queries::DROP_NUMBERS,
        queries::MOVE_NUMBERS,
    ];
    for statement in steps {
        db.prepare_cached(statement)?.execute([])?;
    }
    let changed = db.prepare_cached(queries::LAPSE_MINTS)?.execute(params![now, ERASED_AT_ONCE])?;
    Ok(changed as u64)
}
