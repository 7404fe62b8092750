//! What the model may call.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Audience;
use crate::kernel::session::{Approval, Function, Mcp, McpServer, Tool};

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ToolBody<'a> {
    Function(&'a Function),
    Mcp(McpBody<'a>),
}

#[derive(Serialize)]
pub(super) struct McpBody<'a> {
    server_label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connector_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_tools: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    require_approval: Option<Approval>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<&'a str, &'a str>,
}

impl<'a> ToolBody<'a> {
    pub(super) fn new(tool: &'a Tool, audience: Audience) -> Self {
        match tool {
            Tool::Function(function) => Self::Function(function),
            Tool::Mcp(mcp) => Self::Mcp(McpBody::new(mcp, audience)),
        }
    }
}

impl<'a> McpBody<'a> {
    fn new(mcp: &'a Mcp, audience: Audience) -> Self {
        let (server_url, connector_id) = match &mcp.server {
            McpServer::Url(url) => (Some(url.as_str()), None),
            McpServer::Connector(id) => (None, Some(id.as_str())),
        };
        let headers = mcp.headers.iter().map(|(name, value)| (name.as_str(), audience.shown(value)));
        Self {
            server_label: &mcp.label,
            server_url,
            connector_id,
            server_description: mcp.description.as_deref(),
            allowed_tools: mcp.allowed_tools.as_deref(),
            require_approval: mcp.require_approval,
            authorization: mcp.authorization.as_ref().map(|secret| audience.shown(secret)),
            headers: headers.collect(),
        }
    }
}
