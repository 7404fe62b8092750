//! Transcriptions: what a role's are like, and what a request may have otherwise.

use crate::kernel::session::{Transcription, TranscriptionSession};

use super::audio;
use super::known::TRANSCRIPTION_MODELS;
use super::narrow::choice;
use super::reader::Section;
use super::realtime::first_and;
use super::request::{AskedTranscription, NotAllowed};

/// The transcriptions of a role.
#[derive(Clone)]
pub(super) struct Transcribing {
    session: TranscriptionSession,
    allowed_models: Vec<String>,
    allowed_languages: Vec<String>,
}

impl Transcribing {
    /// What holds where a file says nothing.
    pub(super) fn built_in() -> Self {
        let transcription =
            Transcription { model: "gpt-live-transcribe".to_owned(), language: None, prompt: None };
        Self {
            session: TranscriptionSession {
                transcription,
                turn_detection: Some(audio::built_in_turns()),
                noise_reduction: None,
            },
            allowed_models: Vec::new(),
            allowed_languages: Vec::new(),
        }
    }

    /// Reads `transcription_session`, over what holds without it.
    pub(super) fn read(section: &mut Section<'_>, base: &Self, allow_unknown: bool) -> Self {
        let Some(mut table) = section.section("transcription_session") else {
            return base.clone();
        };
        let old = &base.session;
        let heard = &old.transcription;
        let read = Self {
            session: TranscriptionSession {
                transcription: Transcription {
                    model: table
                        .name("model", &TRANSCRIPTION_MODELS, allow_unknown)
                        .unwrap_or_else(|| heard.model.clone()),
                    language: audio::language(&mut table).or_else(|| heard.language.clone()),
                    prompt: audio::prompt(&mut table).or_else(|| heard.prompt.clone()),
                },
                turn_detection: audio::turns_without_answers(&mut table)
                    .unwrap_or_else(|| old.turn_detection.clone()),
                noise_reduction: audio::noise_reduction(&mut table).unwrap_or(old.noise_reduction),
            },
            allowed_models: table
                .names("allowed_models", &TRANSCRIPTION_MODELS, allow_unknown)
                .unwrap_or_else(|| base.allowed_models.clone()),
            allowed_languages: audio::languages(&mut table).unwrap_or_else(|| base.allowed_languages.clone()),
        };
        table.finish(|_| None);
        read
    }

    /// The models it may be had with, its own first.
    pub(super) fn models(&self) -> impl Iterator<Item = &str> {
        first_and(&self.session.transcription.model, &self.allowed_models)
    }

    /// The session for a request.
    pub(super) fn narrowed(&self, asked: &AskedTranscription) -> Result<TranscriptionSession, NotAllowed> {
        let mut session = self.session.clone();
        let transcription = &mut session.transcription;
        if let Some(model) = &asked.model {
            let allowed = first_and(&self.session.transcription.model, &self.allowed_models);
            transcription.model = choice("session.model", "model", model, allowed)?;
        }
        if let Some(language) = &asked.language {
            let own = self.session.transcription.language.iter();
            let allowed = own.chain(&self.allowed_languages).map(String::as_str);
            let param = "session.audio.input.transcription.language";
            transcription.language = Some(choice(param, "language", language, allowed)?);
        }
        Ok(session)
    }
}
