//! All sessions that are going on, by their ids.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::{hub::HubTask, peer::Hub};
use crate::{Settings, conversation::Session, credential::Credential};

/// All sessions that are going on: calls by `rtc_…`, sessions over a WebSocket by `sess_…`.
#[derive(Debug)]
pub(crate) struct Calls {
    life: Duration,
    sideband_after: Duration,
    entries: Mutex<HashMap<String, Entry>>,
}

#[derive(Clone, Debug)]
struct Entry {
    credential: Credential,
    since: DateTime<Utc>,
    /// When the sideband of a call answers. None: it has no sideband.
    sideband: Option<Instant>,
    hub: Hub,
}

impl Calls {
    /// With no session yet.
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            life: settings.session_life,
            sideband_after: settings.sideband_after,
            entries: Mutex::default(),
        }
    }

    /// Begins a session over a WebSocket, which ends when its speaker leaves.
    pub(crate) fn open(
        self: &Arc<Self>,
        session: Session,
        credential: Credential,
        since: DateTime<Utc>,
    ) -> Hub {
        let (hub, asked) = Hub::new();
        let id = session.id.clone();
        let task = HubTask::new(session, self.life, asked);
        self.entries().insert(id.clone(), Entry { credential, since, sideband: None, hub: hub.clone() });
        let calls = Arc::clone(self);
        tokio::spawn(async move {
            task.run().await;
            calls.entries().remove(&id);
        });
        hub
    }

    /// The call of that id, for a sideband. None while it is being negotiated, when it is over, and for another
    /// credential than it was made with.
    pub(crate) fn sideband(&self, id: &str, credential: &Credential) -> Option<Hub> {
        let entry = self.find(id, credential)?;
        entry.sideband.is_some_and(|open| Instant::now() >= open).then_some(entry.hub)
    }

    fn find(&self, id: &str, credential: &Credential) -> Option<Entry> {
        self.entries().get(id).filter(|entry| credential.opens_what(&entry.credential)).cloned()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
