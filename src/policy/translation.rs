//! Translations: what a role's are like, and what a request may have otherwise.

use crate::kernel::session::TranslationSession;

use super::audio;
use super::known::TRANSLATION_MODELS;
use super::narrow::choice;
use super::reader::Section;
use super::realtime::first_and;
use super::request::{AskedTranslation, NotAllowed};

/// The translations of a role.
#[derive(Clone)]
pub(super) struct Translating {
    session: TranslationSession,
    allowed_models: Vec<String>,
    allowed_languages: Vec<String>,
}

impl Translating {
    /// What holds where a file says nothing.
    pub(super) fn built_in() -> Self {
        Self {
            session: TranslationSession {
                model: "gpt-realtime-translate".to_owned(),
                language: "en".to_owned(),
                transcription_model: None,
                noise_reduction: None,
            },
            allowed_models: Vec::new(),
            allowed_languages: Vec::new(),
        }
    }

    /// Reads `translation_session`, over what holds without it.
    pub(super) fn read(section: &mut Section<'_>, base: &Self, allow_unknown: bool) -> Self {
        let Some(mut table) = section.section("translation_session") else {
            return base.clone();
        };
        let old = &base.session;
        let read = Self {
            session: TranslationSession {
                model: table
                    .name("model", &TRANSLATION_MODELS, allow_unknown)
                    .unwrap_or_else(|| old.model.clone()),
                language: audio::language(&mut table).unwrap_or_else(|| old.language.clone()),
                transcription_model: transcription_model(&mut table, allow_unknown)
                    .unwrap_or_else(|| old.transcription_model.clone()),
                noise_reduction: audio::noise_reduction(&mut table).unwrap_or(old.noise_reduction),
            },
            allowed_models: table
                .names("allowed_models", &TRANSLATION_MODELS, allow_unknown)
                .unwrap_or_else(|| base.allowed_models.clone()),
            allowed_languages: audio::languages(&mut table).unwrap_or_else(|| base.allowed_languages.clone()),
        };
        table.finish(|_| None);
        read
    }

    /// The models it may be had with, its own first.
    pub(super) fn models(&self) -> impl Iterator<Item = &str> {
        first_and(&self.session.model, &self.allowed_models)
    }

    /// The session for a request.
    pub(super) fn narrowed(&self, asked: &AskedTranslation) -> Result<TranslationSession, NotAllowed> {
        let mut session = self.session.clone();
        if let Some(model) = &asked.model {
            let allowed = first_and(&self.session.model, &self.allowed_models);
            session.model = choice("session.model", "model", model, allowed)?;
        }
        if let Some(language) = &asked.language {
            let allowed = first_and(&self.session.language, &self.allowed_languages);
            session.language = choice("session.audio.output.language", "language", language, allowed)?;
        }
        Ok(session)
    }
}

/// `transcription`: a table with a model and nothing else, or `"none"`. The provider takes no language here.
fn transcription_model(section: &mut Section<'_>, allow_unknown: bool) -> Option<Option<String>> {
    let Some(mut table) = section.section_or_none("transcription")? else {
        return Some(None);
    };
    let model = audio::transcription_model(&mut table, allow_unknown);
    table.finish(|_| None);
    model.map(Some)
}
