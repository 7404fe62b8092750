//! Names of things that happen.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A mint's name: a UUID of version 7, so that rows that came together lie together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MintId(pub Uuid);

impl MintId {
    /// A fresh id for something that happens at `now`.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(time_ordered(now))
    }

    /// Comes before every id made since `then`.
    pub fn before(then: DateTime<Utc>) -> Self {
        let millis = u64::try_from(then.timestamp_millis()).unwrap_or(0);
        Self(Uuid::from_u64_pair(millis << 16, 0))
    }

    /// Comes before every id.
    pub const FIRST: Self = Self(Uuid::nil());

    /// Comes after every id.
    pub const LAST: Self = Self(Uuid::max());
}

/// The name of an act in the audit trail, in the order of time as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ActId(pub Uuid);

impl ActId {
    /// A fresh id for something that is done at `now`.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(time_ordered(now))
    }

    /// Comes after every id.
    pub const LAST: Self = Self(Uuid::max());
}

/// The name of an alert, in the order of time as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AlertId(pub Uuid);

impl AlertId {
    /// A fresh id for an alert that is raised at `now`.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(time_ordered(now))
    }

    /// Comes after every id.
    pub const LAST: Self = Self(Uuid::max());
}

/// The longest request id that is taken over from a client, in bytes.
const MAX_REQUEST_ID_BYTES: usize = 64;

/// Names one request in answers, logs and the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// A fresh id for a request that came at `now`.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(format!("req_{}", time_ordered(now).simple()))
    }

    /// The id that a client or proxy gave, if it is fit for logs: 1 to 64 of `A-Z a-z 0-9 . _ -`.
    pub fn given(text: &str) -> Option<Self> {
        let fit = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        let ok = !text.is_empty() && text.len() <= MAX_REQUEST_ID_BYTES && text.bytes().all(fit);
        ok.then(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn time_ordered(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, now.timestamp_subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lie_in_the_order_of_time() {
        let then = DateTime::from_timestamp_millis(1_790_000_000_000).unwrap();
        let later = then + chrono::TimeDelta::milliseconds(1);
        assert!(MintId::FIRST < MintId::before(then));
        assert!(MintId::before(then) < MintId::new(then));
        assert!(MintId::new(then) < MintId::before(later));
    }

    #[test]
    fn only_plain_request_ids_are_taken_over() {
        assert!(RequestId::given("trace-01.AB_c").is_some());
        let long = "x".repeat(65);
        for bad in ["", "a b", "a\nb", "é", &long] {
            assert_eq!(RequestId::given(bad), None, "{bad:?}");
        }
    }
}
