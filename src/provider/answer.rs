//! What a 200 of the provider says. It echoes the instructions, so only what is needed is taken out of it.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;

/// A token of the provider's, as it described it.
#[derive(Debug, Clone)]
pub struct Minted {
    /// The token, for the browser and nobody else.
    pub value: SecretString,
    /// When it expires.
    pub expires_at: DateTime<Utc>,
    /// The session's id.
    pub session_id: String,
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
    id: String,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    expires_at: Option<i64>,
}

impl Minted {
    /// Reads the body of a 200; none where it is not what the provider promises.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let answer: Answer = serde_json::from_slice(body).ok()?;
        if answer.value.is_empty() || answer.expires_at <= 0 {
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
