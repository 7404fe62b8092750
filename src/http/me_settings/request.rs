//! The bodies: settings, all of them at once, and what to try them with.

use serde::Deserialize;

use super::super::strict::{Object, Word};
use crate::kernel::session::{Approval, Function, OpenServer, PersonalSettings, PersonalTool};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    system_prompt: Option<String>,
    greeting: Option<String>,
    voice: Option<String>,
    language: Option<String>,
    speed: Option<f64>,
    tools: Option<Vec<Object<Tool>>>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tool {
    Function(Function),
    Mcp(Server),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Server {
    server_label: String,
    server_url: String,
    server_description: Option<String>,
    allowed_tools: Option<Vec<String>>,
    require_approval: Option<Word<Approval>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewRequest {
    pub(super) role: Option<String>,
    pub(super) language: Option<String>,
    pub(super) settings: Option<Object<Settings>>,
}

impl From<Settings> for PersonalSettings {
    fn from(settings: Settings) -> Self {
        let Settings { system_prompt, greeting, voice, language, speed, tools } = settings;
        let tools = tools.unwrap_or_default().into_iter().map(|tool| tool.0.into()).collect();
        Self { system_prompt, greeting, voice, language, speed, tools }
    }
}

impl From<Tool> for PersonalTool {
    fn from(tool: Tool) -> Self {
        match tool {
            Tool::Function(function) => Self::Function(function),
            Tool::Mcp(server) => Self::Mcp(OpenServer {
                server_label: server.server_label,
                server_url: server.server_url,
                server_description: server.server_description,
                allowed_tools: server.allowed_tools,
                require_approval: server.require_approval.map(|word| word.0),
            }),
        }
    }
}
