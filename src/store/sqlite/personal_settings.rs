//! What users have set for themselves.

use async_trait::async_trait;
use rusqlite::{Connection, Result, Row, TransactionBehavior, params};

use super::super::personal_settings::{read, written};
use super::super::{Act, HeldSettings, SettingsOfUsers, SettingsVersion, StoreError};
use super::ledger::time;
use super::{SqliteStore, administration, queries};
use crate::kernel::session::PersonalSettings;
use crate::kernel::user::UserKey;

#[async_trait]
impl SettingsOfUsers for SqliteStore {
    async fn put_settings(
        &self,
        user: &UserKey,
        settings: &PersonalSettings,
        act: &Act,
    ) -> Result<HeldSettings, StoreError> {
        let (user, document, act) = (*user, written(settings), act.clone());
        let now = self.clock.now().timestamp_millis();
        let put = move |db: &mut Connection| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let held = transaction
                .prepare_cached(queries::PUT_SETTINGS)?
                .query_row(params![user.as_bytes(), document, now], |row| {
                    settings_of(row, "", SettingsVersion(row.get("version")?))
                })?;
            administration::write(&transaction, &act)?;
            transaction.commit()?;
            Ok(held)
        };
        self.writer.run("keeping a user's settings", put).await
    }

    async fn delete_settings(&self, user: &UserKey, act: &Act) -> Result<(), StoreError> {
        let (user, act) = (*user, act.clone());
        let delete = move |db: &mut Connection| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut statement = transaction.prepare_cached(queries::DELETE_SETTINGS)?;
            if statement.execute(params![user.as_bytes()])? > 0 {
                administration::write(&transaction, &act)?;
            }
            drop(statement);
            transaction.commit()
        };
        self.writer.run("deleting a user's settings", delete).await
    }
}

/// The settings that come with a user's standing, if there are any. Those that are `known` are not read again.
pub(super) fn held(
    row: &Row<'_>,
    prefix: &str,
    known: Option<&HeldSettings>,
) -> Result<Option<HeldSettings>> {
    let Some(version) = version(row, prefix)? else {
        return Ok(None);
    };
    match known.filter(|known| known.version == version) {
        Some(known) => Ok(Some(known.clone())),
        None => settings_of(row, prefix, version).map(Some),
    }
}

fn version(row: &Row<'_>, prefix: &str) -> Result<Option<SettingsVersion>> {
    Ok(row.get::<_, Option<_>>(&*format!("{prefix}version"))?.map(SettingsVersion))
}

fn settings_of(row: &Row<'_>, prefix: &str, version: SettingsVersion) -> Result<HeldSettings> {
    let document = row.get_ref(&*format!("{prefix}document"))?.as_str()?;
    Ok(HeldSettings {
        version,
        settings: read(document),
        size: document.len(),
        updated_at: time(row.get(&*format!("{prefix}updated_at"))?)?,
    })
}
