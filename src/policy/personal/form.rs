//! What holds of settings under every policy: what the provider would refuse is refused here, by name.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::Value;

use crate::kernel::session::{Function, OpenServer, PersonalSettings, PersonalTool};

use super::super::language::language_tag;
use super::super::mcp::is_plain_https;
use super::super::name::plain_text;
use super::super::tools::is_tool_name;

/// The provider's bounds for the speed of speech.
const SPEED: std::ops::RangeInclusive<f64> = 0.25..=1.5;

/// The largest tool, as JSON without spaces, in bytes.
const MAX_TOOL_BYTES: usize = 8 * 1024;

/// The longest name of a server's tool, in bytes.
const MAX_NAME_BYTES: usize = 128;

/// The longest address of a server, in bytes.
const MAX_URL_BYTES: usize = 2048;

/// A setting that is good under no policy. The sentence is fit for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Malformed {
    /// Where it stands: `speed`, `tools[2].name`.
    pub param: Cow<'static, str>,
    reason: String,
}

fn malformed(param: impl Into<Cow<'static, str>>, reason: impl Into<String>) -> Malformed {
    Malformed { param: param.into(), reason: reason.into() }
}

/// The settings, made fit to be kept: texts without control and invisible characters, the language as a tag. A text that
/// says nothing is none.
pub fn well_formed(settings: PersonalSettings) -> Result<PersonalSettings, Malformed> {
    let settings = PersonalSettings {
        system_prompt: settings.system_prompt.and_then(|text| plain_text(&text)),
        greeting: settings.greeting.and_then(|text| plain_text(&text)),
        language: settings.language.map(|tag| language(&tag)).transpose()?,
        ..settings
    };
    if settings.voice.as_deref().is_some_and(str::is_empty) {
        return Err(malformed("voice", "the voice is empty; leave it out for the role's"));
    }
    if settings.speed.is_some_and(|speed| !SPEED.contains(&speed)) {
        return Err(malformed("speed", "the speed of speech is a number from 0.25 to 1.5"));
    }
    let mut names = HashSet::new();
    for (i, tool) in settings.tools.iter().enumerate() {
        check_tool(tool, &mut names, |member| format!("tools[{i}]{member}"))?;
    }
    Ok(settings)
}

/// One tool; `names` are those of the tools before it, `at` says where its members stand.
fn check_tool<'t>(
    tool: &'t PersonalTool,
    names: &mut HashSet<&'t str>,
    at: impl Fn(&str) -> String,
) -> Result<(), Malformed> {
    let (name, member) = (tool.name(), if tool.is_mcp() { ".server_label" } else { ".name" });
    if !is_tool_name(name) {
        return Err(malformed(at(member), "the name of a tool has 1 to 64 letters, digits, _ and -"));
    }
    if !names.insert(name) {
        return Err(malformed(at(member), format!("tool name `{name}` stands there twice; keep one")));
    }
    match tool {
        PersonalTool::Function(function) => check_function(function, &at)?,
        PersonalTool::Mcp(server) => check_server(server, &at)?,
    }
    let bytes = serde_json::to_vec(tool).map_or(usize::MAX, |json| json.len());
    if bytes > MAX_TOOL_BYTES {
        let reason = format!("the tool takes {bytes} bytes as JSON; a tool has {MAX_TOOL_BYTES} at most");
        return Err(malformed(at(""), reason));
    }
    Ok(())
}

fn language(tag: &str) -> Result<String, Malformed> {
    language_tag(tag).ok_or_else(|| malformed("language", "send a language tag such as `es` or `es-MX`"))
}

fn check_function(function: &Function, at: impl Fn(&str) -> String) -> Result<(), Malformed> {
    match &function.parameters {
        Some(schema) if schema.get("type").and_then(Value::as_str) != Some("object") => Err(malformed(
            at(".parameters"),
            "the arguments of a function are a JSON Schema with \"type\": \"object\"",
        )),
        _ => Ok(()),
    }
}

fn check_server(server: &OpenServer, at: impl Fn(&str) -> String) -> Result<(), Malformed> {
    let url = &server.server_url;
    if url.len() > MAX_URL_BYTES || !is_plain_https(url) || url.contains(['?', '#']) {
        // Not repeated: an address may have a password in it.
        let reason = "write https:// and the server's address, without a user, a password, a query or a fragment: \
                      settings have no place for credentials";
        return Err(malformed(at(".server_url"), reason));
    }
    let Some(allowed) = &server.allowed_tools else {
        return Ok(());
    };
    if allowed.is_empty() {
        return Err(malformed(at(".allowed_tools"), "no tool is named; name some, or leave it out for all"));
    }
    let names: HashSet<&str> = allowed.iter().map(String::as_str).collect();
    let fit = |name: &&str| {
        (1..=MAX_NAME_BYTES).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic())
    };
    if names.len() < allowed.len() || !names.iter().all(fit) {
        let reason = "the server's tools are named by 1 to 128 ASCII characters without spaces, each once";
        return Err(malformed(at(".allowed_tools"), reason));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(settings: Value) -> Result<PersonalSettings, Malformed> {
        well_formed(serde_json::from_value(settings).unwrap())
    }

    #[test]
    fn what_is_good_comes_out_clean() {
        let good = read(json!({
            "system_prompt": "\u{0}Line one.\r\nTwo\u{202E}\u{E0041} \u{1F468}\u{200D}\u{1F469}.\t\n\n",
            "greeting": " Hola. ",
            "voice": "marin",
            "language": "es_MX",
            "speed": 1,
            "tools": [
                {"type": "function", "name": "a", "parameters": {"type": "object"}},
                {"type": "mcp", "server_label": "b", "server_url": "https://mcp.example/x", "allowed_tools": ["c"]},
            ],
        }))
        .unwrap();
        assert_eq!(good.system_prompt.as_deref(), Some("Line one.\nTwo \u{1F468}\u{200D}\u{1F469}."));
        assert_eq!(good.greeting.as_deref(), Some("Hola."));
        assert_eq!(good.language.as_deref(), Some("es-MX"));
        assert_eq!(well_formed(good.clone()), Ok(good));
        let blank = read(json!({"system_prompt": "\u{0}\u{200B} \n", "greeting": "\u{FE0F}"})).unwrap();
        assert_eq!(blank, PersonalSettings::default());
    }

    #[test]
    fn what_is_bad_is_named() {
        let tool = |tool: Value| json!({"tools": [{"type": "function", "name": "good"}, tool]});
        let server = |url: &str| tool(json!({"type": "mcp", "server_label": "s", "server_url": url}));
        let listing = |names: Value| {
            let url = "https://mcp.example";
            tool(json!({"type": "mcp", "server_label": "s", "server_url": url, "allowed_tools": names}))
        };
        for (settings, param) in [
            (json!({"voice": ""}), "voice"),
            (json!({"language": "español"}), "language"),
            (json!({"speed": 0.24}), "speed"),
            (json!({"speed": 1.51}), "speed"),
            (json!({"speed": -1}), "speed"),
            (tool(json!({"type": "function", "name": "a b"})), "tools[1].name"),
            (tool(json!({"type": "function", "name": "ñ"})), "tools[1].name"),
            (tool(json!({"type": "function", "name": ""})), "tools[1].name"),
            (tool(json!({"type": "function", "name": "good"})), "tools[1].name"),
            (tool(json!({"type": "function", "name": "x".repeat(65)})), "tools[1].name"),
            (tool(json!({"type": "function", "name": "f", "parameters": {}})), "tools[1].parameters"),
            (
                tool(json!({"type": "function", "name": "f", "parameters": {"type": "string"}})),
                "tools[1].parameters",
            ),
            (tool(json!({"type": "function", "name": "f", "description": "é".repeat(4096)})), "tools[1]"),
            (
                tool(json!({"type": "mcp", "server_label": "good", "server_url": "https://a.example"})),
                "tools[1].server_label",
            ),
            (server("http://mcp.example"), "tools[1].server_url"),
            (server("https://"), "tools[1].server_url"),
            (server("https://ana:word@mcp.example"), "tools[1].server_url"),
            (server("https://mcp.example/?key=secret"), "tools[1].server_url"),
            (server("https://mcp.example/#secret"), "tools[1].server_url"),
            (server(&format!("https://mcp.example/{}", "x".repeat(2048))), "tools[1].server_url"),
            (listing(json!([])), "tools[1].allowed_tools"),
            (listing(json!([""])), "tools[1].allowed_tools"),
            (listing(json!(["a", "a"])), "tools[1].allowed_tools"),
            (listing(json!(["a b"])), "tools[1].allowed_tools"),
            (listing(json!(["x".repeat(129)])), "tools[1].allowed_tools"),
        ] {
            let refusal = read(settings.clone()).unwrap_err();
            assert_eq!(refusal.param, param, "{settings}");
            assert!(!refusal.to_string().contains("secret"), "{refusal}");
        }
    }
}
