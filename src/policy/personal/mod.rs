//! Personal settings: what of them a role leaves to its users, and what becomes of them in a session.

mod fence;
mod form;
mod setting;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::kernel::session::{PersonalSettings, PersonalTool, RealtimeSession, Tool};

use super::narrow::{choice, refuse};
use super::reader::Section;
use super::request::{AskedRealtime, NotAllowed};
use super::role::Role;
use super::tools::MAX_TOOLS;

pub use form::{Malformed, well_formed};
pub use setting::Setting;

/// The longest texts that a policy can leave to users, in characters.
const MOST_CHARS: i64 = 16_000;

/// What a role leaves to its users.
#[derive(Debug, Clone)]
pub(super) struct Left {
    may_set: Vec<Setting>,
    max_system_prompt_chars: u16,
    max_greeting_chars: u16,
    max_tools: u8,
}

impl Left {
    /// What holds where a file says nothing.
    pub(super) fn built_in() -> Self {
        Self { may_set: Vec::new(), max_system_prompt_chars: 2000, max_greeting_chars: 300, max_tools: 8 }
    }

    /// Reads the keys that a section has, over what holds without them.
    pub(super) fn read(section: &mut Section<'_>, base: &Self) -> Self {
        let most_tools = i64::try_from(MAX_TOOLS).unwrap_or_default();
        Self {
            may_set: may_set(section).unwrap_or_else(|| base.may_set.clone()),
            max_system_prompt_chars: section
                .integer("max_system_prompt_chars", 1..=MOST_CHARS)
                .unwrap_or(base.max_system_prompt_chars),
            max_greeting_chars: section
                .integer("max_greeting_chars", 1..=MOST_CHARS)
                .unwrap_or(base.max_greeting_chars),
            max_tools: section.integer("max_user_tools", 1..=most_tools).unwrap_or(base.max_tools),
        }
    }
}

/// `user_may_set`: names of settings.
fn may_set(section: &mut Section<'_>) -> Option<Vec<Setting>> {
    let words = section.texts("user_may_set")?;
    let known = Setting::ALL.map(Setting::as_str).join(", ");
    let mut found = Vec::with_capacity(words.len());
    for word in &words {
        match Setting::ALL.iter().find(|setting| setting.as_str() == word) {
            Some(setting) => found.push(*setting),
            None => section.report(
                "user_may_set",
                format!("{word:?} is nothing that users set"),
                format!("known: {known}"),
            ),
        }
    }
    if found.contains(&Setting::McpTools) && !found.contains(&Setting::Tools) {
        section.report("user_may_set", "has \"mcp_tools\" without \"tools\"", "add \"tools\"");
    }
    Some(found)
}

/// What a role leaves to its users, for them to read.
#[derive(Debug, Clone, Serialize)]
pub struct Choices {
    /// The settings that they may set.
    pub settings: Vec<Setting>,
    /// The voices to choose from.
    pub voices: Vec<String>,
    /// The languages that there are instructions in.
    pub languages: Vec<String>,
    /// The longest `system_prompt`, in characters.
    pub max_system_prompt_chars: u16,
    /// The longest `greeting`, in characters.
    pub max_greeting_chars: u16,
    /// The most `tools`.
    pub max_tools: u8,
}

impl Role {
    /// What this role leaves to its users.
    pub fn choices(&self) -> Choices {
        let left = &self.settings.left;
        Choices {
            settings: left.may_set.clone(),
            voices: self.voices().map(str::to_owned).collect(),
            languages: self.languages().map(str::to_owned).collect(),
            max_system_prompt_chars: left.max_system_prompt_chars,
            max_greeting_chars: left.max_greeting_chars,
            max_tools: left.max_tools,
        }
    }

    /// What of somebody's settings this role does not allow, each with its reason; `param` is the name of the setting.
    pub fn refusals(&self, settings: &PersonalSettings) -> Vec<(Setting, NotAllowed)> {
        let refusal = |setting| Some((setting, self.allow(setting, settings).err()?));
        Setting::of(settings).filter_map(refusal).collect()
    }

    /// What of somebody's settings is in force under this role: whatever it does not allow is left out.
    pub fn in_force(&self, settings: &PersonalSettings) -> PersonalSettings {
        let mut in_force = settings.clone();
        for (setting, _) in self.refusals(settings) {
            setting.clear(&mut in_force);
        }
        in_force
    }

    /// The language that somebody has set, where this role lets them.
    pub fn language_of<'s>(&self, settings: &'s PersonalSettings) -> Option<&'s str> {
        settings.language.as_deref().filter(|_| self.allow(Setting::Language, settings).is_ok())
    }

    /// The first of somebody's settings that this role does not leave to its users, whatever its value.
    pub fn not_left(&self, settings: &PersonalSettings) -> Option<NotAllowed> {
        Setting::of(settings).find_map(|setting| self.leaves(setting).err())
    }

    fn leaves(&self, setting: Setting) -> Result<(), NotAllowed> {
        let (may_set, param) = (&self.settings.left.may_set, setting.as_str());
        if may_set.contains(&setting) {
            return Ok(());
        }
        let may = may_set.iter().map(|setting| setting.as_str()).collect::<Vec<_>>().join(", ");
        let may = if may.is_empty() { "nothing".to_owned() } else { may };
        Err(refuse(param, format!("your role does not let you set `{param}`; you may set: {may}")))
    }

    fn allow(&self, setting: Setting, settings: &PersonalSettings) -> Result<(), NotAllowed> {
        self.leaves(setting)?;
        let (left, param) = (&self.settings.left, setting.as_str());
        match setting {
            Setting::SystemPrompt => {
                no_longer(param, settings.system_prompt.as_deref(), left.max_system_prompt_chars)
            }
            Setting::Greeting => no_longer(param, settings.greeting.as_deref(), left.max_greeting_chars),
            Setting::Voice => match &settings.voice {
                Some(voice) => choice(param, "voice", voice, self.voices()).map(drop),
                None => Ok(()),
            },
            Setting::Language => match &settings.language {
                Some(tag) if self.texts.find(tag).is_none() => {
                    choice(param, "language", tag, self.languages()).map(drop)
                }
                _ => Ok(()),
            },
            Setting::Speed => Ok(()),
            Setting::Tools | Setting::McpTools => self.allow_tools(&settings.tools),
        }
    }

    fn allow_tools(&self, tools: &[PersonalTool]) -> Result<(), NotAllowed> {
        let left = &self.settings.left;
        let own = self.settings.realtime.tools();
        let most = usize::from(left.max_tools).min(MAX_TOOLS.saturating_sub(own.len()));
        let mcp =
            tools.iter().find(|tool| tool.is_mcp()).filter(|_| !left.may_set.contains(&Setting::McpTools));
        let taken = tools.iter().find(|tool| own.iter().any(|own| own.name() == tool.name()));
        let reason = if tools.len() > most {
            format!("{} tools are not allowed; allowed: up to {most}", tools.len())
        } else if let Some(server) = mcp {
            format!("your role has functions only; leave the MCP server `{}` out", server.name())
        } else if let Some(tool) = taken {
            format!("your role has a tool `{}` already; give yours another name", tool.name())
        } else {
            return Ok(());
        };
        Err(refuse(Setting::Tools.as_str(), reason))
    }
}

fn no_longer(param: &'static str, text: Option<&str>, most: u16) -> Result<(), NotAllowed> {
    let chars = text.map_or(0, |text| text.chars().count());
    if chars <= usize::from(most) {
        return Ok(());
    }
    Err(refuse(param, format!("`{param}` has {chars} characters; allowed: up to {most}")))
}

/// Puts settings that are in force into a conversation. What the request asked for goes before them, except that its
/// instructions stand above.
pub(super) fn apply(session: &mut RealtimeSession, asked: &AskedRealtime, settings: &PersonalSettings) {
    if let (None, Some(voice)) = (&asked.voice, &settings.voice) {
        session.voice.clone_from(voice);
    }
    session.speed = settings.speed;
    if asked.tools.is_none() {
        session.tools.extend(settings.tools.iter().map(Tool::from));
    }
    fence::append(&mut session.instructions, settings);
}
