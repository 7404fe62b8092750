//! The names of settings.

use serde::Serialize;

use crate::kernel::session::PersonalSettings;

/// Something that users may set. `mcp_tools` is about a kind of `tools`; the others are settings by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// `system_prompt`.
    SystemPrompt,
    /// `greeting`.
    Greeting,
    /// `voice`.
    Voice,
    /// `language`.
    Language,
    /// `speed`.
    Speed,
    /// `tools`, as far as they are functions.
    Tools,
    /// `tools` that are MCP servers.
    McpTools,
}

impl Setting {
    pub(super) const ALL: [Self; 7] = [
        Self::SystemPrompt,
        Self::Greeting,
        Self::Voice,
        Self::Language,
        Self::Speed,
        Self::Tools,
        Self::McpTools,
    ];

    /// As policies and settings have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SystemPrompt => "system_prompt",
            Self::Greeting => "greeting",
            Self::Voice => "voice",
            Self::Language => "language",
            Self::Speed => "speed",
            Self::Tools => "tools",
            Self::McpTools => "mcp_tools",
        }
    }

    /// The settings that somebody has set, by name.
    pub fn of(settings: &PersonalSettings) -> impl Iterator<Item = Self> {
        let is_set = |setting: &Self| match setting {
            Self::SystemPrompt => settings.system_prompt.is_some(),
            Self::Greeting => settings.greeting.is_some(),
            Self::Voice => settings.voice.is_some(),
            Self::Language => settings.language.is_some(),
            Self::Speed => settings.speed.is_some(),
            Self::Tools => !settings.tools.is_empty(),
            Self::McpTools => false,
        };
        Self::ALL.into_iter().filter(is_set)
    }

    pub(super) fn clear(self, settings: &mut PersonalSettings) {
        match self {
            Self::SystemPrompt => settings.system_prompt = None,
            Self::Greeting => settings.greeting = None,
            Self::Voice => settings.voice = None,
            Self::Language => settings.language = None,
            Self::Speed => settings.speed = None,
            Self::Tools | Self::McpTools => settings.tools.clear(),
        }
    }
}
