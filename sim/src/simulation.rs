//! What all requests share.

use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

use crate::{Clock, Settings, Standing, accounts::Accounts, faults::Faults, record::Journal};

/// What all requests share.
pub(crate) struct Simulation {
    pub(crate) accounts: Accounts,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    minted: AtomicU64,
}

impl Simulation {
    /// A simulation that has seen nothing yet.
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            accounts: Accounts::new(&settings.api_key),
            clock: settings.clock.clone(),
            faults: Faults::default(),
            journal: Journal::new(settings.keep_requests),
            minted: AtomicU64::new(0),
        }
    }

    /// Whose API key these headers carry, and what it is worth.
    pub(crate) fn account(&self, headers: &HeaderMap) -> Option<(String, Standing)> {
        let sent = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok())?;
        self.accounts.of(sent.strip_prefix("Bearer ")?)
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
