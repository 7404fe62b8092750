//! What goes in and out of a conversation.

use serde_json::Value;

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
