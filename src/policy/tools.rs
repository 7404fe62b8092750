//! Reads what a model may call: functions in the browser, and MCP servers.

use serde_json::{Map, Number};
use toml::Value;

use crate::kernel::session::{Function, Tool};

use super::mcp;
use super::reader::Section;
use super::secrets::Given;

/// The most tools of a session.
pub(super) const MAX_TOOLS: usize = 128;

/// Whether the provider takes this as the name of a function: 1 to 64 letters, digits, `_` or `-`.
pub(super) fn is_tool_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// `tools`: an array of tables.
pub(super) fn tools(section: &mut Section<'_>, given: Given<'_>) -> Option<Vec<Tool>> {
    let wanted = "an array of tables, each a function or an MCP server";
    let items = section.array("tools", wanted)?;
    if items.len() > MAX_TOOLS {
        section.report("tools", format!("has {} tools", items.len()), format!("keep it to {MAX_TOOLS}"));
    }
    let mut tools = Vec::with_capacity(items.len());
    let mut names = Vec::with_capacity(items.len());
    for (i, item) in items.into_iter().enumerate() {
        let Some(item) = section.item("tools", i, item) else {
            continue;
        };
        tools.extend(tool(item, given, &mut names));
    }
    Some(tools)
}

/// One tool; `names` are those that came before it, of functions and of servers.
fn tool(mut table: Section<'_>, given: Given<'_>, names: &mut Vec<String>) -> Option<Tool> {
    let is_mcp = match table.has("type") {
        true => table.word("type", &[("function", false), ("mcp", true)])?,
        false => false,
    };
    if is_mcp {
        return mcp::server(table, given, names).map(Tool::Mcp);
    }
    let name = new_name(&mut table, "name", names);
    let description = table.text("description");
    let parameters = parameters(&mut table);
    table.finish(|_| None);
    Some(Tool::Function(Function { name: name?, description, parameters }))
}

/// The name of a tool, which has to be there and to be its own.
pub(super) fn new_name(
    table: &mut Section<'_>,
    key: &'static str,
    names: &mut Vec<String>,
) -> Option<String> {
    if !table.has(key) {
        table.report(key, "is missing", "give the tool a name");
    }
    let name = table.text(key)?;
    if !is_tool_name(&name) {
        let problem = format!("{name:?} is no name for a tool");
        table.report(key, problem, "use 1 to 64 of A-Z, a-z, 0-9, _ and -");
    }
    if names.contains(&name) {
        table.report(key, format!("{name:?} stands there twice"), "keep one");
    }
    names.push(name.clone());
    Some(name)
}

/// The JSON Schema of a tool's arguments.
fn parameters(table: &mut Section<'_>) -> Option<Map<String, serde_json::Value>> {
    let wanted = "a table that is a JSON Schema, such as { type = \"object\", properties = {} }";
    let value = table.take("parameters")?;
    if !value.is_table() {
        table.report_type("parameters", &value, wanted);
        return None;
    }
    if value.get("type").and_then(Value::as_str) != Some("object") {
        table.report("parameters", "does not describe an object", format!("write {wanted}"));
    }
    match json(value) {
        Some(serde_json::Value::Object(schema)) => Some(schema),
        _ => {
            table.report("parameters", "has a number that JSON does not know", "take inf and nan out");
            None
        }
    }
}

/// TOML as JSON; a date becomes text. `None` where a number is not finite.
fn json(value: Value) -> Option<serde_json::Value> {
    Some(match value {
        Value::String(text) => text.into(),
        Value::Integer(number) => number.into(),
        Value::Float(number) => Number::from_f64(number)?.into(),
        Value::Boolean(value) => value.into(),
        Value::Datetime(time) => time.to_string().into(),
        Value::Array(items) => items.into_iter().map(json).collect::<Option<Vec<_>>>()?.into(),
        Value::Table(table) => {
            let pairs = table.into_iter().map(|(key, value)| Some((key, json(value)?)));
            pairs.collect::<Option<Map<_, _>>>()?.into()
        }
    })
}
