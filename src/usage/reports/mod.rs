//! What operators see of everybody's use.
//!
//! A report reads facts of the store for its spans of time, and lays them out as a [`Table`].

mod asked;
mod by_time;
mod by_user;
mod costs;
mod counts;
mod csv;
mod json;
mod latency;
mod spans;
mod table;
mod totals;
mod window;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::policy::CurrentPolicy;
use crate::store::reports::Which;
use crate::store::{Store, StoreError};

pub use asked::{Asked, AskedError};
pub use by_user::Cursor;
pub use spans::day_parts;
pub use table::{Cell, Table};
pub use window::{Bounds, Window, WindowError};

/// Reports on the ledger.
#[derive(Debug, Clone)]
pub struct UsageReports {
    store: Arc<dyn Store>,
    policy: CurrentPolicy,
}

/// The reports that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The whole window in one row.
    Summary,
    /// By day of the zone, or by week or month.
    Daily,
    /// By hour of the zone.
    Hourly,
    /// The users with the most tokens.
    Users,
    /// By role.
    Roles,
    /// By model.
    Models,
    /// Refusals, and mints that failed, by code.
    Errors,
    /// How long the provider took.
    Latency,
    /// An estimate of the cost, by model.
    Costs,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Summary,
        Self::Daily,
        Self::Hourly,
        Self::Users,
        Self::Roles,
        Self::Models,
        Self::Errors,
        Self::Latency,
        Self::Costs,
    ];

    /// As addresses have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Daily => "daily",
            Self::Hourly => "hourly",
            Self::Users => "users",
            Self::Roles => "roles",
            Self::Models => "models",
            Self::Errors => "errors",
            Self::Latency => "latency",
            Self::Costs => "costs",
        }
    }

    /// What its rows may be told apart by, beside what they always are.
    pub const fn groups(self) -> &'static [Group] {
        match self {
            Self::Daily => &[
                Group::Role,
                Group::Language,
                Group::SessionType,
                Group::Model,
                Group::KeySource,
                Group::Outcome,
                Group::Week,
                Group::Month,
            ],
            Self::Hourly => &[
                Group::Role,
                Group::Language,
                Group::SessionType,
                Group::Model,
                Group::KeySource,
                Group::Outcome,
            ],
            Self::Latency => &[Group::Model, Group::Role, Group::Outcome],
            Self::Costs => &[Group::Role, Group::Day],
            _ => &[],
        }
    }
}

/// What rows are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The user's role.
    Role,
    /// The language of the instructions.
    Language,
    /// What the token opens.
    SessionType,
    /// The model asked for.
    Model,
    /// Whose key paid.
    KeySource,
    /// What became of the mint.
    Outcome,
    /// The day of the zone.
    Day,
    /// The week of the zone, from Monday on.
    Week,
    /// The month of the zone.
    Month,
}

impl Group {
    /// As parameters and columns have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Language => "language",
            Self::SessionType => "session_type",
            Self::Model => "model",
            Self::KeySource => "key_source",
            Self::Outcome => "outcome",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

/// What somebody wants to see.
#[derive(Debug, Clone)]
pub struct Query {
    /// Which report.
    pub kind: Kind,
    /// Of which time.
    pub window: Window,
    /// Of which mints.
    pub which: Which,
    /// Rows told apart; one of [`Kind::groups`].
    pub group_by: Option<Group>,
    /// Rows of a page, where there are pages.
    pub limit: u32,
    /// Where the page begins; none for the first.
    pub cursor: Option<Cursor>,
    /// The time: pages don't show what comes later.
    pub now: DateTime<Utc>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A day of which a part is asked for is not in the ledger any more.
    #[error(
        "before {kept_from} users are counted by whole days in UTC, for the ledger was deleted: begin and end at midnight UTC"
    )]
    Forgotten {
        /// The ledger goes back to this time.
        kept_from: DateTime<Utc>,
    },
    /// The store does not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl UsageReports {
    /// Reports out of this store, with the prices of this policy.
    pub fn new(store: Arc<dyn Store>, policy: CurrentPolicy) -> Self {
        Self { store, policy }
    }

    /// A report.
    pub async fn report(&self, query: &Query) -> Result<Table, ReportError> {
        let store = &*self.store;
        Ok(match query.kind {
            Kind::Summary => totals::summary(store, query).await?,
            Kind::Daily | Kind::Hourly => by_time::report(store, query).await?,
            Kind::Users => by_user::report(store, query).await?,
            Kind::Roles => totals::grouped(store, query, Group::Role).await?,
            Kind::Models => totals::grouped(store, query, Group::Model).await?,
            Kind::Errors => totals::errors(store, query).await?,
            Kind::Latency => latency::report(store, query).await?,
            Kind::Costs => costs::report(store, query, &self.policy.take()).await?,
        })
    }
}
