//! What goes into a store and comes out of it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{HeldKey, HeldSettings};
use crate::kernel::code::Code;
use crate::kernel::ids::{MintId, RequestId};
use crate::kernel::key_source::KeySource;
use crate::kernel::session::SessionType;
use crate::kernel::user::User;

/// What an operator has decided about a user, the key that they brought, and what they have set for themselves. The default
/// is what holds for a user nobody decided anything about, and who has brought and set nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Goes before the role that the token claims.
    pub role: Option<String>,
    /// Goes before the name that the token claims.
    pub name: Option<String>,
    /// Tokens in any 60 minutes; goes before the limit of the role. One that has expired is none.
    pub hourly_limit: Option<u16>,
    /// Gets nothing.
    pub disabled: bool,
    /// Their own key, to mint with.
    pub key: Option<HeldKey>,
    /// What they have set for themselves.
    pub settings: Option<HeldSettings>,
}

/// A mint that somebody wants to spend on.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The name of the mint and of its ledger row.
    pub id: MintId,
    /// Who asks.
    pub user: Arc<User>,
    /// What was assumed about the user when everything below was worked out. The store checks it.
    pub assumed: Standing,
    /// Tokens in any 60 minutes, 0 to 1000.
    pub hourly_limit: u16,
    /// The user's role.
    pub role: Arc<str>,
    /// The language of the instructions.
    pub language: Arc<str>,
    /// What the token opens.
    pub session_type: SessionType,
    /// The model asked for upstream.
    pub model: Arc<str>,
    /// Whose key pays.
    pub key_source: KeySource,
    /// The request that asks.
    pub request_id: RequestId,
}

/// A mint that was granted while the store could not be asked.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What would have been spent.
    pub ask: Arc<Ask>,
    /// When it was granted.
    pub created_at: DateTime<Utc>,
}

/// The store's answer to an [`Ask`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spent {
    /// Spent: the ledger row is there.
    Granted(Hour),
    /// The hour has no room; nothing was written to the ledger.
    Refused(Hour),
    /// The user stands otherwise than was assumed; nothing was spent.
    Otherwise(Standing),
}

/// A user's rolling hour, just after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// When it was decided, by the store's clock: the `created_at` of a granted mint, up to the tick that tells mints of
    /// one moment apart.
    pub at: DateTime<Utc>,
    /// Mints that count, with this one where it was granted.
    pub used: u32,
    /// When one more mint becomes possible than now; none where that never happens.
    pub next_free: Option<DateTime<Utc>>,
}

/// What became of a mint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// In flight.
    Pending,
    /// The provider gave a token.
    Issued,
    /// Surely nothing was handed out; the spend was given back.
    Refunded,
    /// Nobody knows; it counts.
    Unconfirmed,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Issued, Self::Refunded, Self::Unconfirmed];

    /// As the ledger and the API have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Issued => "issued",
            Self::Refunded => "refunded",
            Self::Unconfirmed => "unconfirmed",
        }
    }
}

/// The end of a mint.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// The mint.
    pub id: MintId,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was not issued.
    pub error: Option<Code>,
    /// From asking the provider to its answer, in milliseconds; none where it was not asked.
    pub latency_ms: Option<i32>,
    /// When the token expires, by the provider.
    pub expires_at: Option<DateTime<Utc>>,
}

/// What one turn of the hot path does.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Mints asked for.
    pub asks: Vec<Ask>,
    /// Mints that ended.
    pub settlements: Vec<Settlement>,
}

/// Refusals of one user for one reason in one minute.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// Who was refused.
    pub user: Arc<User>,
    /// Why.
    pub code: Code,
    /// The minute, by its start.
    pub minute: DateTime<Utc>,
    /// How often.
    pub count: i64,
}

/// What a user has used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// What an operator has decided about them.
    pub standing: Standing,
    /// The time that all below refers to.
    pub at: DateTime<Utc>,
    /// When the mints were made that count against the hour, oldest first.
    pub stamps: Vec<DateTime<Utc>>,
    /// Tokens handed out.
    pub tokens: TokenCounts,
    /// Their newest mints, newest first.
    pub recent: Vec<RecentMint>,
}

/// Tokens that were handed out, or may have been.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenCounts {
    /// In the last 60 minutes.
    pub last_hour: i64,
    /// In the last 24 hours.
    pub last_day: i64,
    /// In the last 30 days.
    pub last_30_days: i64,
}

/// One line of a user's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentMint {
    /// When the allowance was spent.
    pub created_at: DateTime<Utc>,
    /// The role it was made for.
    pub role: String,
    /// The language of its instructions.
    pub language: String,
    /// What became of it.
    pub outcome: String,
}

/// One row of the ledger, as operators read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// The mint.
    pub id: MintId,
    /// When the allowance was spent.
    pub created_at: DateTime<Utc>,
    /// The issuer of the user's token; empty where it had none.
    pub issuer: String,
    /// The user, by the `sub` of their token.
    pub user_id: String,
    /// The role it was made for.
    pub role: String,
    /// The language of its instructions.
    pub language: String,
    /// What the token opens.
    pub session_type: String,
    /// The model asked for upstream.
    pub model: String,
    /// Whose key paid: `operator` or `user`.
    pub key_source: String,
    /// What became of it.
    pub outcome: String,
    /// Why it was not issued.
    pub error: Option<String>,
    /// From asking the provider to its answer, in milliseconds.
    pub latency_ms: Option<i32>,
}

/// How often a user was refused for one reason in one minute, as operators read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalRow {
    /// The issuer of the user's token; empty where it had none.
    pub issuer: String,
    /// The user, by the `sub` of their token.
    pub user_id: String,
    /// Why.
    pub code: String,
    /// The minute, by its start.
    pub minute: DateTime<Utc>,
    /// How often.
    pub count: i64,
}

/// What has happened since a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Mints, by role and then by outcome.
    pub mints: Vec<MintCount>,
    /// Refusals, by code.
    pub refusals: Vec<RefusalCount>,
}

/// Mints of one role that ended alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MintCount {
    /// The role they were made for.
    pub role: String,
    /// What became of them.
    pub outcome: String,
    /// How many.
    pub count: i64,
}

/// Refusals for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalCount {
    /// Why.
    pub code: String,
    /// How many.
    pub count: i64,
}

/// A way to the database, as it is at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// What it is for, in a word of the store's own.
    pub lane: &'static str,
    /// Statements that wait for their turn.
    pub waiting: usize,
    /// Its connections, where it has several.
    pub connections: Option<Connections>,
}

/// The connections of one way to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// That are open.
    pub open: usize,
    /// That are open and do nothing.
    pub idle: usize,
    /// That may be open.
    pub most: usize,
}
