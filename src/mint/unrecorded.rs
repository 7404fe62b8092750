//! The line that stands in for a ledger row until it is entered: should this process end before, it is all there is.

use chrono::{DateTime, Utc};

use crate::kernel::clock::rfc3339;
use crate::store::{Ask, Settlement};

/// Everything that the ledger row would have.
pub(super) fn log(ask: &Ask, at: DateTime<Utc>, end: &Settlement) {
    tracing::warn!(
        id = %ask.id.0,
        issuer = ask.user.issuer,
        user = ask.user.id,
        role = &*ask.role,
        language = &*ask.language,
        session_type = ask.session_type.as_str(),
        model = &*ask.model,
        key_source = ask.key_source.as_str(),
        outcome = end.outcome.as_str(),
        error_code = end.error.map(|code| code.as_str()),
        latency_ms = end.latency_ms,
        request_id = ask.request_id.as_str(),
        created_at = rfc3339(at),
        expires_at = end.expires_at.map(rfc3339),
        "mint without the store"
    );
}
