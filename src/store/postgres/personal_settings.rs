//! What users have set for themselves.

use async_trait::async_trait;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;
use tokio_postgres::error::Error as PgError;

use super::super::personal_settings::{read, written};
use super::super::{Act, HeldSettings, SettingsOfUsers, SettingsVersion, StoreError};
use super::{PostgresStore, administration, queries};
use crate::kernel::session::PersonalSettings;
use crate::kernel::user::UserKey;

#[async_trait]
impl SettingsOfUsers for PostgresStore {
    async fn put_settings(
        &self,
        user: &UserKey,
        settings: &PersonalSettings,
        act: &Act,
    ) -> Result<HeldSettings, StoreError> {
        let (document, now) = (written(settings), self.now());
        let put = async |db: &Transaction<'_>| {
            let statement = db.prepare_cached(queries::PUT_SETTINGS).await?;
            let row = db.query_one(&statement, &[&user.as_bytes(), &document, &now]).await?;
            administration::write(db, act).await?;
            settings_of(&row, "", SettingsVersion(row.try_get("version")?))
        };
        self.calm.transact("keeping a user's settings", put).await
    }

    async fn delete_settings(&self, user: &UserKey, act: &Act) -> Result<(), StoreError> {
        let delete = async |db: &Transaction<'_>| {
            let statement = db.prepare_cached(queries::DELETE_SETTINGS).await?;
            match db.execute(&statement, &[&user.as_bytes()]).await? {
                0 => Ok(()),
                _ => administration::write(db, act).await,
            }
        };
        self.calm.transact("deleting a user's settings", delete).await
    }
}

/// The settings that come with a user's standing, if there are any.
pub(super) fn held(row: &Row, prefix: &str) -> Result<Option<HeldSettings>, PgError> {
    let version = row.try_get::<_, Option<_>>(&*format!("{prefix}version"))?;
    version.map(|version| settings_of(row, prefix, SettingsVersion(version))).transpose()
}

fn settings_of(row: &Row, prefix: &str, version: SettingsVersion) -> Result<HeldSettings, PgError> {
    let document: &str = row.try_get(&*format!("{prefix}document"))?;
    Ok(HeldSettings {
        version,
        settings: read(document),
        size: document.len(),
        updated_at: row.try_get(&*format!("{prefix}updated_at"))?,
    })
}
