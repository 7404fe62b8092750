//! Keys that users have of providers. A store has them sealed and knows nothing that opens them.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Act, StoreError};
use crate::kernel::provider_name::ProviderName;
use crate::kernel::user::UserKey;

/// Sealed keys of users.
#[async_trait]
pub trait ProviderKeys: Send + Sync {
    /// The keys that a user has, by the names of their providers.
    async fn provider_keys(&self, user: &UserKey) -> Result<Vec<KeyRecord>, StoreError>;

    /// Stores a user's key in place of the one before, and writes the act down with it.
    async fn put_provider_key(&self, user: &UserKey, key: &SealedKey, act: &Act) -> Result<(), StoreError>;

    /// Stores a user's key unless they have one of this provider, and writes the act down with it. Says whether it did.
    async fn add_provider_key(&self, user: &UserKey, key: &SealedKey, act: &Act) -> Result<bool, StoreError>;

    /// Writes down what the provider said of a user's key, and the act with it. Says whether it did: nothing is written
    /// where the key is no longer the one of this version.
    async fn judge_provider_key(
        &self,
        user: &UserKey,
        judged: &Judged,
        act: &Act,
    ) -> Result<bool, StoreError>;

    /// Deletes a user's key, and writes the act down with it. Says whether there was one.
    async fn delete_provider_key(
        &self,
        user: &UserKey,
        provider: &ProviderName,
        act: &Act,
    ) -> Result<bool, StoreError>;

    /// Notes that these keys were used, to the hour. None may come twice in one call.
    async fn note_key_use(&self, used: &[(UserKey, ProviderName)]) -> Result<(), StoreError>;

    /// What each sealing key holds, by the ids of the sealing keys; keys that were entered until `old_until` are old.
    async fn sealing_keys(&self, old_until: Option<DateTime<Utc>>) -> Result<Vec<SealingCount>, StoreError>;

    /// So many keys at most of everybody, in a fixed order, after this one; none: from the beginning.
    async fn provider_keys_after(
        &self,
        after: Option<&(UserKey, ProviderName)>,
        limit: u16,
    ) -> Result<Vec<KeyRecord>, StoreError>;

    /// Puts what was sealed anew in the place of what was there before, each if that is still there. Says how many were.
    async fn reseal(&self, changes: &[Resealed]) -> Result<u64, StoreError>;
}

/// What is known of a key's worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Nobody has asked the provider.
    Unvalidated,
    /// The provider took it when it was last asked.
    Valid,
    /// The provider doesn't know it, or no longer.
    Refused,
    /// The account that it belongs to has run out of money.
    NoQuota,
    /// It may not do what it is for: of OpenAI's, open voice sessions.
    NoAccess,
}

impl KeyState {
    const ALL: [Self; 5] = [Self::Unvalidated, Self::Valid, Self::Refused, Self::NoQuota, Self::NoAccess];

    /// As the table and the API have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unvalidated => "unvalidated",
            Self::Valid => "valid",
            Self::Refused => "refused",
            Self::NoQuota => "no_quota",
            Self::NoAccess => "no_access",
        }
    }

    /// The state of a row: the schema knows no others.
    pub(super) fn of(text: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.as_str() == text).unwrap_or(Self::Unvalidated)
    }
}

/// Names one value of a user's key and one state of it: another one whenever either changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyVersion(pub Uuid);

/// The key that a user mints with, as it stood when it was read.
#[derive(Clone)]
pub struct HeldKey {
    /// Which one it is, and of when.
    pub version: KeyVersion,
    /// What is known of its worth.
    pub state: KeyState,
    /// When the provider refused it, where it did.
    pub refused_at: Option<DateTime<Utc>>,
    /// The key itself.
    pub sealed: Arc<[u8]>,
}

/// Nothing about a key changes without its version, but the sealing key that it is under.
impl PartialEq for HeldKey {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
    }
}

impl Eq for HeldKey {}

impl std::fmt::Debug for HeldKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HeldKey({}, {})", self.version.0, self.state.as_str())
    }
}

/// A key that is to be stored.
#[derive(Debug, Clone)]
pub struct SealedKey {
    /// Of whom it is a key.
    pub provider: ProviderName,
    /// The key itself, 1 to 2048 bytes.
    pub sealed: Vec<u8>,
    /// The id of the key that sealed it.
    pub sealing_key: String,
    /// As people see it.
    pub mask: String,
    /// [`KeyState::Valid`], or [`KeyState::Unvalidated`].
    pub state: KeyState,
}

/// What a provider said of a key.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The provider.
    pub provider: ProviderName,
    /// The key that it was asked about.
    pub version: KeyVersion,
    /// What it said.
    pub state: KeyState,
}

/// A key of a user, with all that is known of it.
#[derive(Debug, Clone)]
pub struct KeyRecord {
    /// Whose it is.
    pub user: UserKey,
    /// Of whom.
    pub provider: ProviderName,
    /// The key itself, and its state.
    pub held: HeldKey,
    /// The id of the key that sealed it.
    pub sealing_key: String,
    /// As people see it.
    pub mask: String,
    /// When the user first had one of this provider.
    pub created_at: DateTime<Utc>,
    /// When this one was entered.
    pub updated_at: DateTime<Utc>,
    /// When it was last sealed.
    pub sealed_at: DateTime<Utc>,
    /// When the provider last took it.
    pub last_validated_at: Option<DateTime<Utc>>,
    /// When it was last used, to the hour.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// What a sealing key holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealingCount {
    /// Its id.
    pub sealing_key: String,
    /// How many keys of users.
    pub count: i64,
    /// How many of them are old.
    pub old: i64,
    /// When it sealed the first of them.
    pub sealing_since: DateTime<Utc>,
    /// When the oldest of them was entered.
    pub oldest: DateTime<Utc>,
}

/// A key that was sealed anew.
#[derive(Debug, Clone)]
pub struct Resealed {
    /// Whose it is.
    pub user: UserKey,
    /// Of whom.
    pub provider: ProviderName,
    /// What is replaced.
    pub before: Arc<[u8]>,
    /// What it is replaced by.
    pub sealed: Vec<u8>,
    /// The id of the key that sealed it now.
    pub sealing_key: String,
}
