//! What a user has otherwise in all their conversations, as far as their role lets them.

use serde::{Deserialize, Serialize};

use super::tool::{Approval, Function, Mcp, McpServer, Tool};

/// A user's own settings. What is absent is as the policy has it.
///
/// Reads documents that another version has written: members that it doesn't know are passed over.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonalSettings {
    /// What the model is told beside the policy's instructions, and below them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<String>,
    /// How the model begins the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greeting: Option<String>,
    /// The model's voice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice: Option<String>,
    /// The language of the instructions, as a well-formed tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// How fast the model speaks, 0.25 to 1.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed: Option<f64>,
    /// What the model may call, beside the policy's tools.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<PersonalTool>,
}

/// A tool of a user's own. It has no place for credentials: settings are no vault.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PersonalTool {
    /// A function in the page.
    Function(Function),
    /// The tools of an MCP server that is open to everybody.
    Mcp(OpenServer),
}

/// An MCP server that asks for no credentials.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenServer {
    /// The name that the model knows the server by.
    pub server_label: String,
    /// Where it is.
    pub server_url: String,
    /// What it is for, for the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_description: Option<String>,
    /// The server's tools that may be called; `None` for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_tools: Option<Vec<String>>,
    /// Which calls somebody has to approve first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_approval: Option<Approval>,
}

impl PersonalTool {
    /// The name that no other tool of the session may have.
    pub fn name(&self) -> &str {
        match self {
            Self::Function(function) => &function.name,
            Self::Mcp(server) => &server.server_label,
        }
    }

    /// Whether the provider calls it by itself.
    pub const fn is_mcp(&self) -> bool {
        matches!(self, Self::Mcp(_))
    }
}

impl From<&PersonalTool> for Tool {
    fn from(tool: &PersonalTool) -> Self {
        match tool {
            PersonalTool::Function(function) => Self::Function(function.clone()),
            PersonalTool::Mcp(server) => Self::Mcp(Mcp {
                label: server.server_label.clone(),
                server: McpServer::Url(server.server_url.clone()),
                description: server.server_description.clone(),
                allowed_tools: server.allowed_tools.clone(),
                require_approval: server.require_approval,
                authorization: None,
                headers: Default::default(),
            }),
        }
    }
}

// Written by hand: what users write is nobody's business outside the request.
impl std::fmt::Debug for PersonalSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonalSettings(…)")
    }
}

impl std::fmt::Debug for PersonalTool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Function(_) => "Function(…)",
            Self::Mcp(_) => "Mcp(…)",
        })
    }
}
