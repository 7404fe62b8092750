//! A conversation.

use serde::Serialize;

use super::Audience;
use super::tools::ToolBody;
use crate::kernel::session::{
    MaxOutputTokens, Modality, NoiseReduction, RealtimeSession, SessionType, Transcription, TurnDetection,
};

#[derive(Serialize)]
pub(super) struct Body<'a> {
    #[serde(rename = "type")]
    kind: SessionType,
    model: &'a str,
    instructions: &'a str,
    output_modalities: [Modality; 1],
    max_output_tokens: MaxOutputTokens,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<ToolBody<'a>>,
    audio: Audio<'a>,
}

#[derive(Serialize)]
struct Audio<'a> {
    input: Input<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Output<'a>>,
}

#[derive(Serialize)]
struct Input<'a> {
    /// Null is said aloud: left out, the provider would detect turns its own way.
    turn_detection: Option<&'a TurnDetection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transcription: Option<&'a Transcription>,
    #[serde(skip_serializing_if = "Option::is_none")]
    noise_reduction: Option<NoiseReduction>,
}

#[derive(Serialize)]
struct Output<'a> {
    voice: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    speed: Option<f64>,
}

impl<'a> Body<'a> {
    pub(super) fn new(session: &'a RealtimeSession, audience: Audience) -> Self {
        let speaks = session.output_modality == Modality::Audio;
        Self {
            kind: SessionType::Realtime,
            model: &session.model,
            instructions: &session.instructions,
            output_modalities: [session.output_modality],
            max_output_tokens: session.max_output_tokens,
            tools: session.tools.iter().map(|tool| ToolBody::new(tool, audience)).collect(),
            audio: Audio {
                input: Input {
                    turn_detection: session.turn_detection.as_ref(),
                    transcription: session.transcription.as_ref(),
                    noise_reduction: session.noise_reduction,
                },
                output: speaks.then_some(Output { voice: &session.voice, speed: session.speed }),
            },
        }
    }
}
