//! Reads how the session listens: turns, transcription, noise.

use crate::kernel::session::{Eagerness, Microphone, NoiseReduction, Transcription, TurnDetection};

use super::known::TRANSCRIPTION_MODELS;
use super::reader::Section;

/// Longer paddings and silences than ten seconds are slips of the pen.
const LONGEST_MS: i64 = 10_000;

/// The longest prompt of a transcription, in characters.
const MAX_PROMPT_CHARS: usize = 1000;

/// How turns end where a file says nothing.
pub(super) fn built_in_turns() -> TurnDetection {
    TurnDetection::ServerVad {
        threshold: Some(0.5),
        prefix_padding_ms: Some(300),
        silence_duration_ms: Some(1000),
        create_response: None,
        interrupt_response: None,
        idle_timeout_ms: None,
    }
}

/// `turn_detection` of a conversation: a table, or `"none"`.
pub(super) fn turn_detection(section: &mut Section<'_>) -> Option<Option<TurnDetection>> {
    turns(section, true)
}

/// `turn_detection` where nobody answers, and so nothing can be said about answers.
pub(super) fn turns_without_answers(section: &mut Section<'_>) -> Option<Option<TurnDetection>> {
    turns(section, false)
}

fn turns(section: &mut Section<'_>, answers: bool) -> Option<Option<TurnDetection>> {
    let Some(mut table) = section.section_or_none("turn_detection")? else {
        return Some(None);
    };
    let Some(semantic) = required_word(&mut table, &[("server_vad", false), ("semantic_vad", true)]) else {
        // Which keys are right depends on the type: one mistake is enough.
        return None;
    };
    let mut about_answers = |key| if answers { table.boolean(key) } else { None };
    let create_response = about_answers("create_response");
    let interrupt_response = about_answers("interrupt_response");
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
            idle_timeout_ms: if answers { table.integer("idle_timeout_ms", 5_000..=30_000) } else { None },
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
    let model = transcription_model(&mut table, allow_unknown);
    let (language, prompt) = (language(&mut table), prompt(&mut table));
    table.finish(|_| None);
    Some(Some(Transcription { model: model?, language, prompt }))
}

/// The `model` of a transcription, which has to be there.
pub(super) fn transcription_model(table: &mut Section<'_>, allow_unknown: bool) -> Option<String> {
    if !table.has("model") {
        table.report("model", "is missing", "add a transcription model, such as \"gpt-live-transcribe\"");
    }
    table.name("model", &TRANSCRIPTION_MODELS, allow_unknown)
}

/// A `language`.
pub(super) fn language(table: &mut Section<'_>) -> Option<String> {
    let language = table.text("language")?;
    expect_code(table, "language", &language);
    Some(language)
}

/// The `allowed_languages`.
pub(super) fn languages(table: &mut Section<'_>) -> Option<Vec<String>> {
    let languages = table.texts("allowed_languages")?;
    for language in &languages {
        expect_code(table, "allowed_languages", language);
    }
    Some(languages)
}

/// A language as ISO 639-1 writes it, which is all that the provider takes.
fn expect_code(table: &Section<'_>, key: &str, language: &str) {
    if language.len() != 2 || !language.bytes().all(|b| b.is_ascii_lowercase()) {
        let problem = format!("{language:?} is not a language's code");
        table.report(key, problem, "write two letters, such as \"es\"");
    }
}

/// The `prompt` of a transcription.
pub(super) fn prompt(table: &mut Section<'_>) -> Option<String> {
    let prompt = table.text("prompt")?;
    if prompt.chars().count() > MAX_PROMPT_CHARS {
        table.report("prompt", "is too long", format!("keep it to {MAX_PROMPT_CHARS} characters"));
    }
    Some(prompt)
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
