//! The provider's session object (GA shape), as far as a policy can say it.
//!
//! The types read policy files and write upstream requests, so a value that loads is a value that the provider
//! understands. Absent members are left out of the request: the provider's own default holds then.

mod audio;
mod personal;
mod tool;

use serde::{Deserialize, Serialize};

pub use audio::{Eagerness, Microphone, NoiseReduction, Transcription, TurnDetection};
pub use personal::{OpenServer, PersonalSettings, PersonalTool};
pub use tool::{Approval, Function, Mcp, McpServer, Tool};

/// What kind of session a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionType {
    /// A conversation with the model.
    Realtime,
    /// Speech to text, without answers.
    Transcription,
    /// Speech in one language to speech in another.
    Translation,
}

impl SessionType {
    /// The name used on the wire, in policies and in the ledger.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Realtime => "realtime",
            Self::Transcription => "transcription",
            Self::Translation => "translation",
        }
    }
}

/// What the model answers with. The provider takes exactly one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Modality {
    /// Speech, with its transcript.
    Audio,
    /// Text only.
    Text,
}

/// The longest answer of the model, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum MaxOutputTokens {
    /// At most this many, 1 to 4,096.
    Limit(u16),
    /// No limit.
    #[serde(serialize_with = "as_inf")]
    Unlimited,
}

fn as_inf<S: serde::Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("inf")
}

/// A session, ready to be sent upstream.
#[derive(Clone)]
pub enum Session {
    /// A conversation with the model.
    Realtime(RealtimeSession),
    /// Speech to text, without answers.
    Transcription(TranscriptionSession),
    /// Speech in one language to speech in another.
    Translation(TranslationSession),
}

/// A conversation with the model.
#[derive(Clone)]
pub struct RealtimeSession {
    /// The model's public name.
    pub model: String,
    /// What the model is told. Never logged, never sent to a browser.
    pub instructions: String,
    /// What it answers with.
    pub output_modality: Modality,
    /// Its voice; meaningless where it answers in text.
    pub voice: String,
    /// How fast it speaks, 0.25 to 1.5; `None` leaves that to the provider. Meaningless where it answers in text.
    pub speed: Option<f64>,
    /// How turns end; `None` leaves that to the browser.
    pub turn_detection: Option<TurnDetection>,
    /// Transcription of the user's speech; `None` for none.
    pub transcription: Option<Transcription>,
    /// Noise filtering; `None` for none.
    pub noise_reduction: Option<NoiseReduction>,
    /// The longest answer.
    pub max_output_tokens: MaxOutputTokens,
    /// What the model may call.
    pub tools: Vec<Tool>,
}

/// Speech to text. Nobody answers, so there are no instructions, no voice and no tools.
#[derive(Debug, Clone, PartialEq)]
pub struct TranscriptionSession {
    /// The model, the language spoken and the words to expect.
    pub transcription: Transcription,
    /// How turns end; `None` leaves that to the browser.
    pub turn_detection: Option<TurnDetection>,
    /// Noise filtering; `None` for none.
    pub noise_reduction: Option<NoiseReduction>,
}

/// Speech in one language to speech in another. The provider takes no instructions here, and chooses the voice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranslationSession {
    /// The model's public name.
    pub model: String,
    /// The language that is heard.
    pub language: String,
    /// The model that writes down what the user says; `None` for none. The provider bills it apart.
    pub transcription_model: Option<String>,
    /// Noise filtering; `None` for none.
    pub noise_reduction: Option<NoiseReduction>,
}

impl Session {
    /// What kind of session it is.
    pub const fn kind(&self) -> SessionType {
        match self {
            Self::Realtime(_) => SessionType::Realtime,
            Self::Transcription(_) => SessionType::Transcription,
            Self::Translation(_) => SessionType::Translation,
        }
    }

    /// The model that does the work, by its public name.
    pub fn model(&self) -> &str {
        match self {
            Self::Realtime(session) => &session.model,
            Self::Transcription(session) => &session.transcription.model,
            Self::Translation(session) => &session.model,
        }
    }
}

// Written by hand: instructions and tools are nobody's business outside the request.
impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("kind", &self.kind())
            .field("model", &self.model())
            .finish_non_exhaustive()
    }
}
