//! Users counted and added up. Rows are taken as they come: a year of days is more than should be held at once.

use std::pin::pin;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use deadpool_postgres::{Object, Transaction};
use futures_util::TryStreamExt as _;
use tokio_postgres::Row;
use tokio_postgres::error::Error as PgError;
use tokio_postgres::types::ToSql;

use super::super::packed::PackedDay;
use super::super::people::{ActiveUsers, Named, Totals};
use super::super::reports::{DayPart, TopUsers, UserFact, midnight, next_midnight};
use super::queries;

pub(super) async fn active_users(
    db: &Object,
    parts: &[DayPart],
    role: Option<&str>,
) -> Result<Vec<(usize, i64)>, PgError> {
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return Ok(Vec::new()) };
    let (first, last) = (first.day.date_naive(), last.day.date_naive());
    let parameters: [&(dyn ToSql + Sync); 3] = [&first, &last, &role];
    let statement = db.prepare_cached(queries::ACTIVE_USERS).await?;
    let mut rows = pin!(db.query_raw(&statement, parameters).await?);
    let mut users = ActiveUsers::new(parts);
    while let Some(row) = rows.try_next().await? {
        let day: DateTime<Utc> = row.try_get::<_, NaiveDate>("day")?.and_time(NaiveTime::MIN).and_utc();
        match row.try_get::<_, Option<PackedDay>>("users")? {
            Some(packed) => users.add(day, packed.users(role)),
            None => {
                let quarters = (row.try_get("early")?, row.try_get("late")?);
                users.add_one(day, (number(&row)?, row.try_get("user_key")?), quarters);
            }
        }
    }
    Ok(users.counts())
}

fn number(row: &Row) -> Result<Option<u32>, PgError> {
    Ok(row.try_get::<_, Option<i32>>("number")?.map(i32::unsigned_abs))
}

pub(super) async fn top_users(db: &Transaction<'_>, page: &TopUsers) -> Result<Vec<UserFact>, PgError> {
    // Numbers stand for the same users throughout.
    db.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
    let totals = totals(db, page).await?;
    let numbers: Vec<i32> =
        totals.shortlist(page).into_iter().filter_map(|number| i32::try_from(number).ok()).collect();
    let rows = db.query(&db.prepare_cached(queries::NAMES_OF_USERS).await?, &[&numbers]).await?;
    let named = |row: &Row| {
        Ok(Named {
            number: row.try_get::<_, i32>("number")?.unsigned_abs(),
            key: row.try_get("user_key")?,
            issuer: row.try_get("issuer")?,
            user_id: row.try_get("user_id")?,
        })
    };
    Ok(totals.page(page, rows.iter().map(named).collect::<Result<_, PgError>>()?))
}

async fn totals(db: &Transaction<'_>, page: &TopUsers) -> Result<Totals, PgError> {
    let (first, last) = (next_midnight(page.from), midnight(page.to));
    let parameters: [&(dyn ToSql + Sync); 5] = [&page.from, &page.to, &first, &last, &page.role];
    let statement = db.prepare_cached(queries::TOTALS_OF_USERS).await?;
    let mut rows = pin!(db.query_raw(&statement, parameters).await?);
    let mut totals = Totals::default();
    while let Some(row) = rows.try_next().await? {
        if let Some(packed) = row.try_get::<_, Option<PackedDay>>("users")? {
            for user in packed.users(page.role.as_deref()) {
                totals.add(user.number, user.mints, user.tokens);
            }
            continue;
        }
        let (mints, tokens) = (row.try_get("mints")?, row.try_get("tokens")?);
        match number(&row)? {
            Some(number) => totals.add(number, mints, tokens),
            None => totals.add_stranger(UserFact {
                key: row.try_get("user_key")?,
                issuer: row.try_get("issuer")?,
                user_id: row.try_get("user_id")?,
                mints,
                tokens,
            }),
        }
    }
    Ok(totals)
}
