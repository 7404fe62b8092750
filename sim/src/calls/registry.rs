//! All sessions that are going on, by their ids.

use std::{
    collections::HashMap,
    io,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{
    hub::{HubTask, Vitals},
    peer::{Close, Hub},
    webrtc::{Negotiator, NoAnswer, WebRtc},
};
use crate::{
    Settings,
    conversation::{Conversation, Session, Voice},
    credential::Credential,
};

/// All sessions that are going on: calls by `rtc_…`, sessions over a WebSocket by `sess_…`.
pub(crate) struct Calls {
    life: Duration,
    sideband_after: Duration,
    negotiator: Negotiator,
    entries: Mutex<HashMap<String, Entry>>,
}

#[derive(Clone)]
struct Entry {
    credential: Credential,
    since: DateTime<Utc>,
    /// When the sideband of a call answers. None: it is no call.
    sideband: Option<Instant>,
    vitals: Arc<Vitals>,
    hub: Hub,
}

/// A session that is going on. What `GET /_sim/calls` lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ongoing {
    /// `rtc_…` for a call, `sess_…` for a session over a WebSocket.
    pub id: String,
    /// The account that pays.
    pub account: String,
    /// When it began.
    pub since: DateTime<Utc>,
    /// How many take part: a data channel, the session's own WebSocket, sidebands.
    pub peers: usize,
    /// Whether WebRTC is connected. It is not before, nor when the browser has been lost.
    pub connected: bool,
}

impl Calls {
    /// With no session yet.
    ///
    /// # Errors
    /// When no certificate can be made.
    pub(crate) fn new(settings: &Settings) -> io::Result<Self> {
        Ok(Self {
            life: settings.session_life,
            sideband_after: settings.sideband_after,
            negotiator: Negotiator::new()?,
            entries: Mutex::default(),
        })
    }

    /// Begins a session over a WebSocket, which ends when its speaker leaves.
    pub(crate) fn open(
        self: &Arc<Self>,
        session: Session,
        credential: Credential,
        since: DateTime<Utc>,
    ) -> Hub {
        self.begin(session.id.clone(), session, credential, since, None)
    }

    /// Begins a call: takes its offer, listens on these addresses and returns the answer.
    ///
    /// # Errors
    /// When the offer is not good enough, or no port is free.
    pub(crate) async fn call(
        self: &Arc<Self>,
        id: &str,
        offer: &str,
        addresses: &[IpAddr],
        session: Session,
        credential: Credential,
        since: DateTime<Utc>,
    ) -> Result<String, NoAnswer> {
        let (webrtc, answer) = self.negotiator.accept(offer, addresses).await?;
        self.begin(id.to_owned(), session, credential, since, Some(webrtc));
        Ok(answer)
    }

    fn begin(
        self: &Arc<Self>,
        id: String,
        mut session: Session,
        credential: Credential,
        since: DateTime<Utc>,
        webrtc: Option<WebRtc>,
    ) -> Hub {
        let now = Instant::now();
        // A client secret says 0, as its sessions have not begun.
        if let Some(expires) = session.object.get_mut("expires_at") {
            *expires = (since + self.life).timestamp().into();
        }
        let voice = if webrtc.is_some() { Voice::WebRtc } else { Voice::InEvents };
        let conversation = Conversation::new(session, voice, self.life, now.into_std());
        let (hub, asked) = Hub::new();
        let vitals = Arc::<Vitals>::default();
        let sideband = webrtc.is_some().then(|| now + self.sideband_after);
        let mut task = HubTask::new(conversation, asked, webrtc, Arc::clone(&vitals));
        self.entries().insert(id.clone(), Entry { credential, since, sideband, vitals, hub: hub.clone() });
        let calls = Arc::clone(self);
        tokio::spawn(async move {
            task.live().await;
            // What is over is not found any more, even while the last words are on their way.
            calls.entries().remove(&id);
            task.part_with_all().await;
        });
        hub
    }

    /// The call of that id, for a sideband. None while it is being negotiated, when it is over, and for another
    /// credential than it was made with.
    pub(crate) fn sideband(&self, id: &str, credential: &Credential) -> Option<Hub> {
        let entries = self.entries();
        let entry = entries.get(id).filter(|entry| credential.opens_what(&entry.credential))?;
        entry.sideband.is_some_and(|open| Instant::now() >= open).then(|| entry.hub.clone())
    }

    /// Hangs up a call. False if there is none of that id for this credential.
    pub(crate) fn hang_up(&self, id: &str, credential: &Credential) -> bool {
        let mut entries = self.entries();
        let found = entries
            .get(id)
            .is_some_and(|entry| entry.sideband.is_some() && credential.opens_what(&entry.credential));
        if found && let Some(entry) = entries.remove(id) {
            entry.hub.close(Close::HUNG_UP);
        }
        found
    }

    /// Ends a session as if the provider had: with a word to everyone.
    pub(crate) fn end(&self, id: &str) -> bool {
        self.take(id).inspect(|hub| hub.close(Close::HUNG_UP)).is_some()
    }

    /// Ends a session without a word, as if the provider had gone.
    pub(crate) fn cut(&self, id: &str) -> bool {
        self.take(id).inspect(Hub::cut).is_some()
    }

    /// Ends all sessions without a word. How many there were.
    pub(crate) fn cut_all(&self) -> usize {
        let all: Vec<Entry> = self.entries().drain().map(|(_, entry)| entry).collect();
        all.iter().for_each(|entry| entry.hub.cut());
        all.len()
    }

    /// The sessions that are going on, oldest first.
    pub(crate) fn all(&self) -> Vec<Ongoing> {
        let mut all: Vec<Ongoing> = self.entries().iter().map(|(id, entry)| entry.listed(id)).collect();
        all.sort_by(|one, other| (one.since, &one.id).cmp(&(other.since, &other.id)));
        all
    }

    fn take(&self, id: &str) -> Option<Hub> {
        self.entries().remove(id).map(|entry| entry.hub)
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn listed(&self, id: &str) -> Ongoing {
        Ongoing {
            id: id.to_owned(),
            account: self.credential.account().to_owned(),
            since: self.since,
            peers: self.vitals.peers.load(Ordering::Relaxed),
            connected: self.vitals.connected.load(Ordering::Relaxed),
        }
    }
}
