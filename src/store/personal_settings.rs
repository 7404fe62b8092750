//! What users have set for their own conversations.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Act, StoreError};
use crate::kernel::session::PersonalSettings;
use crate::kernel::user::UserKey;

/// Users' own settings. They are read with their [`Standing`](super::Standing).
#[async_trait]
pub trait SettingsOfUsers: Send + Sync {
    /// Keeps a user's settings in place of those before, and writes the act down with them.
    async fn put_settings(
        &self,
        user: &UserKey,
        settings: &PersonalSettings,
        act: &Act,
    ) -> Result<HeldSettings, StoreError>;

    /// Deletes a user's settings. Where there were any, the act is written down with that.
    async fn delete_settings(&self, user: &UserKey, act: &Act) -> Result<(), StoreError>;
}

/// Names what a user has set at one time: another one whenever they set anything, never the same again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SettingsVersion(pub Uuid);

/// A user's settings, as they stood when they were read.
#[derive(Debug, Clone)]
pub struct HeldSettings {
    /// Which ones they are.
    pub version: SettingsVersion,
    /// What they are.
    pub settings: Arc<PersonalSettings>,
    /// How long they are as JSON, in bytes.
    pub size: usize,
    /// When they were set.
    pub updated_at: DateTime<Utc>,
}

/// Nothing about settings changes without their version.
impl PartialEq for HeldSettings {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
    }
}

impl Eq for HeldSettings {}

/// Settings as they are kept.
pub(super) fn written(settings: &PersonalSettings) -> String {
    // Texts, numbers and lists of those: there is nothing in it that JSON can't say.
    serde_json::to_string(settings).unwrap_or_default()
}

/// Settings as they were kept. What nobody can read is left out, and so stands in no other user's way: mints of many users
/// are answered together.
pub(super) fn read(document: &str) -> Arc<PersonalSettings> {
    let settings = serde_json::from_str(document).inspect_err(|error| {
        // Not what is wrong: that would tell what stands there.
        let place = error.column();
        tracing::warn!(place, "the settings of a user can't be read, and are left out");
    });
    Arc::new(settings.unwrap_or_default())
}
