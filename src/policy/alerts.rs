//! `[[alerts]]`: what operators want to be told of.

mod reading;

use chrono::TimeDelta;

pub(super) use reading::alerts;

/// A rule: one alert at most for each window and whomever it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertRule {
    /// Its name, which no other rule has.
    pub name: String,
    /// When it raises one.
    pub condition: Condition,
}

/// When an alert is raised.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// More was spent, by estimate.
    Cost {
        /// In which time.
        per: Per,
        /// Than this, in millionths of the currency.
        over: i64,
    },
    /// A larger share of mints failed.
    ErrorRate {
        /// Than this, between 0 and 1.
        over: f64,
        /// Of so many that have ended, at least.
        at_least: i64,
        /// In windows of this length.
        window: TimeDelta,
    },
    /// More requests of users were refused.
    Refusals {
        /// Than this.
        over: Refused,
        /// In windows of this length.
        window: TimeDelta,
    },
    /// One user minted more often.
    RapidMinting {
        /// Than so many times, whatever came of it.
        over: i64,
        /// In windows of this length.
        window: TimeDelta,
    },
    /// One user got more tokens on a day (UTC).
    UnusualUse {
        /// Than so many times what is usual.
        times: f64,
        /// For whom it is usual.
        of: Usual,
        /// And so many, at least.
        at_least: i64,
    },
    /// More credentials from one address were refused.
    FailedAuthentications {
        /// Than so many.
        over: i64,
        /// In windows of this length.
        window: TimeDelta,
    },
    /// On a day (of the budget's zone), keys are older than the settings want them.
    KeyRotationDue,
}

/// A time in which money is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// An hour, in UTC.
    Hour,
    /// A day of the budget's zone.
    Day,
    /// A month of the budget's zone.
    Month,
}

/// What refusals are compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Refused {
    /// A number.
    Count(i64),
    /// The mean of the same window of the last seven days.
    TimesMean {
        /// So many times the mean.
        times: f64,
        /// And so many refusals, at least.
        at_least: i64,
    },
}

/// For whom something is usual: the 95th percentile of the days of the last four weeks on which there were tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usual {
    /// For the user themselves.
    Own,
    /// For all users.
    Everybody,
}

impl Condition {
    /// What kinds there are.
    pub const KINDS: [&str; 7] = [
        "cost",
        "error_rate",
        "refusals",
        "rapid_minting",
        "unusual_use",
        "failed_authentications",
        "key_rotation_due",
    ];

    /// The kind, as files, answers and metrics have it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Cost { .. } => "cost",
            Self::ErrorRate { .. } => "error_rate",
            Self::Refusals { .. } => "refusals",
            Self::RapidMinting { .. } => "rapid_minting",
            Self::UnusualUse { .. } => "unusual_use",
            Self::FailedAuthentications { .. } => "failed_authentications",
            Self::KeyRotationDue => "key_rotation_due",
        }
    }
}
