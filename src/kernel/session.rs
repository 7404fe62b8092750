//! The provider's session object (GA shape), as far as a policy can say it.
//!
//! The types read policy files and write upstream requests, so a value that loads is a value that the provider
//! understands. Absent members are left out of the request: the provider's own default holds then.

use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Modality {
    /// Speech, with its transcript.
    Audio,
    /// Text only.
    Text,
}

/// How the provider decides that the user's turn is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum TurnDetection {
    /// By silence.
    ServerVad {
        /// How loud speech has to be, 0.0 to 1.0.
        #[serde(skip_serializing_if = "Option::is_none")]
        threshold: Option<f64>,
        /// Sound kept from before the speech began, in milliseconds.
        #[serde(skip_serializing_if = "Option::is_none")]
        prefix_padding_ms: Option<u32>,
        /// Silence that ends the turn, in milliseconds.
        #[serde(skip_serializing_if = "Option::is_none")]
        silence_duration_ms: Option<u32>,
        /// Whether the model answers by itself when a turn ends.
        #[serde(skip_serializing_if = "Option::is_none")]
        create_response: Option<bool>,
        /// Whether speech interrupts the model.
        #[serde(skip_serializing_if = "Option::is_none")]
        interrupt_response: Option<bool>,
        /// The model speaks up after so much silence, 5,000 to 30,000 milliseconds.
        #[serde(skip_serializing_if = "Option::is_none")]
        idle_timeout_ms: Option<u32>,
    },
    /// By what was said.
    SemanticVad {
        /// How soon the model takes the turn.
        #[serde(skip_serializing_if = "Option::is_none")]
        eagerness: Option<Eagerness>,
        /// Whether the model answers by itself when a turn ends.
        #[serde(skip_serializing_if = "Option::is_none")]
        create_response: Option<bool>,
        /// Whether speech interrupts the model.
        #[serde(skip_serializing_if = "Option::is_none")]
        interrupt_response: Option<bool>,
    },
}

/// How soon semantic turn detection takes the turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the provider's own four words")]
pub enum Eagerness {
    Low,
    Medium,
    High,
    Auto,
}

/// The written record of what the user says. The provider bills it apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transcription {
    /// A transcription model.
    pub model: String,
    /// The language spoken (ISO 639-1), where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Words and spellings to expect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
}

/// Noise filtering before anything else hears the sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoiseReduction {
    /// Where the microphone is.
    #[serde(rename = "type")]
    pub kind: Microphone,
}

/// Where the microphone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Microphone {
    /// Close by, as in a headset.
    NearField,
    /// Further off, as in a laptop or a conference room.
    FarField,
}

/// A function that the model may call, in the browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Tool {
    /// A function with a JSON Schema for its arguments.
    Function {
        /// The name that the model calls it by.
        name: String,
        /// What it does, for the model.
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// JSON Schema of the arguments.
        #[serde(skip_serializing_if = "Option::is_none")]
        parameters: Option<serde_json::Map<String, serde_json::Value>>,
    },
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

/// A realtime session, ready to be sent upstream.
#[derive(Clone, PartialEq)]
pub struct Session {
    /// The model's public name.
    pub model: String,
    /// What the model is told. Never logged, never sent to a browser.
    pub instructions: String,
    /// What it answers with.
    pub output_modality: Modality,
    /// Its voice; meaningless where it answers in text.
    pub voice: String,
    /// How turns end; `None` leaves that to the browser.
    pub turn_detection: Option<TurnDetection>,
    /// Transcription of the user's speech; `None` for none.
    pub transcription: Option<Transcription>,
    /// Noise filtering; `None` for none.
    pub noise_reduction: Option<NoiseReduction>,
    /// The longest answer.
    pub max_output_tokens: MaxOutputTokens,
    /// Functions that the model may call.
    pub tools: Vec<Tool>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Instructions and tools are nobody's business outside the request.
        f.debug_struct("Session")
            .field("model", &self.model)
            .field("voice", &self.voice)
            .finish_non_exhaustive()
    }
}
