//! What all requests share.

use std::{
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use actix_web::http::header::{AUTHORIZATION, HeaderMap, SEC_WEBSOCKET_PROTOCOL};

use crate::{
    Clock, Settings, Standing,
    accounts::Accounts,
    calls::Calls,
    credential::Credential,
    faults::Faults,
    record::Journal,
    secrets::{Secret, Secrets},
};

/// What all requests share.
pub(crate) struct Simulation {
    pub(crate) accounts: Accounts,
    pub(crate) calls: Arc<Calls>,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    pub(crate) media_address: Option<IpAddr>,
    pub(crate) secrets: Secrets,
    minted: AtomicU64,
}

impl Simulation {
    /// A simulation that has seen nothing yet.
    ///
    /// # Errors
    /// When no certificate can be made for calls.
    pub(crate) fn new(settings: &Settings) -> io::Result<Self> {
        Ok(Self {
            accounts: Accounts::new(&settings.api_key),
            calls: Arc::new(Calls::new(settings)?),
            clock: settings.clock.clone(),
            faults: Faults::default(),
            journal: Journal::new(settings.keep_requests),
            secrets: Secrets::default(),
            media_address: settings.media_address,
            minted: AtomicU64::new(0),
        })
    }

    /// Whose API key these headers carry, and what it is worth.
    pub(crate) fn account(&self, headers: &HeaderMap) -> Option<(String, Standing)> {
        self.accounts.of(bearer(headers)?)
    }

    /// What these headers open: by an API key that was not withdrawn, or by a client secret that has not expired.
    pub(crate) fn credential(&self, headers: &HeaderMap) -> Option<Credential> {
        self.opened_by(bearer(headers)?)
    }

    /// The client secret that these headers carry, unless it has expired.
    pub(crate) fn secret(&self, headers: &HeaderMap) -> Option<Arc<Secret>> {
        self.secrets.of(bearer(headers)?, self.clock.now())
    }

    /// What an API key or a client secret opens.
    pub(crate) fn opened_by(&self, token: &str) -> Option<Credential> {
        match self.accounts.of(token) {
            Some((_, Standing::Revoked)) => None,
            Some((account, standing)) => Some(Credential::Key { account, standing }),
            None => self.secrets.of(token, self.clock.now()).map(Credential::Secret),
        }
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

/// The token of the request: from `Authorization` or, where a browser speaks WebSocket, from a subprotocol.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    match headers.get(AUTHORIZATION) {
        Some(value) => value.to_str().ok()?.strip_prefix("Bearer "),
        None => headers
            .get_all(SEC_WEBSOCKET_PROTOCOL)
            .filter_map(|protocols| protocols.to_str().ok())
            .flat_map(|protocols| protocols.split(','))
            .find_map(|protocol| protocol.trim().strip_prefix("openai-insecure-api-key.")),
    }
}
