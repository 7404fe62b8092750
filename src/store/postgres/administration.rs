//! Users, the ledger and the audit trail, for operators.

use async_trait::async_trait;
use deadpool_postgres::{GenericClient, Object, Transaction};
use tokio_postgres::Row;
use tokio_postgres::error::Error as PgError;

use super::super::{
    Act, Administration, AuditRow, Decided, Erased, Erasing, LedgerRow, MintPage, Named, OwnLimit,
    StoreError, UserPage, UserRecord,
};
use super::ledger::{Now, limit};
use super::{PostgresStore, erasure, queries, reports};
use crate::kernel::ids::ActId;
use crate::kernel::user::{User, UserKey};

#[async_trait]
impl Administration for PostgresStore {
    async fn users(&self, page: &UserPage) -> Result<Vec<UserRecord>, StoreError> {
        self.calm.run("reading the users", async |db| users(db, page).await).await
    }

    async fn user(&self, user: &UserKey) -> Result<Option<UserRecord>, StoreError> {
        self.calm.run("reading a user", async |db| find(db, user).await).await
    }

    async fn put_user(&self, user: &User, decided: &Decided, act: &Act) -> Result<UserRecord, StoreError> {
        let now = self.now();
        let put = async |transaction: &Transaction<'_>| {
            let record = put(transaction, user, decided, now).await?;
            write(transaction, act).await?;
            Ok(record)
        };
        self.calm.transact("deciding about a user", put).await
    }

    async fn erase(&self, user: &User, how: Erasing, act: &Act) -> Result<Erased, StoreError> {
        let now = self.now();
        self.calm.transact("erasing a user", async |db| erasure::erase(db, user, how, act, now).await).await
    }

    async fn anonymise(&self) -> Result<u64, StoreError> {
        let now = self.now();
        self.calm.transact("anonymising erased users", async |db| erasure::anonymise(db, now).await).await
    }

    async fn mints(&self, page: &MintPage) -> Result<Vec<LedgerRow>, StoreError> {
        self.calm.run("reading the ledger", async |db| reports::page(db, page).await).await
    }

    async fn record(&self, acts: &[Act]) -> Result<(), StoreError> {
        let record = async |db: &Object| {
            for act in acts {
                write(db, act).await?;
            }
            Ok(())
        };
        self.calm.run("writing the audit trail", record).await
    }

    async fn acts(&self, before: ActId, limit: u16) -> Result<Vec<AuditRow>, StoreError> {
        self.calm.run("reading the audit trail", async |db| acts(db, before, limit).await).await
    }
}

async fn users(db: &Object, page: &UserPage) -> Result<Vec<UserRecord>, PgError> {
    let statement = db.prepare_cached(queries::USERS).await?;
    let (id, key) = page.after();
    let rows = db.query(&statement, &[&id, &key, &page.last(), &i64::from(page.limit)]).await?;
    // A key is 32 bytes, by the schema.
    rows.iter().filter_map(|row| user_record(row).transpose()).collect()
}

async fn find(db: &Object, user: &UserKey) -> Result<Option<UserRecord>, PgError> {
    let statement = db.prepare_cached(queries::USER).await?;
    match db.query_opt(&statement, &[&user.as_bytes()]).await? {
        Some(row) => user_record(&row),
        None => Ok(None),
    }
}

async fn put(
    db: &impl GenericClient,
    user: &User,
    decided: &Decided,
    now: Now,
) -> Result<UserRecord, PgError> {
    let statement = db.prepare_cached(queries::PUT_USER).await?;
    let own = decided.hourly_limit;
    let row = db
        .query_one(
            &statement,
            &[
                &user.key.as_bytes(),
                &user.issuer,
                &user.id,
                &decided.role,
                &decided.name,
                &decided.disabled,
                &own.map(|own| i32::from(own.tokens)),
                &own.and_then(|own| own.until),
                &now,
            ],
        )
        .await?;
    record_of(user.clone(), &row)
}

fn user_record(row: &Row) -> Result<Option<UserRecord>, PgError> {
    let Some(key) = UserKey::from_bytes(row.try_get("user_key")?) else {
        return Ok(None);
    };
    let user = User { key, issuer: row.try_get("issuer")?, id: row.try_get("user_id")? };
    record_of(user, row).map(Some)
}

fn record_of(user: User, row: &Row) -> Result<UserRecord, PgError> {
    let until = row.try_get("hourly_limit_until")?;
    Ok(UserRecord {
        user,
        decided: Decided {
            role: row.try_get("role")?,
            name: row.try_get("name")?,
            disabled: row.try_get("disabled")?,
            hourly_limit: limit(row, "hourly_limit")?.map(|tokens| OwnLimit { tokens, until }),
        },
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// Writes a row of the audit trail.
pub(super) async fn write(db: &impl GenericClient, act: &Act) -> Result<(), PgError> {
    let statement = db.prepare_cached(queries::WRITE_ACT).await?;
    let (actor, target) = (act.origin.actor.user(), act.target.as_deref());
    db.execute(
        &statement,
        &[
            &act.id.0,
            &act.at,
            &act.origin.actor.as_str(),
            &actor.map(|user| user.key.as_bytes()),
            &actor.map(|user| &user.issuer),
            &actor.map(|user| &user.id),
            &act.origin.address.map(|address| address.to_string()),
            &act.action.as_str(),
            &target.map(|user| user.key.as_bytes()),
            &target.map(|user| &user.issuer),
            &target.map(|user| &user.id),
            &act.detail,
            &act.origin.request_id.as_ref().map(|id| id.as_str()),
            &act.result(),
            &i64::from(act.count),
        ],
    )
    .await?;
    Ok(())
}

async fn acts(db: &Object, before: ActId, limit: u16) -> Result<Vec<AuditRow>, PgError> {
    let statement = db.prepare_cached(queries::ACTS).await?;
    let rows = db.query(&statement, &[&before.0, &i64::from(limit)]).await?;
    rows.iter().map(audit_row).collect()
}

fn audit_row(row: &Row) -> Result<AuditRow, PgError> {
    Ok(AuditRow {
        id: ActId(row.try_get("id")?),
        at: row.try_get("at")?,
        actor: row.try_get("actor")?,
        actor_user: named(row, ["actor_pseudonym", "actor_issuer", "actor_id"])?,
        address: row.try_get("address")?,
        action: row.try_get("action")?,
        target: named(row, ["target_pseudonym", "target_issuer", "target_id"])?,
        detail: row.try_get("detail")?,
        request_id: row.try_get("request_id")?,
        result: row.try_get("result")?,
        count: row.try_get("count")?,
    })
}

fn named(row: &Row, [pseudonym, issuer, id]: [&str; 3]) -> Result<Option<Named>, PgError> {
    let Some(pseudonym) = row.try_get(pseudonym)? else {
        return Ok(None);
    };
    let name = Option::zip(row.try_get(issuer)?, row.try_get(id)?);
    Ok(Some(Named { pseudonym, name }))
}
