//! What the simulator was sent.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Fault;

/// One request to the provider's API, and what became of it. The key itself is never kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its place in the order of arrival, from 0; forgetting requests does not restart the count.
    pub sequence: u64,
    /// When it had been read.
    pub at: DateTime<Utc>,
    /// The method, in capitals.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query, where there was one.
    pub query: Option<String>,
    /// Whether it carried an API key that is known and was not withdrawn.
    pub key_ok: bool,
    /// Whether it carried a client secret that has not expired.
    #[serde(default)]
    pub secret_ok: bool,
    /// The account whose key or client secret it carried, by name.
    #[serde(default)]
    pub account: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `OpenAI-Organization`.
    pub organization: Option<String>,
    /// `OpenAI-Project`.
    pub project: Option<String>,
    /// `OpenAI-Safety-Identifier`.
    pub safety_identifier: Option<String>,
    /// `traceparent`.
    pub traceparent: Option<String>,
    /// The names of all headers, in lower case and sorted: shows what was passed on that should not have been.
    pub header_names: Vec<String>,
    /// How long the body was, in bytes.
    #[serde(default)]
    pub body_bytes: usize,
    /// The body, where it was JSON. An SDP offer is never kept.
    pub body: Option<Value>,
    /// The fault it met, if any.
    pub fault: Option<Fault>,
    /// The `x-request-id` it was answered with.
    pub request_id: String,
    /// The status it was answered with; none where there is no answer, or not yet.
    pub status: Option<u16>,
}

/// The newest requests, oldest first.
#[derive(Debug)]
pub(crate) struct Journal {
    limit: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: VecDeque<Recorded>,
    next: u64,
}

impl Journal {
    /// A journal that remembers `limit` requests.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, kept: Mutex::default() }
    }

    /// Notes an arrival; `entry` is told its sequence number. Returns that number.
    pub(crate) fn open(&self, entry: impl FnOnce(u64) -> Recorded) -> u64 {
        let mut kept = self.kept();
        let sequence = kept.next;
        kept.next += 1;
        kept.entries.push_back(entry(sequence));
        while kept.entries.len() > self.limit {
            kept.entries.pop_front();
        }
        sequence
    }

    /// Notes what a request was answered, unless it has been forgotten meanwhile.
    pub(crate) fn close(&self, sequence: u64, status: Option<u16>) {
        let mut kept = self.kept();
        // Numbers run without gaps, so the distance from the oldest is the place.
        let oldest = kept.entries.front().map_or(kept.next, |entry| entry.sequence);
        let place = sequence.checked_sub(oldest).and_then(|distance| usize::try_from(distance).ok());
        if let Some(entry) = place.and_then(|place| kept.entries.get_mut(place)) {
            entry.status = status;
        }
    }

    /// Everything remembered.
    pub(crate) fn all(&self) -> Vec<Recorded> {
        self.kept().entries.iter().cloned().collect()
    }

    /// The newest.
    pub(crate) fn last(&self) -> Option<Recorded> {
        self.kept().entries.back().cloned()
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.kept().entries.clear();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
