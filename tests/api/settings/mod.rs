//! What users set for their own conversations.

mod broken;
mod effect;
mod fuzz;
mod isolation;
mod refusals;
mod replicas;

use ephemint_test_support::{Answer, Person, Setup, TestApp, send};
use reqwest::Method;
use serde_json::{Value, json};

/// Where users keep their settings.
const SETTINGS: &str = "/v1/me/settings";

const PREVIEW: &str = "/v1/me/settings/preview";

/// A role that leaves everything to its users, one that leaves some, and one that leaves nothing.
const POLICY: &str = "
    [defaults]
    default_role = 'free'
    hourly_tokens = 1000
    instructions.en = 'Canary of the operator{% if name %}, for {{ name }}{% endif %}.'
    instructions.es = 'Canario del operador.'
    allowed_voices = ['cedar']
    tools = [{ name = 'show_word', description = 'Canary of a tool' }]
    transcription = { model = 'gpt-transcribe', prompt = 'Canary of a spelling' }
    max_system_prompt_chars = 200
    max_greeting_chars = 50
    max_user_tools = 3
    [roles.free]
    user_may_set = ['system_prompt', 'greeting', 'voice', 'language', 'speed', 'tools', 'mcp_tools']
    session_types = ['realtime', 'transcription', 'translation']
    [roles.some]
    self_assignable = true
    user_may_set = ['voice', 'language', 'tools']
    [roles.bound]
    self_assignable = true
    allowed_voices = []
    [roles.silent]
    session_types = ['transcription']
";

fn setup() -> Setup {
    Setup::policy(POLICY).with_operator()
}

fn ana() -> Person {
    Person::new("ana").named("Ana")
}

/// Something of every kind.
fn everything() -> Value {
    json!({
        "system_prompt": "Speak as slowly as you can.\nWait for me.",
        "greeting": "Begin with a riddle.",
        "voice": "cedar",
        "language": "es-MX",
        "speed": 0.75,
        "tools": [
            {"type": "function", "name": "turn_page", "description": "Turns it", "parameters": {"type": "object"}},
            {"type": "mcp", "server_label": "weather", "server_url": "https://mcp.example/sse",
             "server_description": "Says it", "allowed_tools": ["now"], "require_approval": "never"},
        ],
    })
}

async fn get(app: &TestApp, person: &Person) -> Answer {
    send(app.request(Method::GET, SETTINGS).bearer_auth(person.token())).await
}

async fn put(app: &TestApp, person: &Person, settings: &Value) -> Answer {
    send(app.request(Method::PUT, SETTINGS).bearer_auth(person.token()).json(settings)).await
}

/// Sets what has to be good.
async fn set(app: &TestApp, person: &Person, settings: &Value) -> Value {
    let answer = put(app, person, settings).await;
    assert_eq!(answer.status, 200, "{settings}: {}", answer.text);
    answer.json()
}

async fn delete(app: &TestApp, person: &Person) {
    let answer = send(app.request(Method::DELETE, SETTINGS).bearer_auth(person.token())).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
}

async fn preview(app: &TestApp, person: &Person, body: &Value) -> Answer {
    send(app.request(Method::POST, PREVIEW).bearer_auth(person.token()).json(body)).await
}

/// The session that somebody gets who asks for this.
async fn minted(app: &TestApp, person: &Person, body: Value) -> Value {
    let answer = app.mint(person, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    app.sent_upstream()["session"].take()
}

/// The names of a session's tools.
fn tools(session: &Value) -> Vec<&str> {
    let tools = session["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
    tools.iter().filter_map(|tool| tool["name"].as_str().or(tool["server_label"].as_str())).collect()
}
