//! What a model may call.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Something that the model may call.
#[derive(Debug, Clone)]
pub enum Tool {
    /// A function in the page.
    Function(Function),
    /// The tools of an MCP server, which the provider calls by itself.
    Mcp(Mcp),
}

impl Tool {
    /// The name that no other tool of the session may have.
    pub fn name(&self) -> &str {
        match self {
            Self::Function(function) => &function.name,
            Self::Mcp(mcp) => &mcp.label,
        }
    }
}

/// A function with a JSON Schema for its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// The name that the model calls it by.
    pub name: String,
    /// What it does, for the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON Schema of the arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<serde_json::Map<String, serde_json::Value>>,
}

/// An MCP server, and how far the model may use it. Only a policy names one with credentials.
#[derive(Debug, Clone)]
pub struct Mcp {
    /// The name that the model knows the server by.
    pub label: String,
    /// Where it is.
    pub server: McpServer,
    /// What it is for, for the model.
    pub description: Option<String>,
    /// The server's tools that may be called; `None` for all.
    pub allowed_tools: Option<Vec<String>>,
    /// Which calls somebody has to approve first.
    pub require_approval: Option<Approval>,
    /// The OAuth access token that the server is given.
    pub authorization: Option<SecretString>,
    /// Further headers that the server is given.
    pub headers: BTreeMap<String, SecretString>,
}

/// Where an MCP server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum McpServer {
    /// At this address.
    Url(String),
    /// Behind one of the provider's own connectors.
    Connector(String),
}

/// Which calls of an MCP server's tools somebody has to approve first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Approval {
    /// Each.
    Always,
    /// None.
    Never,
}
