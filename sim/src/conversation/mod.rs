//! What is said in a session: a state machine without a clock, a socket or a task of its own.
//!
//! A hub tells it what clients sent, what was heard and that time has passed, and carries out what it answers with.

use std::{collections::VecDeque, time::Instant};

use serde_json::{Value, json};

/// One client of a session: a data channel or a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PeerId(pub(crate) u64);

/// How a client takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The one the session is for, by data channel or WebSocket: greeted with `session.created`.
    Speaker,
    /// A server that listens in on a call: told nothing until something happens.
    Sideband,
}

/// How sound travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    /// As packets, beside the events.
    WebRtc,
    /// As base64 in the events themselves.
    InEvents,
}

/// What a conversation begins with.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// `sess_…`.
    pub(crate) id: String,
    /// The name of the account that pays.
    pub(crate) account: String,
    /// The session object, as `echo` makes it.
    pub(crate) object: Value,
}

/// One packet of the user's sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    /// How loud, in dBov: -127 (silence) to 0.
    pub(crate) level: i8,
    /// How long.
    pub(crate) millis: u32,
}

/// What the hub is to do.
#[derive(Debug, PartialEq)]
pub(crate) enum Output {
    /// Send this event.
    Say { to: To, event: Value },
    /// Let the user hear something: their own last words, or a tone.
    Play { millis: u32, echo: bool },
    /// Stop playing.
    Hush,
    /// The session is over, and whatever is to be said about it was said.
    End(End),
}

/// Who is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum To {
    All,
    One(PeerId),
}

/// Why a conversation ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The longest life of a session is over.
    Expired,
}

/// The conversation of one session.
#[derive(Debug)]
pub(crate) struct Conversation {
    session: Session,
    expires: Instant,
    outputs: VecDeque<Output>,
}

impl Conversation {
    /// A conversation that lasts for `life` at most.
    pub(crate) fn new(session: Session, _: Voice, life: std::time::Duration, now: Instant) -> Self {
        Self { session, expires: now + life, outputs: VecDeque::new() }
    }

    /// A client has come.
    pub(crate) fn join(&mut self, peer: PeerId, side: Side, _: Instant) {
        if side == Side::Speaker {
            let event = json!({ "type": "session.created", "session": self.session.object });
            self.outputs.push_back(Output::Say { to: To::One(peer), event });
        }
    }

    /// A client has left.
    #[expect(clippy::unused_self, reason = "there is nothing to forget yet")]
    pub(crate) fn leave(&mut self, _: PeerId) {}

    /// A client has sent an event.
    #[expect(clippy::unused_self, reason = "nothing is understood yet")]
    pub(crate) fn receive(&mut self, _: PeerId, _: &str, _: Instant) {}

    /// A packet of the user's sound has come.
    #[expect(clippy::unused_self, reason = "nothing is heard yet")]
    pub(crate) fn hear(&mut self, _: Heard, _: Instant) {}

    /// Time has passed.
    pub(crate) fn pass(&mut self, now: Instant) {
        if now >= self.expires {
            self.outputs.push_back(Output::End(End::Expired));
        }
    }

    /// When time will have passed that matters.
    pub(crate) fn next(&self) -> Option<Instant> {
        Some(self.expires)
    }

    /// What is to be done, until there is nothing left to do.
    pub(crate) fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }
}
