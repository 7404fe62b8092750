//! The two ends between a hub and a client of its session.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::conversation::{PeerId, Side};

/// How many events may wait for a client; one that reads no faster is cut off.
pub(super) const INBOX: usize = 1_024;

/// What a hub is asked to do.
#[derive(Debug)]
pub(super) enum Command {
    /// Let a client in, and tell it its id.
    Join { side: Side, inbox: mpsc::Sender<Delivery>, id: oneshot::Sender<PeerId> },
    /// A client sent an event.
    Receive(PeerId, String),
    /// A client is gone.
    Leave(PeerId),
    /// End the session with a word to everyone.
    Close(Close),
    /// End it without a word.
    Cut,
}

/// What a client is sent.
#[derive(Clone, Debug)]
pub(crate) enum Delivery {
    /// An event, as JSON.
    Event(Arc<str>),
    /// The last: close in good order.
    Close(Close),
}

/// How a session ends in good order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Close {
    /// The code of the WebSocket's close frame.
    pub(crate) code: u16,
    /// Its reason.
    pub(crate) reason: &'static str,
}

impl Close {
    /// Somebody hung up.
    pub(crate) const HUNG_UP: Self = Self { code: 1000, reason: "The call has ended." };
    /// The longest life of a session is over.
    pub(crate) const EXPIRED: Self = Self { code: 1001, reason: "The session has reached its longest life." };
}

/// The way to a hub. The hub lives on when all of them are gone.
#[derive(Clone, Debug)]
pub(crate) struct Hub(mpsc::UnboundedSender<Command>);

impl Hub {
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<Command>) {
        let (commands, asked) = mpsc::unbounded_channel();
        (Self(commands), asked)
    }

    /// Takes part in the session; none if it is over.
    pub(crate) async fn join(&self, side: Side) -> Option<Peer> {
        let (inbox, events) = mpsc::channel(INBOX);
        let (id, told) = oneshot::channel();
        self.0.send(Command::Join { side, inbox, id }).ok()?;
        let id = told.await.ok()?;
        Some(Peer { id, hub: self.clone(), events })
    }

    /// Ends the session with a word to everyone in it.
    pub(crate) fn close(&self, close: Close) {
        self.ask(Command::Close(close));
    }

    /// Ends the session without a word: to its clients it looks as if the provider had gone.
    pub(crate) fn cut(&self) {
        self.ask(Command::Cut);
    }

    fn ask(&self, command: Command) {
        // A hub that is over has nothing left to do.
        let _ = self.0.send(command);
    }
}

/// A client's part in a session. Dropping it is leaving.
#[derive(Debug)]
pub(crate) struct Peer {
    id: PeerId,
    hub: Hub,
    events: mpsc::Receiver<Delivery>,
}

impl Peer {
    /// Passes on an event that the client sent.
    pub(crate) fn send(&self, text: String) {
        self.hub.ask(Command::Receive(self.id, text));
    }

    /// What to send to the client next. None: drop the connection without a word. Safe to cancel.
    pub(crate) async fn next(&mut self) -> Option<Delivery> {
        self.events.recv().await
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.hub.ask(Command::Leave(self.id));
    }
}
