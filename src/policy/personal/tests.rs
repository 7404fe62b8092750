//! What a role allows of its users' settings, and what becomes of them in a session.

use serde_json::{Value, json};

use super::super::{Asked, AskedRealtime, AskedSession, Policy};
use super::*;
use crate::kernel::session::{Function, Session};

const POLICY: &str = "
    [defaults]
    default_role = 'free'
    instructions.en = 'Rules.'
    instructions.es = 'Reglas.'
    allowed_voices = ['cedar']
    tools = [{ name = 'theirs' }]
    transcription = { model = 'gpt-transcribe', prompt = 'Quijote' }
    max_system_prompt_chars = 10
    max_greeting_chars = 5
    max_user_tools = 2
    [roles.bound]
    [roles.free]
    user_may_set = ['system_prompt', 'greeting', 'voice', 'language', 'speed', 'tools', 'mcp_tools']
    allow_instructions = true
    allow_tools = true
    [roles.simple]
    user_may_set = ['voice', 'tools']";

fn settings(settings: Value) -> PersonalSettings {
    well_formed(serde_json::from_value(settings).unwrap()).unwrap()
}

fn everything() -> PersonalSettings {
    settings(json!({
        "system_prompt": "Be slow.",
        "greeting": "Hola.",
        "voice": "cedar",
        "language": "es-MX",
        "speed": 0.5,
        "tools": [
            {"type": "function", "name": "own"},
            {"type": "mcp", "server_label": "open", "server_url": "https://mcp.example"},
        ],
    }))
}

fn role(policy: &Policy, name: &str) -> Vec<String> {
    let refusals = policy.find(name).unwrap().refusals(&everything());
    refusals.iter().map(|(_, refusal)| refusal.to_string()).collect()
}

fn session(name: &str, asked: AskedRealtime, settings: &PersonalSettings) -> RealtimeSession {
    let policy = Policy::load(POLICY).unwrap();
    let asked = Asked { session: AskedSession::Realtime(asked), ttl_seconds: None };
    match policy.find(name).unwrap().grant_with("en", None, &asked, settings).unwrap().session {
        Session::Realtime(session) => session,
        other => panic!("{other:?}"),
    }
}

fn names(session: &RealtimeSession) -> Vec<&str> {
    session.tools.iter().map(Tool::name).collect()
}

#[test]
fn a_role_lets_its_users_set_what_it_names() {
    let policy = Policy::load(POLICY).unwrap();
    assert_eq!(role(&policy, "free"), [""; 0]);
    let refused = role(&policy, "bound");
    assert_eq!(refused.len(), 6, "{refused:#?}");
    assert_eq!(refused[0], "your role does not let you set `system_prompt`; you may set: nothing");
    let refused = role(&policy, "simple");
    assert_eq!(refused.len(), 5, "{refused:#?}");
    assert_eq!(refused[1], "your role does not let you set `greeting`; you may set: voice, tools");
    assert_eq!(refused[4], "your role has functions only; leave the MCP server `open` out");
}

#[test]
fn what_is_set_stays_within_the_role() {
    let policy = Policy::load(POLICY).unwrap();
    let tool = |name: &str| json!({"type": "function", "name": name});
    for (own, param, reason) in [
        (
            json!({"system_prompt": "ñ".repeat(11)}),
            "system_prompt",
            "`system_prompt` has 11 characters; allowed: up to 10",
        ),
        (json!({"greeting": "123456"}), "greeting", "`greeting` has 6 characters; allowed: up to 5"),
        (json!({"voice": "nova"}), "voice", "voice `nova` is not allowed; allowed: marin, cedar"),
        (json!({"language": "fr"}), "language", "language `fr` is not allowed; allowed: en, es"),
        (
            json!({"tools": [tool("a"), tool("b"), tool("c")]}),
            "tools",
            "3 tools are not allowed; allowed: up to 2",
        ),
        (
            json!({"tools": [tool("theirs")]}),
            "tools",
            "your role has a tool `theirs` already; give yours another name",
        ),
    ] {
        let refusals = policy.find("free").unwrap().refusals(&settings(own));
        let [(_, refusal)] = refusals.as_slice() else { panic!("{refusals:?}") };
        assert_eq!((refusal.param, refusal.to_string().as_str()), (param, reason));
    }
    let brim =
        json!({"system_prompt": "ñ".repeat(10), "greeting": "12345", "voice": "marin", "language": "EN-gb"});
    assert!(policy.find("free").unwrap().refusals(&settings(brim)).is_empty());
}

#[test]
fn what_is_in_force_is_in_the_session() {
    let free = session("free", AskedRealtime::default(), &everything());
    assert_eq!((free.voice.as_str(), free.speed), ("cedar", Some(0.5)));
    assert_eq!(names(&free), ["theirs", "own", "open"]);
    assert!(free.instructions.starts_with("Rules.\n\n"), "{}", free.instructions);
    assert!(free.instructions.contains("Be slow.") && free.instructions.contains("Hola."));

    let bound = session("bound", AskedRealtime::default(), &everything());
    assert_eq!((bound.voice.as_str(), bound.speed, names(&bound)), ("marin", None, vec!["theirs"]));
    assert_eq!(bound.instructions, "Rules.");

    // One setting that is not allowed takes no other with it.
    let simple = session("simple", AskedRealtime::default(), &everything());
    assert_eq!((simple.voice.as_str(), simple.speed, names(&simple)), ("cedar", None, vec!["theirs"]));
    assert_eq!(simple.instructions, "Rules.");
}

#[test]
fn a_request_goes_before_settings() {
    let own = Function { name: "asked".to_owned(), description: None, parameters: None };
    let asked = AskedRealtime {
        voice: Some("marin".to_owned()),
        instructions: Some("Asked.".to_owned()),
        tools: Some(vec![own]),
        ..AskedRealtime::default()
    };
    let session = session("free", asked, &everything());
    assert_eq!((session.voice.as_str(), names(&session)), ("marin", vec!["asked"]));
    assert!(session.instructions.starts_with("Asked.\n\n") && session.instructions.contains("Be slow."));
}

#[test]
fn a_language_is_taken_where_the_role_lets_it() {
    let policy = Policy::load(POLICY).unwrap();
    let language = |name: &str| policy.find(name).unwrap().language_of(&everything()).map(str::to_owned);
    assert_eq!([language("free"), language("simple")], [Some("es-MX".to_owned()), None]);
}

#[test]
fn a_preview_has_nothing_of_the_operators() {
    let policy = Policy::load(POLICY).unwrap();
    let Session::Realtime(session) =
        policy.find("free").unwrap().preview("[rules]", &everything()).unwrap().session
    else {
        panic!("no conversation")
    };
    assert!(session.instructions.starts_with("[rules]\n\n") && session.instructions.contains("Be slow."));
    assert_eq!(names(&session), ["own", "open"]);
    assert_eq!(session.transcription.unwrap().prompt.as_deref(), Some("[rules]"));
}

#[test]
fn settings_stay_out_of_debug_output() {
    let said = format!("{:?} {:?}", everything(), everything().tools);
    assert!(!said.contains("slow") && !said.contains("own"), "{said}");
}

#[test]
fn settings_are_read_as_they_were_written() {
    let all = everything();
    let written = serde_json::to_string(&all).unwrap();
    assert_eq!(serde_json::from_str::<PersonalSettings>(&written).unwrap(), all);
    let newer = r#"{"voice": "cedar", "temper": "mild"}"#;
    assert_eq!(serde_json::from_str::<PersonalSettings>(newer).unwrap().voice.as_deref(), Some("cedar"));
}
