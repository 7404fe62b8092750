//! Users of closed days, put together.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use super::super::packed::{PackedDay, PackedUser};
use super::super::reports::RolledUp;
use super::queries;

/// Puts the users of the first day together of which that was not done.
pub(super) fn step(db: &Connection) -> Result<RolledUp> {
    let unpacked =
        db.prepare_cached(queries::UNPACKED_DAY)?.query_row([], |row| row.get("day")).optional()?;
    let Some::<i64>(day) = unpacked else { return Ok(RolledUp::Idle) };
    db.prepare_cached(queries::NUMBER_USERS)?.execute(params![day])?;
    let mut packed = PackedDay::default();
    let mut statement = db.prepare_cached(queries::USERS_OF_DAY)?;
    let mut rows = statement.query(params![day])?;
    while let Some(row) = rows.next()? {
        packed.push(row.get("role")?, user(row)?);
    }
    db.prepare_cached(queries::PACK)?.execute(params![day, packed.to_bytes()])?;
    Ok(RolledUp::Packed)
}

fn user(row: &Row<'_>) -> Result<PackedUser> {
    Ok(PackedUser {
        number: row.get("number")?,
        mints: row.get("mints")?,
        tokens: row.get("tokens")?,
        early: row.get("early")?,
        late: row.get("late")?,
    })
}

impl FromSql for PackedDay {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_blob()?).map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}
