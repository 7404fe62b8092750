//! Speech to text. The model stands with the transcription, not at the root.

use serde::Serialize;

use crate::kernel::session::{
    NoiseReduction, SessionType, Transcription, TranscriptionSession, TurnDetection,
};

#[derive(Serialize)]
pub(super) struct Body<'a> {
    #[serde(rename = "type")]
    kind: SessionType,
    audio: Audio<'a>,
}

#[derive(Serialize)]
struct Audio<'a> {
    input: Input<'a>,
}

#[derive(Serialize)]
struct Input<'a> {
    transcription: &'a Transcription,
    /// Null is said aloud: left out, the provider would detect turns its own way.
    turn_detection: Option<&'a TurnDetection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    noise_reduction: Option<NoiseReduction>,
}

impl<'a> From<&'a TranscriptionSession> for Body<'a> {
    fn from(session: &'a TranscriptionSession) -> Self {
        Self {
            kind: SessionType::Transcription,
            audio: Audio {
                input: Input {
                    transcription: &session.transcription,
                    turn_detection: session.turn_detection.as_ref(),
                    noise_reduction: session.noise_reduction,
                },
            },
        }
    }
}
