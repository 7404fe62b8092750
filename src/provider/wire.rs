//! The body of a mint request, in the provider's shape.

use serde::Serialize;

use crate::kernel::session::{
    MaxOutputTokens, Modality, NoiseReduction, Session, SessionType, Tool, Transcription, TurnDetection,
};

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
struct SessionBody<'a> {
    #[serde(rename = "type")]
    kind: SessionType,
    model: &'a str,
    instructions: &'a str,
    output_modalities: [Modality; 1],
    max_output_tokens: MaxOutputTokens,
    #[serde(skip_serializing_if = "<[Tool]>::is_empty")]
    tools: &'a [Tool],
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
    noise_reduction: Option<&'a NoiseReduction>,
}

#[derive(Serialize)]
struct Output<'a> {
    voice: &'a str,
}

/// The body that asks for a token, for people to look at.
pub fn mint_body(session: &Session, ttl_seconds: u32) -> impl Serialize {
    Body::new(session, ttl_seconds)
}

impl<'a> Body<'a> {
    pub(super) fn new(session: &'a Session, seconds: u32) -> Self {
        let speaks = session.output_modality == Modality::Audio;
        Self {
            expires_after: ExpiresAfter { anchor: "created_at", seconds },
            session: SessionBody {
                kind: SessionType::Realtime,
                model: &session.model,
                instructions: &session.instructions,
                output_modalities: [session.output_modality],
                max_output_tokens: session.max_output_tokens,
                tools: &session.tools,
                audio: Audio {
                    input: Input {
                        turn_detection: session.turn_detection.as_ref(),
                        transcription: session.transcription.as_ref(),
                        noise_reduction: session.noise_reduction.as_ref(),
                    },
                    output: speaks.then_some(Output { voice: &session.voice }),
                },
            },
        }
    }
}
