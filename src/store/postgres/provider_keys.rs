//! Keys of users, sealed.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use deadpool_postgres::{Object, Transaction};
use tokio_postgres::Row;
use tokio_postgres::error::Error as PgError;

use super::super::{
    Act, HeldKey, Judged, KeyRecord, KeyState, KeyVersion, ProviderKeys, Resealed, SealedKey, SealingCount,
    StoreError,
};
use super::ledger::{Now, column};
use super::{PostgresStore, administration, queries};
use crate::kernel::provider_name::ProviderName;
use crate::kernel::user::UserKey;

#[async_trait]
impl ProviderKeys for PostgresStore {
    async fn provider_keys(&self, user: &UserKey) -> Result<Vec<KeyRecord>, StoreError> {
        let list = async |db: &Object| {
            let statement = db.prepare_cached(queries::PROVIDER_KEYS).await?;
            records(&db.query(&statement, &[&user.as_bytes()]).await?)
        };
        self.calm.run("reading a user's provider keys", list).await
    }

    async fn put_provider_key(&self, user: &UserKey, key: &SealedKey, act: &Act) -> Result<(), StoreError> {
        let now = self.now();
        let put = async |db: &Transaction<'_>| {
            put(db, queries::PUT_PROVIDER_KEY, user, key, now).await?;
            administration::write(db, act).await
        };
        self.calm.transact("storing a provider key", put).await
    }

    async fn add_provider_key(&self, user: &UserKey, key: &SealedKey, act: &Act) -> Result<bool, StoreError> {
        let now = self.now();
        let add = async |db: &Transaction<'_>| {
            let is_new = put(db, queries::ADD_PROVIDER_KEY, user, key, now).await?;
            if is_new {
                administration::write(db, act).await?;
            }
            Ok(is_new)
        };
        self.calm.transact("adding a provider key", add).await
    }

    async fn judge_provider_key(
        &self,
        user: &UserKey,
        judged: &Judged,
        act: &Act,
    ) -> Result<bool, StoreError> {
        let now = self.now();
        let judge = async |db: &Transaction<'_>| {
            let is_there = judge(db, user, judged, now).await?;
            if is_there {
                administration::write(db, act).await?;
            }
            Ok(is_there)
        };
        self.calm.transact("writing down what became of a provider key", judge).await
    }

    async fn delete_provider_key(
        &self,
        user: &UserKey,
        provider: &ProviderName,
        act: &Act,
    ) -> Result<bool, StoreError> {
        let delete = async |db: &Transaction<'_>| {
            let statement = db.prepare_cached(queries::DELETE_PROVIDER_KEY).await?;
            let deleted = db.execute(&statement, &[&user.as_bytes(), &provider.as_str()]).await?;
            administration::write(db, act).await?;
            Ok(deleted > 0)
        };
        self.calm.transact("deleting a provider key", delete).await
    }

    async fn note_key_use(&self, used: &[(UserKey, ProviderName)]) -> Result<(), StoreError> {
        let now = self.now();
        let note = async |db: &Object| {
            let statement = db.prepare_cached(queries::NOTE_KEY_USE).await?;
            let users = column(used, |(user, _)| user.as_bytes());
            let providers = column(used, |(_, provider)| provider.as_str());
            db.execute(&statement, &[&users, &providers, &now]).await
        };
        self.calm.run("noting which provider keys were used", note).await.map(|_| ())
    }

    async fn sealing_keys(&self, old_until: Option<DateTime<Utc>>) -> Result<Vec<SealingCount>, StoreError> {
        let count = async |db: &Object| {
            let statement = db.prepare_cached(queries::COUNT_PROVIDER_KEYS).await?;
            db.query(&statement, &[&old_until]).await?.iter().map(sealing_count).collect()
        };
        self.calm.run("counting provider keys", count).await
    }

    async fn provider_keys_after(
        &self,
        after: Option<&(UserKey, ProviderName)>,
        limit: u16,
    ) -> Result<Vec<KeyRecord>, StoreError> {
        // No key comes before the empty one.
        let (user, provider) =
            after.map_or((&[][..], ""), |(user, provider)| (user.as_bytes(), provider.as_str()));
        let page = async |db: &Object| {
            let statement = db.prepare_cached(queries::PAGE_OF_PROVIDER_KEYS).await?;
            records(&db.query(&statement, &[&user, &provider, &i64::from(limit)]).await?)
        };
        self.calm.run("reading provider keys", page).await
    }

    async fn reseal(&self, changes: &[Resealed]) -> Result<u64, StoreError> {
        let now = self.now();
        let reseal = async |db: &Transaction<'_>| {
            let statement = db.prepare_cached(queries::RESEAL_PROVIDER_KEY).await?;
            let mut count = 0;
            for change in changes {
                let Resealed { user, provider, before, sealed, sealing_key } = change;
                let (user, provider, before) = (user.as_bytes(), provider.as_str(), &**before);
                count +=
                    db.execute(&statement, &[&user, &provider, &before, sealed, sealing_key, &now]).await?;
            }
            Ok(count)
        };
        self.calm.transact("sealing provider keys anew", reseal).await
    }
}

async fn put(
    db: &Transaction<'_>,
    query: &str,
    user: &UserKey,
    key: &SealedKey,
    now: Now,
) -> Result<bool, PgError> {
    let statement = db.prepare_cached(query).await?;
    let stored = db
        .execute(
            &statement,
            &[
                &user.as_bytes(),
                &key.provider.as_str(),
                &key.sealed,
                &key.sealing_key,
                &key.mask,
                &key.state.as_str(),
                &now,
            ],
        )
        .await?;
    Ok(stored > 0)
}

async fn judge(db: &Transaction<'_>, user: &UserKey, judged: &Judged, now: Now) -> Result<bool, PgError> {
    let statement = db.prepare_cached(queries::JUDGE_PROVIDER_KEY).await?;
    let (provider, state) = (judged.provider.as_str(), judged.state.as_str());
    let judged =
        db.execute(&statement, &[&user.as_bytes(), &provider, &judged.version.0, &state, &now]).await?;
    Ok(judged > 0)
}

fn records(rows: &[Row]) -> Result<Vec<KeyRecord>, PgError> {
    // A user key is 32 bytes, by the schema, and a provider's name is parsed before it is stored.
    rows.iter().filter_map(|row| record(row).transpose()).collect()
}

fn record(row: &Row) -> Result<Option<KeyRecord>, PgError> {
    let user = UserKey::from_bytes(row.try_get("user_key")?);
    let provider = ProviderName::parse(row.try_get("provider")?).ok();
    let (Some(user), Some(provider), Some(held)) = (user, provider, held(row, "")?) else {
        return Ok(None);
    };
    Ok(Some(KeyRecord {
        user,
        provider,
        held,
        sealing_key: row.try_get("sealing_key")?,
        mask: row.try_get("mask")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        sealed_at: row.try_get("sealed_at")?,
        last_validated_at: row.try_get("last_validated_at")?,
        last_used_at: row.try_get("last_used_at")?,
    }))
}

fn sealing_count(row: &Row) -> Result<SealingCount, PgError> {
    Ok(SealingCount {
        sealing_key: row.try_get("sealing_key")?,
        count: row.try_get("count")?,
        old: row.try_get("old")?,
        sealing_since: row.try_get("sealing_since")?,
        oldest: row.try_get("oldest")?,
    })
}

/// The key that comes with a user's standing, if there is one.
pub(super) fn held(row: &Row, prefix: &str) -> Result<Option<HeldKey>, PgError> {
    let column = |name: &str| format!("{prefix}{name}");
    let Some(version) = row.try_get::<_, Option<_>>(&*column("version"))? else {
        return Ok(None);
    };
    Ok(Some(HeldKey {
        version: KeyVersion(version),
        state: KeyState::of(row.try_get(&*column("state"))?),
        refused_at: row.try_get(&*column("refused_at"))?,
        sealed: row.try_get::<_, &[u8]>(&*column("sealed"))?.into(),
    }))
}
