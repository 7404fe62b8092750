//! What a 200 of the provider says. It echoes the instructions, so only what is needed is taken out of it.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;

use crate::kernel::session::SessionType;

/// A token of the provider's, as it described it.
#[derive(Debug, Clone)]
pub struct Minted {
    /// The token, for the browser and nobody else.
    pub value: SecretString,
    /// When it expires.
    pub expires_at: DateTime<Utc>,
    /// The session's id. That translations have one is not documented.
    pub session_id: Option<String>,
    /// The model that the provider chose for the name that was asked for, where it says so: of transcriptions it doesn't.
    pub model: Option<String>,
    /// When the session expires, in seconds since 1970; 0 while it has not begun.
    pub session_expires_at: i64,
}

#[derive(Deserialize)]
struct Answer {
    value: String,
    expires_at: i64,
    session: SessionAnswer,
}

#[derive(Deserialize)]
struct SessionAnswer {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    expires_at: Option<i64>,
}

impl Minted {
    /// Reads the body of a 200; none where it is not what the provider promises for a session of this kind.
    pub(super) fn read(body: &[u8], kind: SessionType) -> Option<Self> {
        let answer: Answer = serde_json::from_slice(body).ok()?;
        let named = answer.session.id.is_some() || kind == SessionType::Translation;
        if answer.value.is_empty() || answer.expires_at <= 0 || !named {
            return None;
        }
        Some(Self {
            value: answer.value.into(),
            expires_at: DateTime::from_timestamp(answer.expires_at, 0)?,
            session_id: answer.session.id,
            model: answer.session.model,
            session_expires_at: answer.session.expires_at.unwrap_or(0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_translation_may_be_without_an_id() {
        let body =
            br#"{"value":"ek_x","expires_at":1790000000,"session":{"model":"gpt-realtime-translate"}}"#;
        let minted = Minted::read(body, SessionType::Translation).unwrap();
        assert_eq!((minted.session_id, minted.session_expires_at), (None, 0));
        assert!(Minted::read(body, SessionType::Realtime).is_none());
        assert!(Minted::read(body, SessionType::Transcription).is_none());
    }

    #[test]
    fn what_promises_no_token_is_none() {
        for body in [
            r#"{"value":"","expires_at":1790000000,"session":{"id":"s"}}"#,
            r#"{"value":"ek_x","expires_at":0,"session":{"id":"s"}}"#,
            r#"{"value":"ek_x","expires_at":99999999999999,"session":{"id":"s"}}"#,
            r#"{"value":"ek_x","expires_at":1790000000}"#,
            r#"{"error":{"message":"no"}}"#,
            "<html>",
        ] {
            assert!(Minted::read(body.as_bytes(), SessionType::Realtime).is_none(), "{body}");
        }
    }
}
