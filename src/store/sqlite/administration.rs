//! Users, the ledger and the audit trail, for operators.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Result, Row, TransactionBehavior, params};

use super::super::{
    Act, Administration, AuditRow, Decided, Erased, Erasing, LedgerRow, MintPage, Named, OwnLimit,
    StoreError, UserPage, UserRecord,
};
use super::ledger::time;
use super::{SqliteStore, erasure, queries, reports};
use crate::kernel::ids::ActId;
use crate::kernel::user::{User, UserKey};

#[async_trait]
impl Administration for SqliteStore {
    async fn users(&self, page: &UserPage) -> Result<Vec<UserRecord>, StoreError> {
        let page = page.clone();
        self.reader.run("reading the users", move |db| users(db, &page)).await
    }

    async fn user(&self, user: &UserKey) -> Result<Option<UserRecord>, StoreError> {
        let user = *user;
        self.reader.run("reading a user", move |db| find(db, &user)).await
    }

    async fn put_user(&self, user: &User, decided: &Decided, act: &Act) -> Result<UserRecord, StoreError> {
        let (user, decided, act) = (user.clone(), decided.clone(), act.clone());
        let now = self.clock.now().timestamp_millis();
        let put = move |db: &mut Connection| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let record = put(&transaction, &user, &decided, now)?;
            write(&transaction, &act)?;
            transaction.commit()?;
            Ok(record)
        };
        self.writer.run("deciding about a user", put).await
    }

    async fn erase(&self, user: &User, how: Erasing, act: &Act) -> Result<Erased, StoreError> {
        let (user, act, clock) = (user.clone(), act.clone(), self.clock.clone());
        let erase = move |db: &mut Connection| erasure::erase(db, &user, how, &act, &*clock);
        self.writer.run("erasing a user", erase).await
    }

    async fn anonymise(&self) -> Result<u64, StoreError> {
        let clock = self.clock.clone();
        self.writer.run("anonymising erased users", move |db| erasure::anonymise(db, &*clock)).await
    }

    async fn mints(&self, page: &MintPage) -> Result<Vec<LedgerRow>, StoreError> {
        let page = page.clone();
        self.reader.run("reading the ledger", move |db| reports::page(db, &page)).await
    }

    async fn record(&self, acts: &[Act]) -> Result<(), StoreError> {
        let acts = acts.to_vec();
        let record = move |db: &mut Connection| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            acts.iter().try_for_each(|act| write(&transaction, act))?;
            transaction.commit()
        };
        self.writer.run("writing the audit trail", record).await
    }

    async fn acts(&self, before: ActId, limit: u16) -> Result<Vec<AuditRow>, StoreError> {
        self.reader.run("reading the audit trail", move |db| acts(db, before, limit)).await
    }
}

fn users(db: &Connection, page: &UserPage) -> Result<Vec<UserRecord>> {
    let (id, key) = page.after();
    db.prepare_cached(queries::USERS)?
        .query_map(params![id, key, page.last(), page.limit], user_record)?
        // A key is 32 bytes, by the schema.
        .filter_map(Result::transpose)
        .collect()
}

fn find(db: &Connection, user: &UserKey) -> Result<Option<UserRecord>> {
    let mut statement = db.prepare_cached(queries::USER)?;
    let found = statement.query_row(params![user.as_bytes()], user_record).optional()?;
    Ok(found.flatten())
}

fn put(db: &Connection, user: &User, decided: &Decided, now: i64) -> Result<UserRecord> {
    let own = decided.hourly_limit;
    db.prepare_cached(queries::PUT_USER)?.query_row(
        params![
            user.key.as_bytes(),
            user.issuer,
            user.id,
            decided.role,
            decided.name,
            decided.disabled,
            own.map(|own| own.tokens),
            own.and_then(|own| own.until).map(|until| until.timestamp_millis()),
            now,
        ],
        |row| record_of(user.clone(), row),
    )
}

fn user_record(row: &Row<'_>) -> Result<Option<UserRecord>> {
    let Some(key) = UserKey::from_bytes(row.get_ref("user_key")?.as_blob()?) else {
        return Ok(None);
    };
    let user = User { key, issuer: row.get("issuer")?, id: row.get("user_id")? };
    record_of(user, row).map(Some)
}

fn record_of(user: User, row: &Row<'_>) -> Result<UserRecord> {
    let until = row.get::<_, Option<i64>>("hourly_limit_until")?.map(time).transpose()?;
    let tokens: Option<u16> = row.get("hourly_limit")?;
    Ok(UserRecord {
        user,
        decided: Decided {
            role: row.get("role")?,
            name: row.get("name")?,
            disabled: row.get("disabled")?,
            hourly_limit: tokens.map(|tokens| OwnLimit { tokens, until }),
        },
        created_at: time(row.get("created_at")?)?,
        updated_at: time(row.get("updated_at")?)?,
    })
}

/// Writes a row of the audit trail.
pub(super) fn write(db: &Connection, act: &Act) -> Result<()> {
    let (actor, target) = (act.origin.actor.user(), act.target.as_deref());
    let at = act.at.timestamp_millis();
    for user in [actor, target].into_iter().flatten() {
        db.prepare_cached(queries::NAME_USER)?.execute(params![
            user.key.as_bytes(),
            user.issuer,
            user.id,
            at
        ])?;
    }
    db.prepare_cached(queries::WRITE_ACT)?.execute(params![
        act.id.0,
        at,
        act.origin.actor.as_str(),
        actor.map(|user| user.key.as_bytes()),
        act.origin.address.map(|address| address.to_string()),
        act.action.as_str(),
        target.map(|user| user.key.as_bytes()),
        act.detail,
        act.origin.request_id.as_ref().map(|id| id.as_str()),
        act.result(),
        act.count,
    ])?;
    Ok(())
}

fn acts(db: &Connection, before: ActId, limit: u16) -> Result<Vec<AuditRow>> {
    db.prepare_cached(queries::ACTS)?.query_map(params![before.0, limit], audit_row)?.collect()
}

fn audit_row(row: &Row<'_>) -> Result<AuditRow> {
    Ok(AuditRow {
        id: ActId(row.get("id")?),
        at: time(row.get("at")?)?,
        actor: row.get("actor")?,
        actor_user: named(row, ["actor_pseudonym", "actor_issuer", "actor_id"])?,
        address: row.get("address")?,
        action: row.get("action")?,
        target: named(row, ["target_pseudonym", "target_issuer", "target_id"])?,
        detail: row.get("detail")?,
        request_id: row.get("request_id")?,
        result: row.get("result")?,
        count: row.get("count")?,
    })
}

fn named(row: &Row<'_>, [pseudonym, issuer, id]: [&str; 3]) -> Result<Option<Named>> {
    let Some(pseudonym) = row.get(pseudonym)? else {
        return Ok(None);
    };
    let name = Option::zip(row.get(issuer)?, row.get(id)?);
    Ok(Some(Named { pseudonym, name }))
}
