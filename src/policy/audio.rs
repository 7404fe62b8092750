//! Reads how the session listens: turns, transcription, noise.

use crate::kernel::session::{Eagerness, Microphone, NoiseReduction, Transcription, TurnDetection};

use super::known::TRANSCRIPTION_MODELS;
use super::language::language_tag;
use super::reader::Section;

/// Longer paddings and silences than ten seconds are slips of the pen.
const LONGEST_MS: i64 = 10_000;

/// The longest prompt of a transcription, in characters.
const MAX_PROMPT_CHARS: usize = 1000;

/// `turn_detection`: a table, or `"none"`.
pub(super) fn turn_detection(section: &mut Section<'_>) -> Option<Option<TurnDetection>> {
    let Some(mut table) = section.section_or_none("turn_detection")? else {
        return Some(None);
    };
    let Some(semantic) = required_word(&mut table, &[("server_vad", false), ("semantic_vad", true)]) else {
        // Which keys are right depends on the type: one mistake is enough.
        return None;
    };
    let create_response = table.boolean("create_response");
    let interrupt_response = table.boolean("interrupt_response");
    let turns = if semantic {
        TurnDetection::SemanticVad {
            eagerness: table.word("eagerness", EAGERNESS),
            create_response,
            interrupt_response,
        }
    } else {
        TurnDetection::ServerVad {
            threshold: table.number("threshold", 0.0..=1.0),
            prefix_padding_ms: table.integer("prefix_padding_ms", 0..=LONGEST_MS),
            silence_duration_ms: table.integer("silence_duration_ms", 0..=LONGEST_MS),
            create_response,
            interrupt_response,
            idle_timeout_ms: table.integer("idle_timeout_ms", 5_000..=30_000),
        }
    };
    table.finish(|_| None);
    Some(Some(turns))
}

const EAGERNESS: &[(&str, Eagerness)] = &[
    ("low", Eagerness::Low),
    ("medium", Eagerness::Medium),
    ("high", Eagerness::High),
    ("auto", Eagerness::Auto),
];

/// `transcription`: a table, or `"none"`.
pub(super) fn transcription(section: &mut Section<'_>, allow_unknown: bool) -> Option<Option<Transcription>> {
    let Some(mut table) = section.section_or_none("transcription")? else {
        return Some(None);
    };
    if !table.has("model") {
        table.report("model", "is missing", "add a transcription model, such as \"gpt-live-transcribe\"");
    }
    let model = table.text("model");
    if let Some((problem, mend)) =
        model.as_deref().and_then(|m| TRANSCRIPTION_MODELS.complaint(m, allow_unknown))
    {
        table.report("model", problem, mend);
    }
    let language = table.text("language");
    if let Some(language) = &language
        && (language_tag(language).is_none() || language.len() > 3)
    {
        table.report(
            "language",
            format!("{language:?} is not a language's code"),
            "write two letters, such as \"es\"",
        );
    }
    let prompt = table.text("prompt");
    if prompt.as_ref().is_some_and(|prompt| prompt.chars().count() > MAX_PROMPT_CHARS) {
        let mend = format!("keep it to {MAX_PROMPT_CHARS} characters");
        table.report("prompt", "is too long", mend);
    }
    table.finish(|_| None);
    Some(Some(Transcription { model: model?, language, prompt }))
}

/// `noise_reduction`: a table, or `"none"`.
pub(super) fn noise_reduction(section: &mut Section<'_>) -> Option<Option<NoiseReduction>> {
    let Some(mut table) = section.section_or_none("noise_reduction")? else {
        return Some(None);
    };
    let kind = required_word(
        &mut table,
        &[("near_field", Microphone::NearField), ("far_field", Microphone::FarField)],
    );
    table.finish(|_| None);
    Some(Some(NoiseReduction { kind: kind? }))
}

/// The `type` of a table, which has to be there.
fn required_word<T: Copy>(table: &mut Section<'_>, words: &[(&str, T)]) -> Option<T> {
    if !table.has("type") {
        let choices: Vec<_> = words.iter().map(|(word, _)| format!("type = \"{word}\"")).collect();
        table.report("type", "is missing", format!("add {}", choices.join(" or ")));
    }
    table.word("type", words)
}
