//! The body of a mint request, in the provider's shape. One file for each kind of session.

mod realtime;
mod tools;
mod transcription;
mod translation;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::kernel::session::Session;

#[derive(Serialize)]
pub(super) struct Body<'a> {
    expires_after: ExpiresAfter,
    session: SessionBody<'a>,
}

#[derive(Serialize)]
struct ExpiresAfter {
    anchor: &'static str,
    seconds: u32,
}

#[derive(Serialize)]
#[serde(untagged)]
enum SessionBody<'a> {
    Realtime(realtime::Body<'a>),
    Transcription(transcription::Body<'a>),
    Translation(translation::Body<'a>),
}

/// Who is to read a body.
#[derive(Debug, Clone, Copy)]
enum Audience {
    /// Needs the credentials in it.
    Provider,
    /// Must not see them.
    Person,
}

impl Audience {
    fn shown(self, secret: &SecretString) -> &str {
        match self {
            Self::Provider => secret.expose_secret(),
            Self::Person => "[redacted]",
        }
    }
}

/// The body that asks for a token, for people to look at: credentials are blacked out.
pub fn mint_body(session: &Session, ttl_seconds: u32) -> impl Serialize {
    Body::new(session, ttl_seconds, Audience::Person)
}

/// The least that a key is tried with: ten seconds, which is the shortest life there is, and no instructions.
pub(super) fn trial(model: &str) -> serde_json::Value {
    serde_json::json!({
        "expires_after": { "anchor": "created_at", "seconds": 10 },
        "session": { "type": "realtime", "model": model },
    })
}

impl<'a> Body<'a> {
    /// The body as it is sent.
    pub(super) fn to_provider(session: &'a Session, seconds: u32) -> Self {
        Self::new(session, seconds, Audience::Provider)
    }

    fn new(session: &'a Session, seconds: u32, audience: Audience) -> Self {
        let session = match session {
            Session::Realtime(session) => SessionBody::Realtime(realtime::Body::new(session, audience)),
            Session::Transcription(session) => SessionBody::Transcription(session.into()),
            Session::Translation(session) => SessionBody::Translation(session.into()),
        };
        Self { expires_after: ExpiresAfter { anchor: "created_at", seconds }, session }
    }
}
