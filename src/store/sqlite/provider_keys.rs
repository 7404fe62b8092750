//! Keys of users, sealed.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, Result, Row, TransactionBehavior, params};

use super::super::{
    Act, HeldKey, Judged, KeyRecord, KeyState, KeyVersion, ProviderKeys, Resealed, SealedKey, SealingCount,
    StoreError,
};
use super::ledger::time;
use super::{SqliteStore, administration, queries};
use crate::kernel::provider_name::ProviderName;
use crate::kernel::user::UserKey;

#[async_trait]
impl ProviderKeys for SqliteStore {
    async fn provider_keys(&self, user: &UserKey) -> Result<Vec<KeyRecord>, StoreError> {
        let user = *user;
        let list = move |db: &mut Connection| {
            let mut statement = db.prepare_cached(queries::PROVIDER_KEYS)?;
            statement.query_map(params![user.as_bytes()], record)?.filter_map(Result::transpose).collect()
        };
        self.reader.run("reading a user's provider keys", list).await
    }

    async fn put_provider_key(&self, user: &UserKey, key: &SealedKey, act: &Act) -> Result<(), StoreError> {
        let (user, key, act) = (*user, key.clone(), act.clone());
        let now = self.clock.now().timestamp_millis();
        let put = move |db: &mut Connection| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            put(&transaction, queries::PUT_PROVIDER_KEY, &user, &key, now)?;
            administration::write(&transaction, &act)?;
            transaction.commit()
        };
        self.writer.run("storing a provider key", put).await
    }

    async fn add_provider_key(&self, user: &UserKey, key: &SealedKey, act: &Act) -> Result<bool, StoreError> {
        let (user, key, act) = (*user, key.clone(), act.clone());
        let now = self.clock.now().timestamp_millis();
        let add = move |db: &mut Connection| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let is_new = put(&transaction, queries::ADD_PROVIDER_KEY, &user, &key, now)?;
            if is_new {
                administration::write(&transaction, &act)?;
            }
            transaction.commit()?;
            Ok(is_new)
        };
        self.writer.run("adding a provider key", add).await
    }

    async fn judge_provider_key(
        &self,
        user: &UserKey,
        judged: &Judged,
        act: &Act,
    ) -> Result<bool, StoreError> {
        let (user, judged, act) = (*user, judged.clone(), act.clone());
        let now = self.clock.now().timestamp_millis();
        let judge = move |db: &mut Connection| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let is_there = judge(&transaction, &user, &judged, now)?;
            if is_there {
                administration::write(&transaction, &act)?;
            }
            transaction.commit()?;
            Ok(is_there)
        };
        self.writer.run("writing down what became of a provider key", judge).await
    }

    async fn delete_provider_key(
        &self,
        user: &UserKey,
        provider: &ProviderName,
        act: &Act,
    ) -> Result<bool, StoreError> {
        let (user, provider, act) = (*user, provider.clone(), act.clone());
        let delete = move |db: &mut Connection| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let deleted = transaction
                .prepare_cached(queries::DELETE_PROVIDER_KEY)?
                .execute(params![user.as_bytes(), provider.as_str()])?;
            administration::write(&transaction, &act)?;
            transaction.commit()?;
            Ok(deleted > 0)
        };
        self.writer.run("deleting a provider key", delete).await
    }

    async fn note_key_use(&self, used: &[(UserKey, ProviderName)]) -> Result<(), StoreError> {
        let used = used.to_vec();
        let now = self.clock.now().timestamp_millis();
        let note = move |db: &mut Connection| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for (user, provider) in &used {
                let mut statement = transaction.prepare_cached(queries::NOTE_KEY_USE)?;
                statement.execute(params![user.as_bytes(), provider.as_str(), now])?;
            }
            transaction.commit()
        };
        self.writer.run("noting which provider keys were used", note).await
    }

    async fn sealing_keys(&self, old_until: Option<DateTime<Utc>>) -> Result<Vec<SealingCount>, StoreError> {
        let old_until = old_until.map(|at| at.timestamp_millis());
        let count = move |db: &mut Connection| {
            db.prepare_cached(queries::COUNT_PROVIDER_KEYS)?.query_map([old_until], sealing_count)?.collect()
        };
        self.reader.run("counting provider keys", count).await
    }

    async fn provider_keys_after(
        &self,
        after: Option<&(UserKey, ProviderName)>,
        limit: u16,
    ) -> Result<Vec<KeyRecord>, StoreError> {
        let after = after.cloned();
        let page = move |db: &mut Connection| {
            // No key comes before the empty one.
            let (user, provider) =
                after.as_ref().map_or((&[][..], ""), |(user, provider)| (user.as_bytes(), provider.as_str()));
            let mut statement = db.prepare_cached(queries::PAGE_OF_PROVIDER_KEYS)?;
            let rows = statement.query_map(params![user, provider, limit], record)?;
            rows.filter_map(Result::transpose).collect()
        };
        self.reader.run("reading provider keys", page).await
    }

    async fn reseal(&self, changes: &[Resealed]) -> Result<u64, StoreError> {
        let changes = changes.to_vec();
        let now = self.clock.now().timestamp_millis();
        let reseal = move |db: &mut Connection| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut count = 0;
            for change in &changes {
                count += reseal(&transaction, change, now)?;
            }
            transaction.commit()?;
            Ok(count as u64)
        };
        self.writer.run("sealing provider keys anew", reseal).await
    }
}

fn put(db: &Connection, query: &str, user: &UserKey, key: &SealedKey, now: i64) -> Result<bool> {
    let stored = db.prepare_cached(query)?.execute(params![
        user.as_bytes(),
        key.provider.as_str(),
        key.sealed,
        key.sealing_key,
        key.mask,
        key.state.as_str(),
        now,
    ])?;
    Ok(stored > 0)
}

fn judge(db: &Connection, user: &UserKey, judged: &Judged, now: i64) -> Result<bool> {
    let judged = db.prepare_cached(queries::JUDGE_PROVIDER_KEY)?.execute(params![
        user.as_bytes(),
        judged.provider.as_str(),
        judged.version.0,
        judged.state.as_str(),
        now,
    ])?;
    Ok(judged > 0)
}

fn reseal(db: &Connection, change: &Resealed, now: i64) -> Result<usize> {
    db.prepare_cached(queries::RESEAL_PROVIDER_KEY)?.execute(params![
        change.user.as_bytes(),
        change.provider.as_str(),
        &*change.before,
        change.sealed,
        change.sealing_key,
        now,
    ])
}

/// A user key is 32 bytes, by the schema, and a provider's name is parsed before it is stored: there are no other rows.
fn record(row: &Row<'_>) -> Result<Option<KeyRecord>> {
    let user = UserKey::from_bytes(row.get_ref("user_key")?.as_blob()?);
    let provider = ProviderName::parse(row.get_ref("provider")?.as_str()?).ok();
    let (Some(user), Some(provider), Some(held)) = (user, provider, held(row, "")?) else {
        return Ok(None);
    };
    Ok(Some(KeyRecord {
        user,
        provider,
        held,
        sealing_key: row.get("sealing_key")?,
        mask: row.get("mask")?,
        created_at: time(row.get("created_at")?)?,
        updated_at: time(row.get("updated_at")?)?,
        sealed_at: time(row.get("sealed_at")?)?,
        last_validated_at: row.get::<_, Option<i64>>("last_validated_at")?.map(time).transpose()?,
        last_used_at: row.get::<_, Option<i64>>("last_used_at")?.map(time).transpose()?,
    }))
}

fn sealing_count(row: &Row<'_>) -> Result<SealingCount> {
    Ok(SealingCount {
        sealing_key: row.get("sealing_key")?,
        count: row.get("count")?,
        old: row.get("old")?,
        sealing_since: time(row.get("sealing_since")?)?,
        oldest: time(row.get("oldest")?)?,
    })
}

/// The key that comes with a user's standing, if there is one.
pub(super) fn held(row: &Row<'_>, prefix: &str) -> Result<Option<HeldKey>> {
    let column = |name: &str| format!("{prefix}{name}");
    let Some(version) = row.get(&*column("version"))? else {
        return Ok(None);
    };
    Ok(Some(HeldKey {
        version: KeyVersion(version),
        state: KeyState::of(row.get_ref(&*column("state"))?.as_str()?),
        refused_at: row.get::<_, Option<i64>>(&*column("refused_at"))?.map(time).transpose()?,
        sealed: row.get_ref(&*column("sealed"))?.as_blob()?.into(),
    }))
}
