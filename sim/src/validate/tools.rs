//! What the model may call.

use super::{
    Refusal, Verdict,
    node::{Field, Node, optional, required},
    rules::{anything, flag, name, text},
};

const FUNCTION: &[Field] =
    &[required("name", name), optional("description", text), optional("parameters", |n| n.map(anything))];

const MCP: &[Field] = &[
    required("server_label", name),
    optional("server_url", name),
    optional("connector_id", name),
    optional("tunnel_id", name),
    optional("server_description", text),
    optional("authorization", text),
    optional("headers", |n| n.nullable(|n| n.map(text))),
    optional("allowed_tools", |n| n.nullable(tool_names_or_filter)),
    optional("allowed_callers", |n| n.nullable(|n| n.list(|n| n.one_of(&["direct", "programmatic"])))),
    optional("require_approval", |n| n.nullable(approval)),
    optional("defer_loading", flag),
];

const TOOL_FILTER: &[Field] = &[optional("read_only", flag), optional("tool_names", |n| n.list(text))];

const APPROVAL: &[Field] =
    &[optional("always", |n| n.object(TOOL_FILTER)), optional("never", |n| n.object(TOOL_FILTER))];

/// One tool.
pub(super) fn tool(node: &Node<'_>) -> Verdict {
    node.tagged(&[("function", FUNCTION), ("mcp", MCP)])?;
    leads_somewhere(node)
}

/// Which tool is to be called.
pub(super) fn choice(node: &Node<'_>) -> Verdict {
    node.one_of_or(&["none", "auto", "required"], |n| {
        n.tagged(&[
            ("function", &[required("name", name)]),
            ("mcp", &[required("server_label", name), optional("name", name)]),
        ])
    })
}

/// An MCP tool has to say where its server is, one way or another. Looks at a tool whose fields hold.
fn leads_somewhere(tool: &Node<'_>) -> Verdict {
    let is_mcp = tool.value.get("type").is_some_and(|kind| kind == "mcp");
    let leads = ["server_url", "connector_id", "tunnel_id"].iter().any(|key| tool.value.get(key).is_some());
    if is_mcp && !leads { Err(Refusal::missing(tool.path_to("server_url"))) } else { Ok(()) }
}

fn tool_names_or_filter(node: &Node<'_>) -> Verdict {
    if node.value.is_array() { node.list(text) } else { node.object(TOOL_FILTER) }
}

fn approval(node: &Node<'_>) -> Verdict {
    node.one_of_or(&["always", "never"], |n| n.object(APPROVAL))
}
