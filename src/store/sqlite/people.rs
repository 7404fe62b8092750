//! Users counted and added up. Rows are taken as they come: a year of days is more than should be held at once.

use rusqlite::{Connection, Result, Row, params};

use super::super::packed::PackedDay;
use super::super::people::{ActiveUsers, Named, Totals};
use super::super::reports::{DayPart, TopUsers, UserFact, midnight, next_midnight};
use super::ledger::time;
use super::queries;

pub(super) fn active_users(
    db: &Connection,
    parts: &[DayPart],
    role: Option<&str>,
) -> Result<Vec<(usize, i64)>> {
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return Ok(Vec::new()) };
    let mut statement = db.prepare_cached(queries::ACTIVE_USERS)?;
    let mut rows =
        statement.query(params![first.day.timestamp_millis(), last.day.timestamp_millis(), role])?;
    let mut users = ActiveUsers::new(parts);
    while let Some(row) = rows.next()? {
        let day = time(row.get("day")?)?;
        match row.get::<_, Option<PackedDay>>("users")? {
            Some(packed) => users.add(day, packed.users(role)),
            None => {
                let who = (row.get("number")?, row.get("user_key")?);
                users.add_one(day, who, (row.get("early")?, row.get("late")?));
            }
        }
    }
    Ok(users.counts())
}

pub(super) fn top_users(db: &mut Connection, page: &TopUsers) -> Result<Vec<UserFact>> {
    // One transaction, so that numbers stand for the same users throughout.
    let transaction = db.transaction()?;
    let totals = totals(&transaction, page)?;
    let mut statement = transaction.prepare_cached(queries::NAME_OF_USER)?;
    let mut name = |number: u32| {
        let named = |row: &Row<'_>| {
            Ok(Named {
                number,
                key: row.get("user_key")?,
                issuer: row.get("issuer")?,
                user_id: row.get("user_id")?,
            })
        };
        statement.query_row(params![number], named)
    };
    let named = totals.shortlist(page).into_iter().map(&mut name).collect::<Result<_>>()?;
    Ok(totals.page(page, named))
}

fn totals(db: &Connection, page: &TopUsers) -> Result<Totals> {
    let (first, last) = (next_midnight(page.from), midnight(page.to));
    let times = [page.from, page.to, first, last].map(|at| at.timestamp_millis());
    let mut statement = db.prepare_cached(queries::TOTALS_OF_USERS)?;
    let mut rows = statement.query(params![times[0], times[1], times[2], times[3], page.role])?;
    let mut totals = Totals::default();
    while let Some(row) = rows.next()? {
        if let Some(packed) = row.get::<_, Option<PackedDay>>("users")? {
            for user in packed.users(page.role.as_deref()) {
                totals.add(user.number, user.mints, user.tokens);
            }
            continue;
        }
        let (mints, tokens) = (row.get("mints")?, row.get("tokens")?);
        match row.get("number")? {
            Some(number) => totals.add(number, mints, tokens),
            None => totals.add_stranger(UserFact {
                key: row.get("user_key")?,
                issuer: row.get("issuer")?,
                user_id: row.get("user_id")?,
                mints,
                tokens,
            }),
        }
    }
    Ok(totals)
}
