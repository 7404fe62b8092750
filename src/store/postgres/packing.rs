//! Users of closed days, put together.

use std::error::Error;

use chrono::NaiveDate;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;
use tokio_postgres::error::Error as PgError;
use tokio_postgres::types::{FromSql, Type, accepts};

use super::super::packed::{PackedDay, PackedUser};
use super::super::reports::RolledUp;
use super::queries;

/// Puts the users of the first day together of which that was not done.
pub(super) async fn step(db: &Transaction<'_>) -> Result<RolledUp, PgError> {
    let unpacked = db.query_opt(&db.prepare_cached(queries::UNPACKED_DAY).await?, &[]).await?;
    let Some(row) = unpacked else { return Ok(RolledUp::Idle) };
    let day: NaiveDate = row.try_get("day")?;
    db.batch_execute(queries::HOLD_USERS).await?;
    db.execute(&db.prepare_cached(queries::NUMBER_USERS).await?, &[&day]).await?;
    let mut packed = PackedDay::default();
    for row in db.query(&db.prepare_cached(queries::USERS_OF_DAY).await?, &[&day]).await? {
        packed.push(row.try_get("role")?, user(&row)?);
    }
    db.execute(&db.prepare_cached(queries::PACK).await?, &[&day, &packed.to_bytes()]).await?;
    Ok(RolledUp::Packed)
}

fn user(row: &Row) -> Result<PackedUser, PgError> {
    Ok(PackedUser {
        number: row.try_get::<_, i32>("number")?.unsigned_abs(),
        mints: row.try_get("mints")?,
        tokens: row.try_get("tokens")?,
        early: row.try_get("early")?,
        late: row.try_get("late")?,
    })
}

impl<'a> FromSql<'a> for PackedDay {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self::parse(raw)?)
    }

    accepts!(BYTEA);
}
