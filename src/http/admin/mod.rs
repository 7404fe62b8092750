//! What operators ask for. A handler takes an [`Operator`](super::operator::Operator).

pub(super) mod audit;
pub(super) mod mints;
mod subject;
pub(super) mod user;
pub(super) mod users;

use chrono::{DateTime, SecondsFormat, Utc};

fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
