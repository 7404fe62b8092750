//! What a request asks for, what it gets, and the refusal.

use crate::kernel::session::{Function, Modality, Session, SessionType};

/// What a request asks for, where it asks for anything.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Asked {
    /// `session`.
    pub session: AskedSession,
    /// `expires_after.seconds`.
    pub ttl_seconds: Option<u32>,
}

/// The session asked for, by `session.type`. Each kind has only what makes sense for it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum AskedSession {
    /// A conversation.
    Realtime(AskedRealtime),
    /// Speech to text.
    Transcription(AskedTranscription),
    /// Speech in another language.
    Translation(AskedTranslation),
}

/// What a request asks for in a conversation.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct AskedRealtime {
    /// `session.model`.
    pub model: Option<String>,
    /// `session.output_modalities`, of which there is one.
    pub output_modality: Option<Modality>,
    /// `session.audio.output.voice`.
    pub voice: Option<String>,
    /// `session.instructions`.
    pub instructions: Option<String>,
    /// `session.tools`. Functions only: whom the provider calls with whose credentials is the policy's to say.
    pub tools: Option<Vec<Function>>,
}

/// What a request asks for in a transcription.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AskedTranscription {
    /// `session.model`.
    pub model: Option<String>,
    /// `session.audio.input.transcription.language`.
    pub language: Option<String>,
}

/// What a request asks for in a translation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AskedTranslation {
    /// `session.model`.
    pub model: Option<String>,
    /// `session.audio.output.language`.
    pub language: Option<String>,
}

impl AskedSession {
    /// The kind of session asked for.
    pub const fn kind(&self) -> SessionType {
        match self {
            Self::Realtime(_) => SessionType::Realtime,
            Self::Transcription(_) => SessionType::Transcription,
            Self::Translation(_) => SessionType::Translation,
        }
    }
}

impl Default for AskedSession {
    /// A conversation, as the role has it.
    fn default() -> Self {
        Self::Realtime(AskedRealtime::default())
    }
}

/// What somebody is given.
#[derive(Debug)]
pub struct Grant {
    /// The session to ask the provider for.
    pub session: Session,
    /// How long the token lives.
    pub ttl_seconds: u32,
    /// When the page is to end its call, in seconds from its start. It is told so and trusted; nothing here enforces it.
    pub max_call_seconds: Option<u16>,
}

/// Something asked for that the role does not allow. The sentence is fit for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NotAllowed {
    /// Where it stands in the request.
    pub param: &'static str,
    pub(super) reason: String,
}
