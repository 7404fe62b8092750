//! What operators do: users, the ledger, the audit trail, erasure.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::audit::{Act, AuditRow};
use super::{KeySource, LedgerRow, Outcome, StoreError};
use crate::kernel::ids::{ActId, MintId};
use crate::kernel::user::{User, UserKey};

/// Users an operator has a say about, and who said what.
#[async_trait]
pub trait Administration: Send + Sync {
    /// A page of the users about whom something was decided.
    async fn users(&self, page: &UserPage) -> Result<Vec<UserRecord>, StoreError>;

    /// What was decided about a user; none where nothing was.
    async fn user(&self, user: &UserKey) -> Result<Option<UserRecord>, StoreError>;

    /// Decides about a user, in place of whatever was decided before, and writes the act down with it.
    async fn put_user(&self, user: &User, decided: &Decided, act: &Act) -> Result<UserRecord, StoreError>;

    /// Erases a user as `how` allows, and writes the act down with it.
    ///
    /// What counts against their hour keeps their key, but not their name, until it has lapsed. What is left then, and
    /// mints beyond those of one batch, are for [`Administration::anonymise`].
    async fn erase(&self, user: &User, how: Erasing, act: &Act) -> Result<Erased, StoreError>;

    /// Takes names and keys off what is left of erased users, so far as it counts no more. Says how many mints that were;
    /// fewer than [`ERASED_AT_ONCE`] means that nothing waits for now.
    async fn anonymise(&self) -> Result<u64, StoreError>;

    /// A page of the ledger, newest first.
    async fn mints(&self, page: &MintPage) -> Result<Vec<LedgerRow>, StoreError>;

    /// Writes acts down. To write one twice does nothing.
    async fn record(&self, acts: &[Act]) -> Result<(), StoreError>;

    /// So many acts at most before this one, newest first.
    async fn acts(&self, before: ActId, limit: u16) -> Result<Vec<AuditRow>, StoreError>;
}

/// Mints of erased users that are changed in one statement at most.
pub const ERASED_AT_ONCE: u32 = 1000;

/// What an operator decides about a user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decided {
    /// Goes before the role that the token claims.
    pub role: Option<String>,
    /// Goes before the name that the token claims.
    pub name: Option<String>,
    /// Gets nothing.
    pub disabled: bool,
    /// Goes before the limit of the role.
    pub hourly_limit: Option<OwnLimit>,
}

/// A user's own limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnLimit {
    /// Tokens in any 60 minutes, 0 to 1000.
    pub tokens: u16,
    /// From then on, by the store's clock, it holds no more; none: it holds for good.
    pub until: Option<DateTime<Utc>>,
}

/// A user about whom something was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// Who.
    pub user: User,
    /// What.
    pub decided: Decided,
    /// When it was first.
    pub created_at: DateTime<Utc>,
    /// When it was last.
    pub updated_at: DateTime<Utc>,
}

/// Which users are wanted.
#[derive(Debug, Clone)]
pub struct UserPage {
    /// What their ids begin with.
    pub prefix: String,
    /// The user after whom to begin, by id and key.
    pub after: Option<(String, UserKey)>,
    /// How many at most.
    pub limit: u16,
}

impl UserPage {
    /// The last of all ids that begin with the prefix, or one after it: no character comes after U+10FFFF, and an id has no
    /// more than 128 of it.
    pub(super) fn last(&self) -> String {
        format!("{}{}", self.prefix, "\u{10FFFF}".repeat(128))
    }

    /// Id and key after which to begin. No key comes before the empty one.
    pub(super) fn after(&self) -> (&str, &[u8]) {
        match &self.after {
            Some((id, key)) if *id >= self.prefix => (id, key.as_bytes()),
            _ => (&self.prefix, &[]),
        }
    }
}

/// Which mints are wanted.
#[derive(Debug, Clone)]
pub struct MintPage {
    /// Whose; none: everybody's.
    pub user: Option<UserKey>,
    /// Of which role.
    pub role: Option<String>,
    /// With which outcome.
    pub outcome: Option<Outcome>,
    /// Paid for with whose key.
    pub key_source: Option<KeySource>,
    /// From this time on.
    pub from: DateTime<Utc>,
    /// Before this time.
    pub to: DateTime<Utc>,
    /// The mint before which to begin.
    pub before: Option<MintId>,
    /// How many at most.
    pub limit: u16,
}

impl MintPage {
    /// Between which ids the mints lie. Ids are made by the clocks of processes, times by that of the store, so the ids of
    /// some more time are looked at.
    pub(super) fn ids(&self) -> (MintId, MintId) {
        let slack = chrono::TimeDelta::minutes(5);
        let last = self.to.checked_add_signed(slack).map_or(MintId::LAST, MintId::before);
        let first = self.from.checked_sub_signed(slack).map_or(MintId::FIRST, MintId::before);
        (first, self.before.map_or(last, |before| before.min(last)))
    }
}

/// How a user is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasing {
    /// By an operator: with everything that was decided about them.
    Whole,
    /// By themselves: not where an operator has decided what they may have, or erasing oneself would be a way round it.
    Own,
}

/// What became of an erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erased {
    /// Done.
    Done,
    /// Not done: the user is disabled.
    Disabled,
    /// Not done: an operator has given the user a role or a limit.
    Held,
}
