//! What all requests share.

use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

use crate::{Clock, Settings, faults::Faults, record::Journal};

/// What all requests share.
pub(crate) struct Simulation {
    api_key: String,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    minted: AtomicU64,
}

impl Simulation {
    /// A simulation that has seen nothing yet.
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            api_key: settings.api_key.clone(),
            clock: settings.clock.clone(),
            faults: Faults::default(),
            journal: Journal::new(settings.keep_requests),
            minted: AtomicU64::new(0),
        }
    }

    /// Whether these headers carry the API key.
    pub(crate) fn admits(&self, headers: &HeaderMap) -> bool {
        let sent = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        sent.and_then(|value| value.strip_prefix("Bearer ")) == Some(self.api_key.as_str())
    }

    /// Counts a token that was made.
    pub(crate) fn count_mint(&self) {
        self.minted.fetch_add(1, Ordering::Relaxed);
    }

    /// How many tokens were made.
    pub(crate) fn minted(&self) -> u64 {
        self.minted.load(Ordering::Relaxed)
    }
}
