//! Keeps an issuer's key set, and decides when to fetch it again.
//!
//! A set is fresh for as long as its issuer says. After that it is still used, while it is fetched anew in the background.
//! A token that names an unknown key has it fetched at once. Both together ask at most every ten seconds, by one request at
//! a time, and nobody holds the lock while it is under way. A set that can't be refreshed is used up to a set age; after
//! that, and before there is any set, tokens can't be checked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey};
use tokio::sync::watch;

use super::fetch::{Fetched, Fetcher};
use super::set::KeySet;
use crate::auth::error::{AuthError, TokenError};
use crate::kernel::clock::Clock;

/// The issuer is asked at most this often.
const BETWEEN_ATTEMPTS: TimeDelta = TimeDelta::seconds(10);

/// The keys of an issuer can't be had, so nobody knows whether its tokens are good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the issuer's keys can't be had")]
pub struct KeysUnavailable {
    /// Seconds until they are asked for again.
    pub retry_after: u32,
}

/// How an issuer's key set stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySetState<'a> {
    /// What its tokens call it.
    pub issuer: &'a str,
    /// How old the set is, and how long it is good by its issuer; none before it was ever fetched.
    pub held: Option<(Duration, Duration)>,
    /// Whether tokens can be checked by it.
    pub usable: bool,
}

/// The keys of one issuer.
pub(in crate::auth) struct KeyRing(Arc<Shared>);

struct Shared {
    fetcher: Fetcher,
    clock: Arc<dyn Clock>,
    max_stale: TimeDelta,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    last_attempt: Option<DateTime<Utc>>,
    /// Closed when the fetch that is under way has ended, however it did.
    under_way: Option<watch::Receiver<()>>,
}

struct Held {
    set: Arc<KeySet>,
    fetched_at: DateTime<Utc>,
    fresh_for: TimeDelta,
}

impl KeyRing {
    pub(in crate::auth) fn new(fetcher: Fetcher, max_stale: Duration, clock: Arc<dyn Clock>) -> Self {
        let max_stale = TimeDelta::from_std(max_stale).unwrap_or(TimeDelta::MAX);
        Self(Arc::new(Shared { fetcher, clock, max_stale, state: Mutex::default() }))
    }

    /// Whether tokens can be checked. Fetches what is due, in the background.
    pub(in crate::auth) fn poke(&self) -> Result<(), KeysUnavailable> {
        self.current().map(drop).ok_or_else(|| self.unavailable())
    }

    /// How the set stands. Fetches it in the background where that is due, so that its age tells of the issuer and not of
    /// how long nobody came.
    pub(in crate::auth) fn state(&self) -> KeySetState<'_> {
        let usable = self.poke().is_ok();
        let (state, now) = (self.0.state(), self.0.clock.now());
        let time = |delta: TimeDelta| delta.to_std().unwrap_or_default();
        let held = state.held.as_ref().map(|held| (time(held.age(now)), time(held.fresh_for)));
        KeySetState { issuer: self.0.fetcher.issuer(), held, usable }
    }

    /// The key of this name for this algorithm, and the set that it is from. Waits only where it isn't there.
    pub(in crate::auth) async fn key(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<(Arc<DecodingKey>, Arc<KeySet>), AuthError> {
        let set = match self.current() {
            Some(set) => set,
            None => {
                self.refresh().await;
                self.current().ok_or_else(|| self.unavailable())?
            }
        };
        let found = set.find(id, algorithm);
        // Without a name there is nothing that a newer set could have.
        if id.is_none() || !matches!(found, Err(TokenError::UnknownKey)) || !self.refresh().await {
            return Ok((found?, set));
        }
        let set = self.current().ok_or_else(|| self.unavailable())?;
        Ok((set.find(id, algorithm)?, set))
    }

    /// The set, if it may be used. Where it is not fresh, a fetch begins.
    pub(in crate::auth) fn current(&self) -> Option<Arc<KeySet>> {
        let (mut state, now) = (self.0.state(), self.0.clock.now());
        if !state.held.as_ref().is_some_and(|held| held.is_fresh(now)) {
            self.begin(&mut state, now);
        }
        let usable = state.held.as_ref().filter(|held| held.age(now) <= self.0.max_stale);
        usable.map(|held| held.set.clone())
    }

    /// Waits for a fetch, where one is under way or may begin; otherwise says that there was none.
    async fn refresh(&self) -> bool {
        let fetch = self.begin(&mut self.0.state(), self.0.clock.now());
        let Some(mut fetch) = fetch else { return false };
        // Nothing is ever sent: this ends when the sender is gone.
        while fetch.changed().await.is_ok() {}
        true
    }

    /// The fetch that is under way, or a new one where the last is long enough ago.
    fn begin(&self, state: &mut State, now: DateTime<Utc>) -> Option<watch::Receiver<()>> {
        if let Some(fetch) = state.under_way.as_ref().filter(|fetch| fetch.has_changed().is_ok()) {
            return Some(fetch.clone());
        }
        if state.wait(now) > TimeDelta::zero() {
            return None;
        }
        let (ended, fetch) = watch::channel(());
        state.last_attempt = Some(now);
        state.under_way = Some(fetch.clone());
        let shared = self.0.clone();
        // A task of its own: whoever asked may go away, and others wait for the same.
        tokio::spawn(async move {
            shared.fetch().await;
            drop(ended);
        });
        Some(fetch)
    }

    fn unavailable(&self) -> KeysUnavailable {
        let wait = self.0.state().wait(self.0.clock.now()).num_seconds().max(1);
        KeysUnavailable { retry_after: u32::try_from(wait).unwrap_or(1) }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch(&self) {
        let issuer = self.fetcher.issuer();
        match self.fetcher.fetch().await {
            Ok(Fetched { set, fresh_for }) => {
                let keys = set.len();
                if keys == 0 {
                    tracing::warn!(issuer, "the issuer's key set has no key that can be used");
                }
                tracing::debug!(issuer, keys, "key set fetched");
                let fresh_for = TimeDelta::from_std(fresh_for).unwrap_or(TimeDelta::MAX).min(self.max_stale);
                let fetched_at = self.clock.now();
                self.state().held = Some(Held { set: Arc::new(set), fetched_at, fresh_for });
            }
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(issuer, error = %error, cause, "the issuer's key set could not be fetched");
            }
        }
    }
}

impl State {
    /// How long until the issuer may be asked again. A clock that was set back doesn't count.
    fn wait(&self, now: DateTime<Utc>) -> TimeDelta {
        match self.last_attempt {
            Some(last) if last <= now => BETWEEN_ATTEMPTS - (now - last),
            _ => TimeDelta::zero(),
        }
    }
}

impl Held {
    fn age(&self, now: DateTime<Utc>) -> TimeDelta {
        now - self.fetched_at
    }

    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        (TimeDelta::zero()..self.fresh_for).contains(&self.age(now))
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("KeyRing").field(&self.0.fetcher.issuer()).finish()
    }
}
