//! The answer: the token, and what the caller may know of its session. Instructions and tools stay here.

use secrecy::ExposeSecret;
use serde::Serialize;

use super::super::rate_limit::RateLimit;
use crate::kernel::session::{Modality, SessionType};
use crate::mint::Issued;

#[derive(Serialize)]
pub(super) struct Answer<'a> {
    value: &'a str,
    expires_at: i64,
    mode: &'static str,
    session: Session<'a>,
    role: &'a str,
    language: &'a str,
    connect_url: &'a str,
    rate_limit: RateLimit,
}

#[derive(Serialize)]
struct Session<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: SessionType,
    model: &'a str,
    expires_at: i64,
    output_modalities: [Modality; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    audio: Option<Audio<'a>>,
}

#[derive(Serialize)]
struct Audio<'a> {
    output: AudioOutput<'a>,
}

#[derive(Serialize)]
struct AudioOutput<'a> {
    voice: &'a str,
}

impl<'a> From<&'a Issued> for Answer<'a> {
    fn from(issued: &'a Issued) -> Self {
        let speaks = issued.output_modality == Modality::Audio;
        Self {
            value: issued.value.expose_secret(),
            expires_at: issued.expires_at.timestamp(),
            mode: "realtime",
            session: Session {
                id: &issued.session_id,
                kind: issued.session_type,
                model: &issued.model,
                expires_at: issued.session_expires_at,
                output_modalities: [issued.output_modality],
                audio: speaks.then_some(Audio { output: AudioOutput { voice: &issued.voice } }),
            },
            role: &issued.role,
            language: &issued.language,
            connect_url: &issued.connect_url,
            rate_limit: RateLimit::from(&issued.decision),
        }
    }
}
