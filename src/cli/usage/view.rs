//! What can be looked at.

use anyhow::Context;
use clap::ValueEnum;

use super::Arguments;
use crate::usage::reports::{Asked, AskedError, Kind, Query};

/// Rows of the ledger that are shown where nothing else is asked for, and at most.
const ROWS: u32 = 20;
const MOST_ROWS: u32 = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum View {
    /// Counts since midnight (UTC), and the newest mints
    Today,
    /// The newest mints
    Mints,
    /// Everything in one row
    Summary,
    /// By day
    Daily,
    /// By hour
    Hourly,
    /// The users with the most tokens
    Users,
    /// By role
    Roles,
    /// By model
    Models,
    /// Refusals, and mints that failed, by code
    Errors,
    /// How long the provider took
    Latency,
    /// What it may have cost, by the prices of the policy
    Costs,
}

/// A view, with what is asked of it.
#[derive(Debug)]
pub(super) enum Wanted {
    /// The ledger: with today's counts before it or without, and so many rows.
    Ledger { with_counts: bool, rows: u32 },
    /// A report.
    Report(Kind),
}

impl View {
    fn report(self) -> Option<Kind> {
        Some(match self {
            Self::Today | Self::Mints => return None,
            Self::Summary => Kind::Summary,
            Self::Daily => Kind::Daily,
            Self::Hourly => Kind::Hourly,
            Self::Users => Kind::Users,
            Self::Roles => Kind::Roles,
            Self::Models => Kind::Models,
            Self::Errors => Kind::Errors,
            Self::Latency => Kind::Latency,
            Self::Costs => Kind::Costs,
        })
    }
}

impl Arguments {
    /// What is wanted, if the flags fit together.
    pub(super) fn wanted(&self) -> anyhow::Result<Wanted> {
        if let Some(kind) = self.view.report() {
            anyhow::ensure!(
                !self.follow,
                "--follow: only mints are followed; a report is drawn again by --watch"
            );
            return Ok(Wanted::Report(kind));
        }
        let flags = [
            ("from", self.from.is_some()),
            ("to", self.to.is_some()),
            ("tz", self.tz.is_some()),
            ("role", self.role.is_some()),
            ("user", self.user.is_some()),
            ("group-by", self.group_by.is_some()),
            ("cursor", self.cursor.is_some()),
            ("csv", self.csv),
        ];
        if let Some((flag, _)) = flags.iter().find(|(_, is_given)| *is_given) {
            anyhow::bail!("--{flag}: only reports take it, such as `ephemint usage daily`");
        }
        let rows = self.limit.as_deref().map_or(Some(ROWS), |text| text.parse().ok());
        let rows = rows.filter(|rows| *rows <= MOST_ROWS);
        let rows = rows.with_context(|| format!("--limit: write a whole number from 0 to {MOST_ROWS}"))?;
        Ok(Wanted::Ledger { with_counts: self.view == View::Today, rows })
    }

    /// What is asked of a report at this time.
    pub(super) fn query(&self, kind: Kind, now: chrono::DateTime<chrono::Utc>) -> anyhow::Result<Query> {
        let asked = Asked {
            from: self.from.as_deref(),
            to: self.to.as_deref(),
            tz: self.tz.as_deref(),
            role: self.role.as_deref(),
            user: self.user.as_deref(),
            group_by: self.group_by.as_deref(),
            limit: self.limit.as_deref(),
            cursor: self.cursor.as_deref(),
        };
        asked
            .of(kind, now)
            .map_err(|error: AskedError| anyhow::anyhow!("--{}: {error}", error.param().replace('_', "-")))
    }
}
