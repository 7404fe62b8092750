//! The members of bodies: what the service takes and answers, and what `openapi.yaml` says of that.

use std::collections::BTreeSet;

use ephemint_test_support::{OLDER, Person, Setup, StoreKind, TestApp, send};
use reqwest::Method;
use serde_json::{Value, json};

use crate::compare::expect_same;
use crate::openapi;

/// The members that a schema has, as paths: `session.audio.output.voice`, `recent[].role`.
fn documented(schema: &str) -> BTreeSet<String> {
    let document = openapi::document();
    let mut found = BTreeSet::new();
    walk(&document, &document["components"]["schemas"][schema], "", &mut found);
    found
}

fn walk(document: &Value, schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    let schema = openapi::resolve(document, schema);
    for choice in schema["oneOf"].as_array().into_iter().flatten() {
        walk(document, choice, path, found);
    }
    if schema.get("items").is_some() {
        walk(document, &schema["items"], &format!("{path}[]"), found);
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let path = below(path, name);
        walk(document, member, &path, found);
        found.insert(path);
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The members that a body has, as paths.
fn members(body: &Value, path: &str, found: &mut BTreeSet<String>) {
    for item in body.as_array().into_iter().flatten() {
        members(item, &format!("{path}[]"), found);
    }
    for (name, member) in body.as_object().into_iter().flatten() {
        let path = below(path, name);
        members(member, &path, found);
        found.insert(path);
    }
}

/// `bodies` are all the forms that this schema has.
fn expect_documented(schema: &str, bodies: &[Value]) {
    let mut answered = BTreeSet::new();
    for body in bodies {
        members(body, "", &mut answered);
    }
    let mend = format!("mend components.schemas.{schema} in openapi.yaml, or the answer:");
    expect_same(("the answer", &answered), ("openapi.yaml", &documented(schema)), &mend);
}

const EVERY_SESSION: &str = "
    defaults.default_role = 'r'
    defaults.instructions.en = 'Speak.'
    roles.r.user_may_set = ['system_prompt', 'greeting', 'voice', 'language', 'speed', 'tools', 'mcp_tools']
    roles.r.session_types = ['realtime', 'transcription', 'translation']
    roles.r.max_call_seconds = 900
    roles.r.transcription_session.language = 'es'
    roles.teacher = {}
    alerts = [{ name = 'often', kind = 'rapid_minting', over = 2, window = 60 }]
";

#[tokio::test]
async fn answers_have_the_members_that_are_documented() {
    let app = TestApp::start(StoreKind::Sqlite, Setup::policy(EVERY_SESSION).with_operator()).await;
    let ana = Person::new("ana");
    let mut secrets = Vec::new();
    for kind in ["realtime", "transcription", "translation"] {
        secrets.push(app.mint(&ana, json!({"session": {"type": kind}})).await.json());
    }
    expect_documented("ClientSecret", &secrets);
    let older = app.request(Method::POST, OLDER).bearer_auth(ana.token());
    expect_documented("OlderToken", &[send(older).await.json()]);
    expect_documented("OlderError", &[send(app.request(Method::POST, OLDER)).await.json()]);
    expect_documented("Usage", &[app.usage(&ana).await.json()]);
    users_see_what_is_documented(&app, &ana).await;
    operators_see_what_is_documented(&app).await;
    let mut report = app.report("summary").await.json();
    // What rows have is told by `columns`.
    report["rows"] = json!([]);
    expect_documented("Report", &[report]);
    expect_documented("Problem", &[app.mint(&ana, json!({"language": "?"})).await.json()]);
    app.stop().await;
}

/// Of a tool they see what they have written.
async fn users_see_what_is_documented(app: &TestApp, ana: &Person) {
    let request = |method, path: &str, body: &Value| {
        send(app.request(method, &format!("/v1/me/settings{path}")).bearer_auth(ana.token()).json(body))
    };
    let everything = json!({
        "system_prompt": "Slowly.", "greeting": "Hello.", "voice": "marin", "language": "en", "speed": 1.5,
        "tools": [
            {"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}},
            {"type": "mcp", "server_label": "s", "server_url": "https://mcp.example", "server_description": "d",
             "allowed_tools": ["t"], "require_approval": "never"},
        ],
    });
    let set = request(Method::PUT, "", &everything).await.json();
    // Decided by an operator, the role allows nothing more.
    let decided = app.admin(Method::PUT, "/v1/admin/users/ana").json(&json!({"role": "teacher"}));
    assert_eq!(send(decided).await.status, 200);
    let shown = [set, request(Method::GET, "", &Value::Null).await.json()];
    expect_documented("ShownSettings", &shown);
    let mut preview = request(Method::POST, "/preview", &json!({})).await.json();
    preview["request"] = json!({});
    expect_documented("Preview", &[preview]);
}

#[tokio::test]
async fn settings_may_have_the_members_that_are_documented() {
    let app = TestApp::start(StoreKind::Sqlite, Setup::default()).await;
    let odd = |body: &Value| {
        let put = app.request(Method::PUT, "/v1/me/settings").bearer_auth(Person::new("ana").token());
        send(put.json(body))
    };
    let mut taken = named_in(odd(&json!({"no_such_member": 0})).await.json()["detail"].as_str().unwrap());
    // What is below is a JSON Schema's.
    taken.insert("tools[].parameters.type".to_owned());
    for kind in ["function", "mcp"] {
        let tool = json!({"tools": [{"type": kind, "no_such_member": 0}]});
        let members = named_in(odd(&tool).await.json()["detail"].as_str().unwrap());
        taken.extend(members.iter().map(|name| below("tools[]", name)));
        taken.insert("tools[].type".to_owned());
    }
    let mend = "mend components.schemas.Settings in openapi.yaml, or the request:";
    expect_same(("the service", &taken), ("openapi.yaml", &documented("Settings")), mend);

    let tried = app.request(Method::POST, "/v1/me/settings/preview").bearer_auth(Person::new("ana").token());
    let tried = send(tried.json(&json!({"no_such_member": 0}))).await;
    let mut documented = documented("PreviewRequest");
    documented.retain(|member| !member.contains('.'));
    let taken = named_in(tried.json()["detail"].as_str().unwrap());
    expect_same(("the service", &taken), ("openapi.yaml", &documented), mend);
    app.stop().await;
}

async fn operators_see_what_is_documented(app: &TestApp) {
    let decided = json!({"role": "teacher", "hourly_limit": 7, "hourly_limit_until": "2026-12-01T00:00:00Z"});
    let put = app.admin(Method::PUT, "/v1/admin/users/ana").json(&decided);
    expect_documented("User", &[send(put).await.json()]);
    // The rule raises one as soon as it is looked at.
    app.advance(30);
    app.expect_texts("SELECT count(*) FROM alerts", &["1"]).await;
    expect_documented("Budget", &[send(app.admin(Method::GET, "/v1/admin/budget")).await.json()]);
    let pages = [("Alerts", "alerts"), ("Users", "users"), ("Mints", "mints"), ("Audit", "audit")];
    for (schema, path) in pages {
        let page = send(app.admin(Method::GET, &format!("/v1/admin/{path}"))).await.json();
        let mut documented = documented(schema);
        // What was decided is of many forms.
        documented.extend(
            ["role", "has_display_name", "disabled", "hourly_limit", "hourly_limit_until", "set"]
                .iter()
                .filter(|_| schema == "Audit")
                .map(|name| format!("audit[].detail.{name}")),
        );
        let mut answered = BTreeSet::from(
            ["pseudonym", "issuer", "user_id"].map(|name| format!("audit[].actor_user.{name}")),
        );
        answered.retain(|_| schema == "Audit");
        members(&page, "", &mut answered);
        let mend = format!("mend components.schemas.{schema} in openapi.yaml, or the answer:");
        expect_same(("the answer", &answered), ("openapi.yaml", &documented), &mend);
    }
}

/// Where the request has an object.
const OBJECTS: [&str; 8] = [
    "",
    "session",
    "session.audio",
    "session.audio.input",
    "session.audio.input.transcription",
    "session.audio.output",
    "session.tools[]",
    "expires_after",
];

/// A body that has nothing but this value at this place.
fn at(path: &str, value: Value) -> Value {
    path.split('.').rev().filter(|step| !step.is_empty()).fold(value, |inner, step| {
        match step.strip_suffix("[]") {
            Some(name) => json!({ name: [inner] }),
            None => json!({ step: inner }),
        }
    })
}

#[tokio::test]
async fn requests_may_have_the_members_that_are_documented() {
    let app = TestApp::start(StoreKind::Sqlite, Setup::default()).await;
    let mut taken = BTreeSet::new();
    for path in OBJECTS {
        let mut odd = json!({"no_such_member": 0});
        if path == "session.tools[]" {
            // The type is looked at first.
            odd["type"] = "function".into();
            taken.insert(below(path, "type"));
        }
        taken.extend(known_beside(&app, &at(path, odd)).await.iter().map(|name| below(path, name)));
    }
    let mend = "mend components.schemas.ClientSecretRequest in openapi.yaml, or the request; an object that is new in the \
                request goes into OBJECTS in tests/contract/bodies.rs:";
    expect_same(("the service", &taken), ("openapi.yaml", &documented("ClientSecretRequest")), mend);
    app.stop().await;
}

#[tokio::test]
async fn older_requests_may_have_the_members_that_are_documented() {
    let app = TestApp::start(StoreKind::Sqlite, Setup::default()).await;
    let request = app.request(Method::POST, OLDER).bearer_auth(Person::new("ana").token());
    let answer = send(request.json(&json!({"no_such_member": 0}))).await;
    let taken = named_in(answer.json()["error"].as_str().unwrap());
    let mend = "mend components.schemas.OlderRequest in openapi.yaml, or the request:";
    expect_same(("the service", &taken), ("openapi.yaml", &documented("OlderRequest")), mend);
    app.stop().await;
}

#[tokio::test]
async fn decisions_may_have_the_members_that_are_documented() {
    let app = TestApp::start(StoreKind::Sqlite, Setup::default().with_operator()).await;
    let put = app.admin(Method::PUT, "/v1/admin/users/ana").json(&json!({"no_such_member": 0}));
    let taken = named_in(send(put).await.json()["detail"].as_str().unwrap());
    let mend = "mend components.schemas.UserDecision in openapi.yaml, or the request:";
    expect_same(("the service", &taken), ("openapi.yaml", &documented("UserDecision")), mend);
    app.stop().await;
}

/// The members that a refusal names instead of the odd one.
async fn known_beside(app: &TestApp, body: &Value) -> BTreeSet<String> {
    let request =
        app.request(Method::POST, "/v1/realtime/client_secrets").bearer_auth(Person::new("ana").token());
    let answer = send(request.json(body)).await;
    assert_eq!(answer.status, 400, "a member that is not known was taken: {body}");
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    named_in(&detail)
}

/// The members that a sentence lists as expected.
fn named_in(detail: &str) -> BTreeSet<String> {
    let (_, expected) = detail.split_once("expected").unwrap_or_else(|| panic!("no list: {detail}"));
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
