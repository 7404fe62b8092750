//! The answer: the token, and what the caller may know of its session. Instructions and tools stay here.

use secrecy::ExposeSecret;
use serde::Serialize;

use super::super::rate_limit::RateLimit;
use crate::kernel::session::Modality;
use crate::mint::{Issued, Opens};

#[derive(Serialize)]
pub(super) struct Answer<'a> {
    value: &'a str,
    expires_at: i64,
    mode: &'static str,
    session: Session<'a>,
    role: &'a str,
    language: &'a str,
    connect_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_call_seconds: Option<u16>,
    rate_limit: RateLimit,
}

#[derive(Serialize)]
struct Session<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(flatten)]
    kind: Kind<'a>,
    model: &'a str,
    expires_at: i64,
}

/// What is only in sessions of one kind.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Kind<'a> {
    Realtime {
        output_modalities: [Modality; 1],
        #[serde(skip_serializing_if = "Option::is_none")]
        audio: Option<Audio<Voice<'a>>>,
    },
    Transcription {
        #[serde(skip_serializing_if = "Option::is_none")]
        audio: Option<AudioInput<'a>>,
    },
    Translation {
        audio: Audio<Language<'a>>,
    },
}

#[derive(Serialize)]
struct Audio<T> {
    output: T,
}

#[derive(Serialize)]
struct Voice<'a> {
    voice: &'a str,
}

#[derive(Serialize)]
struct Language<'a> {
    language: &'a str,
}

#[derive(Serialize)]
struct AudioInput<'a> {
    input: Transcribed<'a>,
}

#[derive(Serialize)]
struct Transcribed<'a> {
    transcription: Language<'a>,
}

impl<'a> From<&'a Opens> for Kind<'a> {
    fn from(opens: &'a Opens) -> Self {
        match opens {
            Opens::TextConversation => Self::Realtime { output_modalities: [Modality::Text], audio: None },
            Opens::Conversation { voice } => Self::Realtime {
                output_modalities: [Modality::Audio],
                audio: Some(Audio { output: Voice { voice } }),
            },
            Opens::Transcription { language } => Self::Transcription {
                audio: language.as_deref().map(|language| AudioInput {
                    input: Transcribed { transcription: Language { language } },
                }),
            },
            Opens::Translation { language } => {
                Self::Translation { audio: Audio { output: Language { language } } }
            }
        }
    }
}

impl<'a> From<&'a Issued> for Answer<'a> {
    fn from(issued: &'a Issued) -> Self {
        Self {
            value: issued.value.expose_secret(),
            expires_at: issued.expires_at.timestamp(),
            mode: "realtime",
            session: Session {
                id: issued.session_id.as_deref(),
                kind: Kind::from(&*issued.opens),
                model: &issued.model,
                expires_at: issued.session_expires_at,
            },
            role: &issued.role,
            language: &issued.language,
            connect_url: &issued.connect_url,
            max_call_seconds: issued.max_call_seconds,
            rate_limit: RateLimit::from(&issued.decision),
        }
    }
}
