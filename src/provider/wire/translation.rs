//! Speech in another language. It has a route of its own, so it says no type.

use serde::Serialize;

use crate::kernel::session::{NoiseReduction, TranslationSession};

#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    audio: Audio<'a>,
}

#[derive(Serialize)]
struct Audio<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Input<'a>>,
    output: Output<'a>,
}

#[derive(Serialize)]
struct Input<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    transcription: Option<Transcription<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    noise_reduction: Option<NoiseReduction>,
}

#[derive(Serialize)]
struct Transcription<'a> {
    model: &'a str,
}

#[derive(Serialize)]
struct Output<'a> {
    language: &'a str,
}

impl<'a> From<&'a TranslationSession> for Body<'a> {
    fn from(session: &'a TranslationSession) -> Self {
        let transcription = session.transcription_model.as_deref().map(|model| Transcription { model });
        let noise_reduction = session.noise_reduction;
        let said = transcription.is_some() || noise_reduction.is_some();
        Self {
            model: &session.model,
            audio: Audio {
                input: said.then_some(Input { transcription, noise_reduction }),
                output: Output { language: &session.language },
            },
        }
    }
}
