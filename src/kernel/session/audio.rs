//! How a session listens.

use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
