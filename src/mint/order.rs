//! What is asked for, and what is given.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::auth::Identity;
use crate::kernel::ids::RequestId;
use crate::kernel::session::{Modality, Session};
use crate::limit::Decision;
use crate::policy::{Asked, Languages};

/// A request for a token.
#[derive(Clone)]
pub struct Order {
    /// Who asks.
    pub identity: Arc<Identity>,
    /// Names the request in the ledger.
    pub request_id: RequestId,
    /// The role asked for.
    pub role: AskedRole,
    /// The languages that the user reads.
    pub languages: Languages,
    /// What is to be otherwise than the policy says by itself.
    pub asked: Asked,
}

/// The role that a request asks for.
#[derive(Debug, Clone, Default)]
pub enum AskedRole {
    /// Whichever is the user's own.
    #[default]
    Own,
    /// This one, or a refusal.
    Only(String),
    /// This one where the user may have it, else their own.
    Rather(String),
}

/// A token that was made.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The token, for the browser and nobody else.
    pub value: SecretString,
    /// When it expires, by the provider.
    pub expires_at: DateTime<Utc>,
    /// The provider's id of the session; a translation may be without one.
    pub session_id: Option<String>,
    /// What it opens.
    pub opens: Arc<Opens>,
    /// The model that the provider chose.
    pub model: Arc<str>,
    /// When the session expires, in seconds since 1970; 0 while it has not begun.
    pub session_expires_at: i64,
    /// The user's role.
    pub role: Arc<str>,
    /// The language that was chosen for the user, which is that of the instructions where there are any.
    pub language: Arc<str>,
    /// Where the browser goes with it.
    pub connect_url: String,
    /// When the page is to end the call, in seconds from its start.
    pub max_call_seconds: Option<u16>,
    /// What is left.
    pub decision: Decision,
}

/// What a page may know of the session that its token opens. Instructions and tools are no part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opens {
    /// A conversation in text.
    TextConversation,
    /// A conversation aloud.
    Conversation {
        /// The model's voice.
        voice: String,
    },
    /// Speech to text.
    Transcription {
        /// The language spoken, where that was said.
        language: Option<String>,
    },
    /// Speech in another language.
    Translation {
        /// The language that is heard.
        language: String,
    },
}

impl From<Session> for Opens {
    fn from(session: Session) -> Self {
        match session {
            Session::Realtime(session) => match session.output_modality {
                Modality::Audio => Self::Conversation { voice: session.voice },
                Modality::Text => Self::TextConversation,
            },
            Session::Transcription(session) => {
                Self::Transcription { language: session.transcription.language }
            }
            Session::Translation(session) => Self::Translation { language: session.language },
        }
    }
}
