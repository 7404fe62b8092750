//! What a role may have, as the built-in defaults, `[defaults]` and the role itself say it, each over the one before.

use toml::Value;

use crate::kernel::session::SessionType;

use super::keys::KeyRules;
use super::personal::Left;
use super::reader::{Section, kind};
use super::realtime::Realtime;
use super::secrets::Given;
use super::transcription::Transcribing;
use super::translation::Translating;

/// The most tokens of a user in an hour.
const MAX_HOURLY_TOKENS: i64 = 1000;

/// The rights of a role.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) hourly_tokens: u16,
    pub(super) ttl_seconds: u32,
    pub(super) max_call_seconds: Option<u16>,
    pub(super) keys: KeyRules,
    pub(super) session_types: Vec<SessionType>,
    pub(super) realtime: Realtime,
    pub(super) transcription: Transcribing,
    pub(super) translation: Translating,
    pub(super) left: Left,
}

impl Settings {
    /// What holds where a file says nothing.
    pub(super) fn built_in() -> Self {
        Self {
            hourly_tokens: 10,
            ttl_seconds: 60,
            max_call_seconds: None,
            keys: KeyRules::BUILT_IN,
            session_types: vec![SessionType::Realtime],
            realtime: Realtime::built_in(),
            transcription: Transcribing::built_in(),
            translation: Translating::built_in(),
            left: Left::built_in(),
        }
    }

    /// Reads the keys that a section has, over what holds without them.
    pub(super) fn read(section: &mut Section<'_>, base: &Self, given: Given<'_>) -> Self {
        let allow_unknown = given.allow_unknown;
        Self {
            hourly_tokens: section
                .integer("hourly_tokens", 0..=MAX_HOURLY_TOKENS)
                .unwrap_or(base.hourly_tokens),
            ttl_seconds: section.integer("token_ttl_seconds", 10..=7200).unwrap_or(base.ttl_seconds),
            max_call_seconds: max_call_seconds(section).unwrap_or(base.max_call_seconds),
            keys: KeyRules::read(section, base.keys),
            session_types: session_types(section).unwrap_or_else(|| base.session_types.clone()),
            realtime: Realtime::read(section, &base.realtime, given),
            transcription: Transcribing::read(section, &base.transcription, allow_unknown),
            translation: Translating::read(section, &base.translation, allow_unknown),
            left: Left::read(section, &base.left),
        }
    }

    /// The models of all kinds of sessions that may be asked for.
    pub(super) fn models(&self) -> impl Iterator<Item = &str> {
        self.session_types.iter().flat_map(|kind| -> Box<dyn Iterator<Item = &str>> {
            match kind {
                SessionType::Realtime => Box::new(self.realtime.models()),
                SessionType::Transcription => Box::new(self.transcription.models()),
                SessionType::Translation => Box::new(self.translation.models()),
            }
        })
    }
}

/// `max_call_seconds`: a number, or `"none"` (then the inner `None`).
fn max_call_seconds(section: &mut Section<'_>) -> Option<Option<u16>> {
    let value = section.take("max_call_seconds")?;
    let limit = match &value {
        Value::String(text) if text == "none" => return Some(None),
        Value::Integer(number) => u16::try_from(*number).ok().filter(|limit| (10..=3600).contains(limit)),
        _ => None,
    };
    if limit.is_none() {
        let came = value
            .as_integer()
            .map_or_else(|| format!("is {}", kind(&value)), |n| format!("{n} is out of range"));
        section.report("max_call_seconds", came, "write a whole number from 10 to 3600, or \"none\"");
    }
    limit.map(Some)
}

/// `session_types`: the kinds that may be asked for, one at least.
fn session_types(section: &mut Section<'_>) -> Option<Vec<SessionType>> {
    const ALL: [SessionType; 3] =
        [SessionType::Realtime, SessionType::Transcription, SessionType::Translation];
    let words = section.texts("session_types")?;
    let known = ALL.map(SessionType::as_str).join(", ");
    if words.is_empty() {
        section.report("session_types", "is empty", format!("write one or more of {known}"));
    }
    let mut types = Vec::with_capacity(words.len());
    for word in &words {
        match ALL.iter().find(|kind| kind.as_str() == word) {
            Some(kind) => types.push(*kind),
            None => {
                let problem = format!("{word:?} is not a kind of session");
                section.report("session_types", problem, format!("known: {known}"));
            }
        }
    }
    Some(types)
}
