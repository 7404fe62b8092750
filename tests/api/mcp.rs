//! MCP servers: they come from the policy, what opens them comes from the environment, and nothing of either comes back.

use ephemint::config::{Environment, read_policy_text};
use ephemint_test_support::{
    EmptyDirectory, JWT_SECRET, Person, Setup, TestApp, command, on_both_stores, on_sqlite,
};
use serde_json::{Value, json};

const TOKEN: &str = "token-canary-4be1";
const KEY: &str = "key-canary-77d0";

const POLICY: &str = "
    [defaults]
    default_role = 'reader'
    instructions.en = 'Speak.'
    tools = [
        { name = 'show_word' },
        { type = 'mcp', server_label = 'library', server_url = 'https://mcp-canary.example/sse',
          server_description = 'description-canary', allowed_tools = ['search-canary'], require_approval = 'never',
          authorization_env = 'LIBRARY_TOKEN', headers_env = { X-Key = 'LIBRARY_KEY' } },
        { type = 'mcp', server_label = 'mail', connector_id = 'connector_gmail', authorization_env = 'LIBRARY_TOKEN' },
        { type = 'mcp', server_label = 'open', server_url = 'https://open.example', require_approval = 'always' },
    ]
    [roles.reader]
    [roles.free]
    allow_tools = true
    [roles.writer]
    session_types = ['realtime', 'transcription', 'translation']
";

/// Everything of the servers that nobody in a browser is to see.
const CANARIES: [&str; 6] =
    [TOKEN, KEY, "mcp-canary.example", "description-canary", "search-canary", "connector_gmail"];

fn library() -> Setup {
    Setup::policy(POLICY).set("LIBRARY_TOKEN", TOKEN).set("LIBRARY_KEY", KEY)
}

on_both_stores!(servers_go_upstream_and_never_back, library(), mint_with_servers);

async fn mint_with_servers(app: &TestApp) {
    let answer = app.mint(&Person::new("ana"), json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let expected = json!([
        {"type": "function", "name": "show_word"},
        {"type": "mcp", "server_label": "library", "server_url": "https://mcp-canary.example/sse",
         "server_description": "description-canary", "allowed_tools": ["search-canary"],
         "require_approval": "never", "authorization": TOKEN, "headers": {"X-Key": KEY}},
        {"type": "mcp", "server_label": "mail", "connector_id": "connector_gmail", "authorization": TOKEN},
        {"type": "mcp", "server_label": "open", "server_url": "https://open.example",
         "require_approval": "always"},
    ]);
    assert_eq!(app.sent_upstream()["session"]["tools"], expected);
    expect_silence(&answer.text, &format!("{:?}", answer.headers));
    assert_eq!(answer.json()["session"].get("tools"), None);
    let usage = app.usage(&Person::new("ana")).await;
    expect_silence(&usage.text, "");
    let rows = app.database.texts("SELECT model || role || language FROM mints").await.concat();
    expect_silence(&rows, "");
}

fn expect_silence(one: &str, other: &str) {
    for canary in CANARIES {
        assert!(!one.contains(canary) && !other.contains(canary), "{canary}: {one} {other}");
    }
}

on_sqlite!(other_sessions_have_no_servers, library(), mint_without_servers);

async fn mint_without_servers(app: &TestApp) {
    for kind in ["transcription", "translation"] {
        let writer = Person::new("tea").as_role("writer");
        assert_eq!(app.mint(&writer, json!({"session": {"type": kind}})).await.status, 200);
        expect_silence(&app.sent_upstream().to_string(), "");
    }
}

on_sqlite!(requests_bring_no_servers, library(), bring_servers);

async fn bring_servers(app: &TestApp) {
    let server = json!({"type": "mcp", "server_label": "evil", "server_url": "https://evil.example"});
    let function = json!({"type": "function", "name": "f"});
    let free = Person::new("fran").as_role("free");
    for tools in [
        json!([server]),
        json!([function, server]),
        json!([{"type": "mcp"}]),
        json!([{"type": "mcp", "server_label": "library", "headers": {"a": "b"}}]),
    ] {
        for person in [&free, &Person::new("ana")] {
            let answer = app.mint(person, json!({"session": {"tools": tools}})).await;
            let expected = (403, "not_allowed".to_owned(), "session.tools".to_owned());
            assert_eq!(answer.error(), expected, "{}", answer.text);
            expect_silence(&answer.text, "");
        }
    }
    // Nor can a function pass for one.
    for sly in [
        json!({"type": "function", "name": "f", "server_url": "https://evil.example"}),
        json!({"type": "function", "type ": "mcp", "name": "f"}),
        json!({"type": "MCP", "server_label": "evil"}),
        json!({"type": {"mcp": {}}, "server_label": "evil"}),
    ] {
        let answer = app.mint(&free, json!({"session": {"tools": [sly]}})).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_request"), "{}", answer.text);
        assert!(answer.param().starts_with("session.tools"), "{}", answer.text);
    }
    assert_eq!(app.simulator.requests().len(), 0);
    // Own functions replace the role's tools, servers and all: that is less, not more.
    assert_eq!(app.mint(&free, json!({"session": {"tools": [function]}})).await.status, 200);
    assert_eq!(app.sent_upstream()["session"]["tools"], json!([function]));
}

#[test]
fn credentials_are_looked_up_and_the_services_own_are_not() {
    let directory = EmptyDirectory::create();
    let file = directory.0.join("token");
    std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
    let policy = |name: &str| {
        format!(
            "defaults.default_role = 'r'\ndefaults.instructions.en = 'Speak.'\n[roles.r]\n\
             tools = [{{ type = 'mcp', server_label = 'a', connector_id = 'c', authorization_env = '{name}' }}]"
        )
    };
    let file = file.to_str().unwrap();
    let environment: Environment = [
        ("TOKEN", TOKEN),
        ("IN_FILE_FILE", file),
        ("NOWHERE_FILE", "/nowhere"),
        ("EXAMPLE", "change-me-please"),
        ("BOTH", TOKEN),
        ("BOTH_FILE", file),
        ("OPENAI_API_KEY", "sk-canary"),
        ("JWT_SECRET_FILE", file),
    ]
    .into_iter()
    .collect();
    let read = |name: &str| read_policy_text(&environment, &policy(name));
    for good in ["TOKEN", "IN_FILE"] {
        assert!(read(good).is_ok(), "{good}");
    }
    for (bad, said) in [
        ("UNSET", "UNSET is not set"),
        ("NOWHERE", "NOWHERE_FILE: /nowhere"),
        ("EXAMPLE", "an example value"),
        ("BOTH", "both set"),
        ("OPENAI_API_KEY", "the service's own"),
        ("JWT_SECRET", "the service's own"),
        ("JWT_SECRET_FILE", "the service's own"),
        ("DATABASE_URL", "the service's own"),
    ] {
        let mistakes = read(bad).unwrap_err();
        assert_eq!(mistakes.len(), 1, "{bad}: {mistakes:?}");
        assert_eq!(mistakes[0].at, "roles.r.tools[0].authorization_env");
        assert!(mistakes[0].problem.contains(said), "{bad}: {}", mistakes[0]);
        assert!(!mistakes[0].to_string().contains("canary"), "{}", mistakes[0]);
    }
}

#[test]
fn what_is_shown_to_people_has_no_credentials() {
    let directory = EmptyDirectory::create();
    let file = directory.0.join("policy.toml");
    std::fs::write(&file, POLICY).unwrap();
    let settings = [
        ("POLICY_FILE", file.to_str().unwrap().to_owned()),
        ("LIBRARY_TOKEN", TOKEN.to_owned()),
        ("LIBRARY_KEY", KEY.to_owned()),
        ("JWT_SECRET", JWT_SECRET.to_owned()),
    ];
    for arguments in [&["policy", "show"][..], &["policy", "check"], &["policy", "render"]] {
        let (mut command, _directory) = command(env!("CARGO_BIN_EXE_ephemint"), arguments, &settings);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
        let said = String::from_utf8(said).unwrap();
        assert!(!said.contains(TOKEN) && !said.contains(KEY), "{arguments:?}: {said}");
        if arguments[1] == "render" {
            let body: Value = serde_json::from_str(&said).unwrap();
            assert_eq!(body["session"]["tools"][1]["authorization"], "[redacted]");
            assert_eq!(body["session"]["tools"][1]["headers"], json!({"X-Key": "[redacted]"}));
        }
    }
}
