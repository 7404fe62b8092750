//! What a role may have, as the built-in defaults, `[defaults]` and the role itself say it, each over the one before.

use toml::Value;

use crate::kernel::session::{MaxOutputTokens, Modality, Session, TurnDetection};

use super::known::{Known, MODELS, VOICES};
use super::reader::{Section, kind};
use super::{audio, tools};

/// The most tokens of a user in an hour.
const MAX_HOURLY_TOKENS: i64 = 1000;

/// The rights of a role.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) hourly_tokens: u16,
    pub(super) ttl_seconds: u32,
    /// The session as it is when nothing is asked for; its instructions are empty.
    pub(super) session: Session,
    pub(super) allowed_models: Vec<String>,
    pub(super) allowed_voices: Vec<String>,
    pub(super) allow_instructions: bool,
    pub(super) allow_tools: bool,
}

impl Settings {
    /// What holds where a file says nothing.
    pub(super) fn built_in() -> Self {
        Self {
            hourly_tokens: 10,
            ttl_seconds: 60,
            session: Session {
                model: "gpt-realtime-2.1-mini".to_owned(),
                instructions: String::new(),
                output_modality: Modality::Audio,
                voice: "marin".to_owned(),
                turn_detection: Some(TurnDetection::ServerVad {
                    threshold: Some(0.5),
                    prefix_padding_ms: Some(300),
                    silence_duration_ms: Some(1000),
                    create_response: None,
                    interrupt_response: None,
                    idle_timeout_ms: None,
                }),
                transcription: None,
                noise_reduction: None,
                max_output_tokens: MaxOutputTokens::Limit(1000),
                tools: Vec::new(),
            },
            allowed_models: Vec::new(),
            allowed_voices: Vec::new(),
            allow_instructions: false,
            allow_tools: false,
        }
    }

    /// Reads the keys that a section has, over what holds without them.
    pub(super) fn read(section: &mut Section<'_>, base: &Self, allow_unknown: bool) -> Self {
        session_types(section);
        let old = &base.session;
        Self {
            hourly_tokens: section
                .integer("hourly_tokens", 0..=MAX_HOURLY_TOKENS)
                .unwrap_or(base.hourly_tokens),
            ttl_seconds: section.integer("token_ttl_seconds", 10..=7200).unwrap_or(base.ttl_seconds),
            session: Session {
                model: name(section, "model", &MODELS, allow_unknown).unwrap_or_else(|| old.model.clone()),
                instructions: String::new(),
                output_modality: modality(section).unwrap_or(old.output_modality),
                voice: name(section, "voice", &VOICES, allow_unknown).unwrap_or_else(|| old.voice.clone()),
                turn_detection: audio::turn_detection(section).unwrap_or_else(|| old.turn_detection.clone()),
                transcription: audio::transcription(section, allow_unknown)
                    .unwrap_or_else(|| old.transcription.clone()),
                noise_reduction: audio::noise_reduction(section)
                    .unwrap_or_else(|| old.noise_reduction.clone()),
                max_output_tokens: max_output_tokens(section).unwrap_or(old.max_output_tokens),
                tools: tools::tools(section).unwrap_or_else(|| old.tools.clone()),
            },
            allowed_models: names(section, "allowed_models", &MODELS, allow_unknown)
                .unwrap_or_else(|| base.allowed_models.clone()),
            allowed_voices: names(section, "allowed_voices", &VOICES, allow_unknown)
                .unwrap_or_else(|| base.allowed_voices.clone()),
            allow_instructions: section.boolean("allow_instructions").unwrap_or(base.allow_instructions),
            allow_tools: section.boolean("allow_tools").unwrap_or(base.allow_tools),
        }
    }
}

/// A name from a known list.
fn name(section: &mut Section<'_>, key: &'static str, known: &Known, allow_unknown: bool) -> Option<String> {
    let name = section.text(key)?;
    if let Some((problem, mend)) = known.complaint(&name, allow_unknown) {
        section.report(key, problem, mend);
    }
    Some(name)
}

/// Names from a known list.
fn names(
    section: &mut Section<'_>,
    key: &'static str,
    known: &Known,
    allow_unknown: bool,
) -> Option<Vec<String>> {
    let names = section.texts(key)?;
    for (problem, mend) in names.iter().filter_map(|name| known.complaint(name, allow_unknown)) {
        section.report(key, problem, mend);
    }
    Some(names)
}

/// `output_modalities`: an array of one, as the provider wants it.
fn modality(section: &mut Section<'_>) -> Option<Modality> {
    let words = section.texts("output_modalities")?;
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["audio"] => return Some(Modality::Audio),
        ["text"] => return Some(Modality::Text),
        _ => {}
    }
    let problem = format!("{words:?} is not a choice: the provider takes exactly one");
    section.report("output_modalities", problem, "write [\"audio\"] or [\"text\"]");
    None
}

/// `session_types`: only realtime sessions for now, so that nothing needs to be kept.
fn session_types(section: &mut Section<'_>) {
    let Some(types) = section.texts("session_types") else {
        return;
    };
    let mend = "write [\"realtime\"]";
    if types.is_empty() {
        section.report("session_types", "is empty", mend);
    }
    for kind in types.iter().filter(|kind| *kind != "realtime") {
        if matches!(kind.as_str(), "transcription" | "translation") {
            let later = format!("{mend}: this version does not offer {kind} sessions yet");
            section.report("session_types", format!("{kind:?} can't be had"), later);
        } else {
            section.report("session_types", format!("{kind:?} is not a kind of session"), mend);
        }
    }
}

/// `max_output_tokens`: a number, or `"inf"`.
fn max_output_tokens(section: &mut Section<'_>) -> Option<MaxOutputTokens> {
    let value = section.take("max_output_tokens")?;
    let limit = match &value {
        Value::String(text) if text == "inf" => return Some(MaxOutputTokens::Unlimited),
        Value::Integer(number) => u16::try_from(*number).ok().filter(|limit| (1..=4096).contains(limit)),
        _ => None,
    };
    if limit.is_none() {
        let came = value
            .as_integer()
            .map_or_else(|| format!("is {}", kind(&value)), |n| format!("{n} is out of range"));
        section.report("max_output_tokens", came, "write a whole number from 1 to 4096, or \"inf\"");
    }
    limit.map(MaxOutputTokens::Limit)
}
