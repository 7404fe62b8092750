//! Conversations: what a role's are like, and what a request may have otherwise.

use std::collections::HashSet;

use toml::Value;

use crate::kernel::session::{Function, MaxOutputTokens, Modality, RealtimeSession, Tool};

use super::known::{MODELS, VOICES};
use super::narrow::{choice, refuse, shown};
use super::reader::{Section, kind};
use super::request::{AskedRealtime, NotAllowed};
use super::secrets::Given;
use super::tools::{MAX_TOOLS, is_tool_name};
use super::{audio, tools};

/// The longest instructions that a request may bring, in characters.
const MAX_INSTRUCTIONS: usize = 16_000;

/// The conversations of a role.
#[derive(Clone)]
pub(super) struct Realtime {
    /// The session as it is when nothing is asked for; its instructions are empty.
    session: RealtimeSession,
    allowed_models: Vec<String>,
    allowed_voices: Vec<String>,
    allow_instructions: bool,
    allow_tools: bool,
}

impl Realtime {
    /// What holds where a file says nothing.
    pub(super) fn built_in() -> Self {
        Self {
            session: RealtimeSession {
                model: "gpt-realtime-2.1-mini".to_owned(),
                instructions: String::new(),
                output_modality: Modality::Audio,
                voice: "marin".to_owned(),
                speed: None,
                turn_detection: Some(audio::built_in_turns()),
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
    pub(super) fn read(section: &mut Section<'_>, base: &Self, given: Given<'_>) -> Self {
        let allow_unknown = given.allow_unknown;
        let old = &base.session;
        Self {
            session: RealtimeSession {
                model: section.name("model", &MODELS, allow_unknown).unwrap_or_else(|| old.model.clone()),
                instructions: String::new(),
                output_modality: modality(section).unwrap_or(old.output_modality),
                voice: section.name("voice", &VOICES, allow_unknown).unwrap_or_else(|| old.voice.clone()),
                speed: None,
                turn_detection: audio::turn_detection(section).unwrap_or_else(|| old.turn_detection.clone()),
                transcription: audio::transcription(section, allow_unknown)
                    .unwrap_or_else(|| old.transcription.clone()),
                noise_reduction: audio::noise_reduction(section).unwrap_or(old.noise_reduction),
                max_output_tokens: max_output_tokens(section).unwrap_or(old.max_output_tokens),
                tools: tools::tools(section, given).unwrap_or_else(|| old.tools.clone()),
            },
            allowed_models: section
                .names("allowed_models", &MODELS, allow_unknown)
                .unwrap_or_else(|| base.allowed_models.clone()),
            allowed_voices: section
                .names("allowed_voices", &VOICES, allow_unknown)
                .unwrap_or_else(|| base.allowed_voices.clone()),
            allow_instructions: section.boolean("allow_instructions").unwrap_or(base.allow_instructions),
            allow_tools: section.boolean("allow_tools").unwrap_or(base.allow_tools),
        }
    }

    /// The models that it may use, its own first.
    pub(super) fn models(&self) -> impl Iterator<Item = &str> {
        first_and(&self.session.model, &self.allowed_models)
    }

    /// The voices that it may use, its own first.
    pub(super) fn voices(&self) -> impl Iterator<Item = &str> {
        first_and(&self.session.voice, &self.allowed_voices)
    }

    /// Its own tools.
    pub(super) fn tools(&self) -> &[Tool] {
        &self.session.tools
    }

    /// The session for a request. It has instructions only where the request brings its own.
    pub(super) fn narrowed(&self, asked: &AskedRealtime) -> Result<RealtimeSession, NotAllowed> {
        let mut session = self.session.clone();
        if let Some(model) = &asked.model {
            session.model = choice("session.model", "model", model, self.models())?;
        }
        if let Some(modality) = asked.output_modality {
            session.output_modality = less(session.output_modality, modality)?;
        }
        if let Some(voice) = &asked.voice {
            session.voice = choice("session.audio.output.voice", "voice", voice, self.voices())?;
        }
        if let Some(tools) = &asked.tools {
            session.tools = self.own_tools(tools)?;
        }
        if let Some(own) = &asked.instructions {
            session.instructions = self.instructions(own)?;
        }
        Ok(session)
    }

    fn instructions(&self, own: &str) -> Result<String, NotAllowed> {
        let reason = if !self.allow_instructions {
            "own instructions are not allowed; leave them out to get the role's".to_owned()
        } else if own.chars().count() > MAX_INSTRUCTIONS {
            format!("these instructions are too long; allowed: up to {MAX_INSTRUCTIONS} characters")
        } else {
            return Ok(own.to_owned());
        };
        Err(refuse("session.instructions", reason))
    }

    fn own_tools(&self, own: &[Function]) -> Result<Vec<Tool>, NotAllowed> {
        let mut seen = HashSet::new();
        let names = || own.iter().map(|function| function.name.as_str());
        let reason = if !self.allow_tools {
            "own tools are not allowed; leave them out to get the role's".to_owned()
        } else if own.len() > MAX_TOOLS {
            format!("{} tools are not allowed; allowed: up to {MAX_TOOLS}", own.len())
        } else if let Some(bad) = names().find(|name| !is_tool_name(name)) {
            let bad = shown(bad);
            format!("tool name `{bad}` is not allowed; allowed: 1 to 64 letters, digits, _ and -")
        } else if let Some(twice) = names().find(|name| !seen.insert(*name)) {
            format!("tool name `{twice}` stands there twice; allowed: once")
        } else {
            return Ok(own.iter().cloned().map(Tool::Function).collect());
        };
        Err(refuse("session.tools", reason))
    }
}

/// A value, then others that are not the same again.
pub(super) fn first_and<'a>(first: &'a str, others: &'a [String]) -> impl Iterator<Item = &'a str> {
    let others = others.iter().map(String::as_str).filter(move |other| *other != first);
    std::iter::once(first).chain(others)
}

/// Text instead of sound is less; sound instead of text would be more.
fn less(own: Modality, asked: Modality) -> Result<Modality, NotAllowed> {
    match (own, asked) {
        (Modality::Text, Modality::Audio) => Err(refuse(
            "session.output_modalities",
            "output modality `audio` is not allowed; allowed: text".to_owned(),
        )),
        _ => Ok(asked),
    }
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
