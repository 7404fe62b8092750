//! Which function the model calls, and with what.

use serde_json::{Map, Value};

use super::reply::Prompt;

/// A call of a function.
#[derive(Debug, PartialEq)]
pub(super) struct ToolCall {
    pub(super) name: String,
    /// JSON.
    pub(super) arguments: String,
}

impl ToolCall {
    /// The function to call: the one that is demanded, or one whose name the user's text contains.
    pub(super) fn choose(tools: &Value, choice: &Value, prompt: Prompt<'_>) -> Option<Self> {
        let text = match prompt {
            Prompt::Text(text) => text,
            // What a function gave back is answered in words, or calls would never end.
            Prompt::Result(_) => return None,
            _ => "",
        };
        let mut functions =
            tools.as_array()?.iter().filter(|tool| tool.get("type").is_some_and(|kind| kind == "function"));
        let function = match choice.as_str() {
            Some("none") => None,
            Some("required") => functions.clone().find(|tool| is_named(tool, text)).or(functions.next()),
            Some(_) => functions.find(|tool| is_named(tool, text)),
            None => {
                functions.find(|tool| choice.get("name").is_some() && tool.get("name") == choice.get("name"))
            }
        }?;
        let arguments = Value::Object(arguments(function.get("parameters"), text)).to_string();
        Some(Self { name: function.get("name")?.as_str()?.to_owned(), arguments })
    }
}

/// Whether the text has the name of the function, as it is or with spaces.
fn is_named(tool: &Value, text: &str) -> bool {
    let Some(name) = tool.get("name").and_then(Value::as_str).map(str::to_lowercase) else {
        return false;
    };
    let text = text.to_lowercase();
    text.contains(&name) || text.contains(&name.replace(['_', '-'], " "))
}

/// A value for each property that the schema has at its top.
fn arguments(schema: Option<&Value>, text: &str) -> Map<String, Value> {
    let properties = schema.and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    let filled = |(name, property): (&String, &Value)| (name.clone(), argument(property, text));
    properties.map(|properties| properties.iter().map(filled).collect()).unwrap_or_default()
}

/// The last word of the text where there may be text; else the simplest value of the type.
fn argument(property: &Value, text: &str) -> Value {
    if let Some(first) = property.get("enum").and_then(Value::as_array).and_then(|values| values.first()) {
        return first.clone();
    }
    match property.get("type").and_then(Value::as_str) {
        Some("string") => last_word(text).into(),
        Some("integer" | "number") => 1.into(),
        Some("boolean") => true.into(),
        Some("array") => Value::Array(Vec::new()),
        Some("object") => Value::Object(Map::new()),
        _ => Value::Null,
    }
}

fn last_word(text: &str) -> &str {
    text.split_whitespace().next_back().unwrap_or_default().trim_matches(|c: char| !c.is_alphanumeric())
}
