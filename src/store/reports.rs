//! The rollups of the ledger, and what reports read: rollups where quarters are closed, the ledger where they are not.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::StoreError;

/// What is counted together: a quarter of an hour, in UTC.
pub const QUARTER: TimeDelta = TimeDelta::minutes(15);

/// What one step of the rollups did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RolledUp {
    /// Nothing: no quarter is due.
    Idle,
    /// Nothing: another replica is at it.
    Busy,
    /// Closed the next quarter.
    Closed,
    /// Counted quarters again in which something had changed late.
    Mended,
    /// Put the users of a closed day together.
    Packed,
}

/// How far the rollups are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollupState {
    /// Quarters before this time are closed.
    pub closed_until: DateTime<Utc>,
    /// Before this time, a UTC midnight, the ledger may have been deleted.
    pub kept_from: DateTime<Utc>,
}

/// Which mints a report is about.
#[derive(Debug, Clone, Default)]
pub struct Which {
    /// Of this role only.
    pub role: Option<String>,
    /// Of this user only, by their id in the ledger.
    pub user: Option<String>,
}

/// Mints of one span of time that are alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MintFact {
    /// The span, counted from 0.
    pub span: usize,
    /// The role they were made for.
    pub role: String,
    /// The language of their instructions.
    pub language: String,
    /// What the tokens open.
    pub session_type: String,
    /// The model asked for upstream.
    pub model: String,
    /// Whose key paid.
    pub key_source: String,
    /// What became of them.
    pub outcome: String,
    /// Why they were not issued; empty where they were.
    pub error_code: String,
    /// How many.
    pub count: i64,
}

impl MintFact {
    /// Whether the operator paid for it, or may have.
    pub fn is_paid_by_operator(&self) -> bool {
        ["issued", "unconfirmed"].contains(&self.outcome.as_str()) && self.key_source == "operator"
    }
}

/// Refusals of one span of time, for one reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefusalFact {
    /// The span, counted from 0.
    pub span: usize,
    /// Why.
    pub code: String,
    /// How many.
    pub count: i64,
}

/// Mints for which the provider took about as long.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LatencyFact {
    /// The role they were made for.
    pub role: String,
    /// The model asked for upstream.
    pub model: String,
    /// What became of them.
    pub outcome: String,
    /// No longer than this, in milliseconds; `i32::MAX` for whatever took longer than 30 s.
    pub up_to_ms: i32,
    /// How many.
    pub count: i64,
    /// How long all of them took together, in milliseconds.
    pub total_ms: i64,
}

/// A part of a day (UTC) that belongs to a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayPart {
    /// The span, counted from 0.
    pub span: usize,
    /// The midnight at which the day begins.
    pub day: DateTime<Utc>,
    /// Its quarters before noon, a bit each: bit 0 is 00:00 to 00:15.
    pub early: i64,
    /// Its quarters after noon: bit 0 is 12:00 to 12:15.
    pub late: i64,
}

/// A page of users, those with the most tokens first.
#[derive(Debug, Clone)]
pub struct TopUsers {
    /// From this time on.
    pub from: DateTime<Utc>,
    /// Before this time.
    pub to: DateTime<Utc>,
    /// Of this role only.
    pub role: Option<String>,
    /// After this user, of the page before: their tokens and their key.
    pub after: Option<(i64, Vec<u8>)>,
    /// How many.
    pub limit: u32,
}

/// What a user has had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserFact {
    /// The user's key.
    pub key: Vec<u8>,
    /// The issuer of their tokens; empty where it had none.
    pub issuer: String,
    /// The user, as the ledger has them.
    pub user_id: String,
    /// Mints, whatever became of them.
    pub mints: i64,
    /// Those that were issued, or may have been.
    pub tokens: i64,
}

/// Rollups and reports. Spans of time are given by their edges: where each begins, ascending, and the end of the last.
#[async_trait]
pub trait Reports: Send + Sync {
    /// One step of the rollups, in one transaction: counts one day's late changes again, or closes a quarter, or puts the users
    /// of a closed day together. A step that is cut off at any moment has done nothing.
    async fn roll_up(&self) -> Result<RolledUp, StoreError>;

    /// How far the rollups are.
    async fn rollup_state(&self) -> Result<RollupState, StoreError>;

    /// Before this time no mint is pending: closed quarters say whether they have any.
    async fn pending_from(&self) -> Result<DateTime<Utc>, StoreError>;

    /// Deletes at most so many mints, and as many refusals, that are older than `before` and counted in the rollups. Says how
    /// many rows there were; 0 when nothing is left to delete.
    async fn forget(&self, before: DateTime<Utc>, most: u32) -> Result<u64, StoreError>;

    /// Mints by span. Edges stand on quarters of an hour.
    async fn mint_facts(&self, edges: &[DateTime<Utc>], which: &Which) -> Result<Vec<MintFact>, StoreError>;

    /// Refusals by span. Edges stand on quarters of an hour.
    async fn refusal_facts(&self, edges: &[DateTime<Utc>]) -> Result<Vec<RefusalFact>, StoreError>;

    /// How long the provider took, between two quarters of an hour.
    async fn latency_facts(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        role: Option<&str>,
    ) -> Result<Vec<LatencyFact>, StoreError>;

    /// How many users got tokens in each span; spans without any are left out.
    async fn active_users(
        &self,
        parts: &[DayPart],
        role: Option<&str>,
    ) -> Result<Vec<(usize, i64)>, StoreError>;

    /// Users by the tokens that they got.
    async fn top_users(&self, page: &TopUsers) -> Result<Vec<UserFact>, StoreError>;
}

/// The UTC midnight before a time, or the time itself where it is one.
pub(crate) fn midnight(at: DateTime<Utc>) -> DateTime<Utc> {
    at.date_naive().and_time(chrono::NaiveTime::MIN).and_utc()
}

/// The first UTC midnight from a time on.
pub(crate) fn next_midnight(at: DateTime<Utc>) -> DateTime<Utc> {
    let before = midnight(at);
    if before == at { at } else { before + TimeDelta::days(1) }
}
