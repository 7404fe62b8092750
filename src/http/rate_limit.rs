//! What is left, in headers (draft-ietf-httpapi-ratelimit-headers) and in bodies.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;

use crate::limit::{Decision, WINDOW_SECONDS};

pub(super) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(super) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The `rate_limit` member of answers.
#[derive(Debug, Serialize)]
pub(super) struct RateLimit {
    limit: u16,
    remaining: u16,
    reset_seconds: u32,
}

impl From<&Decision> for RateLimit {
    fn from(decision: &Decision) -> Self {
        Self { limit: decision.limit, remaining: decision.remaining, reset_seconds: decision.reset_seconds }
    }
}

pub(super) fn write(decision: &Decision, headers: &mut HeaderMap) {
    let policy = format!("\"hourly\";q={};w={WINDOW_SECONDS}", decision.limit);
    let state = format!("\"hourly\";r={};t={}", decision.remaining, decision.reset_seconds);
    for (name, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, state)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}
