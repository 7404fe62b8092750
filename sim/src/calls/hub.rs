//! The task of one session: it owns the conversation and knows everyone who takes part.

use std::{
    collections::BTreeMap,
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Instant,
};

use serde_json::Value;
use tokio::{sync::mpsc, time};

use super::{
    peer::{Close, Command, Delivery},
    webrtc::{News, WebRtc},
};
use crate::conversation::{Conversation, End, Output, PeerId, Side, To};

/// What others may know of a session.
#[derive(Debug, Default)]
pub(super) struct Vitals {
    /// How many clients take part, the data channel among them.
    pub(super) peers: AtomicUsize,
    /// Whether WebRTC is connected.
    pub(super) connected: AtomicBool,
}

/// One session while it lasts.
pub(super) struct HubTask {
    conversation: Conversation,
    asked: mpsc::UnboundedReceiver<Command>,
    webrtc: Option<WebRtc>,
    vitals: Arc<Vitals>,
    peers: BTreeMap<PeerId, Way>,
    next_peer: u64,
    /// How everyone is to leave, once the session is over.
    over: Option<Leaving>,
}

/// How a client is reached.
enum Way {
    DataChannel,
    Socket { side: Side, inbox: mpsc::Sender<Delivery> },
}

#[derive(Clone, Copy)]
enum Leaving {
    InGoodOrder(Close),
    WithoutAWord,
}

impl HubTask {
    pub(super) fn new(
        conversation: Conversation,
        asked: mpsc::UnboundedReceiver<Command>,
        webrtc: Option<WebRtc>,
        vitals: Arc<Vitals>,
    ) -> Self {
        Self { conversation, asked, webrtc, vitals, peers: BTreeMap::new(), next_peer: 0, over: None }
    }

    /// Runs until the session is over.
    pub(super) async fn live(&mut self) {
        while self.over.is_none() {
            tokio::select! {
                command = self.asked.recv() => match command {
                    Some(command) => self.obey(command),
                    None => self.over = Some(Leaving::WithoutAWord),
                },
                news = news(self.webrtc.as_mut()) => self.learn(news),
                () = until(self.conversation.next()) => self.conversation.pass(now()),
            }
            self.act();
        }
    }

    /// Sees everyone off.
    pub(super) async fn part_with_all(mut self) {
        if let Some(Leaving::InGoodOrder(close)) = self.over {
            self.deliver(To::All, &Delivery::Close(close));
            if let Some(webrtc) = self.webrtc {
                webrtc.close().await;
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Join { side, inbox, id } => {
                let peer = self.next_peer();
                if id.send(peer).is_ok() {
                    self.seat(peer, Way::Socket { side, inbox }, side);
                }
            }
            Command::Receive(peer, text) => self.conversation.receive(peer, &text, now()),
            Command::Leave(peer) => self.part(peer),
            Command::Close(close) => self.over = Some(Leaving::InGoodOrder(close)),
            Command::Cut => self.over = Some(Leaving::WithoutAWord),
        }
    }

    fn learn(&mut self, news: News) {
        match news {
            News::Connected => self.vitals.connected.store(true, Ordering::Relaxed),
            News::Opened => {
                let peer = self.next_peer();
                self.seat(peer, Way::DataChannel, Side::Speaker);
            }
            News::Text(text) => {
                if let Some(peer) = self.on_data_channel() {
                    self.conversation.receive(peer, &text, now());
                }
            }
            News::Heard(heard) => self.conversation.hear(heard, now()),
            News::Shut => self.lose_data_channel(),
            News::Closed => self.over = Some(Leaving::InGoodOrder(Close::HUNG_UP)),
            // The call goes on without a user: nobody is told that a browser has vanished.
            News::Lost => {
                self.webrtc = None;
                self.vitals.connected.store(false, Ordering::Relaxed);
                self.lose_data_channel();
            }
        }
    }

    /// Does what the conversation wants done.
    fn act(&mut self) {
        while let Some(output) = self.conversation.poll() {
            match (output, &mut self.webrtc) {
                (Output::Say { to, event }, _) => self.say(to, &event),
                (Output::Play { millis, echo }, Some(webrtc)) => webrtc.play(millis, echo),
                (Output::Hush, Some(webrtc)) => webrtc.hush(),
                (Output::Play { .. } | Output::Hush, None) => {}
                (Output::End(End::Expired), _) => self.over = Some(Leaving::InGoodOrder(Close::EXPIRED)),
            }
        }
    }

    fn say(&mut self, to: To, event: &Value) {
        self.deliver(to, &Delivery::Event(Arc::from(event.to_string())));
    }

    fn deliver(&mut self, to: To, delivery: &Delivery) {
        let mut stuck = Vec::new();
        for (id, way) in &self.peers {
            let meant = to == To::All || to == To::One(*id);
            match way {
                Way::Socket { inbox, .. } if meant => {
                    if inbox.try_send(delivery.clone()).is_err() {
                        stuck.push(*id);
                    }
                }
                Way::DataChannel if meant => {
                    if let (Delivery::Event(event), Some(webrtc)) = (delivery, &mut self.webrtc) {
                        webrtc.say(Arc::clone(event));
                    }
                }
                Way::Socket { .. } | Way::DataChannel => {}
            }
        }
        stuck.into_iter().for_each(|peer| self.part(peer));
    }

    fn next_peer(&mut self) -> PeerId {
        let peer = PeerId(self.next_peer);
        self.next_peer += 1;
        peer
    }

    fn seat(&mut self, peer: PeerId, way: Way, side: Side) {
        self.peers.insert(peer, way);
        self.vitals.peers.store(self.peers.len(), Ordering::Relaxed);
        self.conversation.join(peer, side, now());
    }

    /// A session over a WebSocket ends with it; a call ends neither with its sideband nor with its data channel.
    fn part(&mut self, peer: PeerId) {
        if let Some(way) = self.peers.remove(&peer) {
            self.vitals.peers.store(self.peers.len(), Ordering::Relaxed);
            self.conversation.leave(peer);
            if matches!(way, Way::Socket { side: Side::Speaker, .. }) {
                self.over.get_or_insert(Leaving::WithoutAWord);
            }
        }
    }

    fn on_data_channel(&self) -> Option<PeerId> {
        self.peers.iter().find(|(_, way)| matches!(way, Way::DataChannel)).map(|(peer, _)| *peer)
    }

    fn lose_data_channel(&mut self) {
        if let Some(peer) = self.on_data_channel() {
            self.part(peer);
        }
    }
}

/// What happens next on the connection, if there is one.
async fn news(webrtc: Option<&mut WebRtc>) -> News {
    match webrtc {
        Some(webrtc) => webrtc.news().await,
        None => pending().await,
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => time::sleep_until(instant.into()).await,
        None => pending().await,
    }
}

/// Tokio's clock, which a test may stop.
fn now() -> Instant {
    time::Instant::now().into_std()
}
