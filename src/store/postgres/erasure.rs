//! Users who are erased. Each statement can be run again: what was cut off in between is taken up by the next one who comes.

use deadpool_postgres::Transaction;
use tokio_postgres::error::Error as PgError;

use super::super::{Act, ERASED_AT_ONCE, Erased, Erasing};
use super::ledger::Now;
use super::{administration, queries};
use crate::kernel::user::User;

/// Erases a user and writes that down. What can't be done at once is left to [`anonymise`].
pub(super) async fn erase(
    db: &Transaction<'_>,
    user: &User,
    how: Erasing,
    act: &Act,
    now: Now,
) -> Result<Erased, PgError> {
    let key = user.key.as_bytes();
    let held = db.query_opt(&db.prepare_cached(queries::HOLD_USER).await?, &[&key]).await?;
    if let (Some(row), Erasing::Own) = (held, how) {
        if row.try_get("disabled")? {
            return Ok(Erased::Disabled);
        }
        if row.try_get("held")? {
            return Ok(Erased::Held);
        }
    }
    // The act first: it needs the pseudonym that is then forgotten.
    administration::write(db, act).await?;
    for statement in [
        queries::FORGET_PSEUDONYM,
        queries::DELETE_USER,
        queries::ERASE_PROVIDER_KEYS,
        queries::DELETE_SETTINGS,
    ] {
        db.execute(&db.prepare_cached(statement).await?, &[&key]).await?;
    }
    let begin = db.prepare_cached(queries::BEGIN_ERASURE).await?;
    db.execute(&begin, &[&key, &now]).await?;
    take_names(db, now).await?;
    Ok(Erased::Done)
}

/// The next step for everybody who is being erased.
pub(super) async fn anonymise(db: &Transaction<'_>, now: Now) -> Result<u64, PgError> {
    let count = take_names(db, now).await?;
    db.execute(&db.prepare_cached(queries::FINISH_ERASURES).await?, &[&now]).await?;
    Ok(count)
}

/// Says how many mints lost their key.
async fn take_names(db: &Transaction<'_>, now: Now) -> Result<u64, PgError> {
    db.execute(&db.prepare_cached(queries::BLANK_MINTS).await?, &[&now]).await?;
    let steps = [
        queries::MOVE_REFUSALS,
        queries::MOVE_USER_DAYS,
        queries::BLANK_ALERTS,
        queries::DROP_PACKED_DAYS,
        queries::DROP_NUMBERS,
        queries::MOVE_NUMBERS,
    ];
    for statement in steps {
        db.execute(&db.prepare_cached(statement).await?, &[]).await?;
    }
    let lapse = db.prepare_cached(queries::LAPSE_MINTS).await?;
    db.execute(&lapse, &[&now, &i64::from(ERASED_AT_ONCE)]).await
}
