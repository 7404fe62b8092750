//! The task of one session: it owns the conversation and knows everyone who takes part.

use std::{
    collections::BTreeMap,
    future::pending,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{sync::mpsc, time};

use super::peer::{Close, Command, Delivery};
use crate::conversation::{Conversation, End, Output, PeerId, Session, Side, To, Voice};

/// One session while it lasts.
pub(super) struct HubTask {
    conversation: Conversation,
    asked: mpsc::UnboundedReceiver<Command>,
    peers: BTreeMap<PeerId, Member>,
    next_peer: u64,
    /// How everyone is to leave, once the session is over.
    over: Option<Leaving>,
}

struct Member {
    side: Side,
    inbox: mpsc::Sender<Delivery>,
}

#[derive(Clone, Copy)]
enum Leaving {
    InGoodOrder(Close),
    WithoutAWord,
}

impl HubTask {
    pub(super) fn new(session: Session, life: Duration, asked: mpsc::UnboundedReceiver<Command>) -> Self {
        let conversation = Conversation::new(session, Voice::InEvents, life, now());
        Self { conversation, asked, peers: BTreeMap::new(), next_peer: 0, over: None }
    }

    /// Runs until the session is over.
    pub(super) async fn run(mut self) {
        while self.over.is_none() {
            tokio::select! {
                command = self.asked.recv() => match command {
                    Some(command) => self.obey(command),
                    None => self.over = Some(Leaving::WithoutAWord),
                },
                () = until(self.conversation.next()) => self.conversation.pass(now()),
            }
            self.act();
        }
        if let Some(Leaving::InGoodOrder(close)) = self.over {
            self.deliver(To::All, &Delivery::Close(close));
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Join { side, inbox, id } => {
                let peer = PeerId(self.next_peer);
                self.next_peer += 1;
                if id.send(peer).is_ok() {
                    self.peers.insert(peer, Member { side, inbox });
                    self.conversation.join(peer, side, now());
                }
            }
            Command::Receive(peer, text) => self.conversation.receive(peer, &text, now()),
            Command::Leave(peer) => self.part(peer),
            Command::Close(close) => self.over = Some(Leaving::InGoodOrder(close)),
            Command::Cut => self.over = Some(Leaving::WithoutAWord),
        }
    }

    /// Does what the conversation wants done.
    fn act(&mut self) {
        while let Some(output) = self.conversation.poll() {
            match output {
                Output::Say { to, event } => self.say(to, &event),
                Output::Play { .. } | Output::Hush => {}
                Output::End(End::Expired) => self.over = Some(Leaving::InGoodOrder(Close::EXPIRED)),
            }
        }
    }

    fn say(&mut self, to: To, event: &Value) {
        self.deliver(to, &Delivery::Event(Arc::from(event.to_string())));
    }

    fn deliver(&mut self, to: To, delivery: &Delivery) {
        let mut stuck = Vec::new();
        for (id, member) in &self.peers {
            let meant = to == To::All || to == To::One(*id);
            if meant && member.inbox.try_send(delivery.clone()).is_err() {
                stuck.push(*id);
            }
        }
        stuck.into_iter().for_each(|peer| self.part(peer));
    }

    /// A session over a WebSocket ends with it; a call does not end with its sideband.
    fn part(&mut self, peer: PeerId) {
        if let Some(member) = self.peers.remove(&peer) {
            self.conversation.leave(peer);
            if member.side == Side::Speaker {
                self.over.get_or_insert(Leaving::WithoutAWord);
            }
        }
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
