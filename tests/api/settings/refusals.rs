//! What is refused, and by which name.

use ephemint_test_support::{Person, Setup, TestApp, on_both_stores, on_sqlite, send};
use reqwest::Method;
use serde_json::{Value, json};

use super::{SETTINGS, ana, delete, get, preview, put, set, setup};

on_sqlite!(what_is_refused_is_named, setup(), be_refused);

async fn be_refused(app: &TestApp) {
    let function = |name: &str| json!({"type": "function", "name": name});
    let tool = |tool: Value| json!({"tools": [tool]});
    let server = |more: Value| {
        let mut server = json!({"type": "mcp", "server_label": "s", "server_url": "https://mcp.example"});
        more.as_object().unwrap().iter().for_each(|(name, value)| server[name] = value.clone());
        tool(server)
    };
    let invalid = [
        (json!([]), ""),
        (json!("voice"), ""),
        (json!({"prompt": "x"}), "prompt"),
        (json!({"system_prompt": 5}), "system_prompt"),
        (json!({"voice": ""}), "voice"),
        (json!({"voice": ["cedar"]}), "voice"),
        (json!({"language": "?"}), "language"),
        (json!({"language": "x".repeat(36)}), "language"),
        (json!({"speed": "1"}), "speed"),
        (json!({"speed": 0.249}), "speed"),
        (json!({"speed": 1.501}), "speed"),
        (json!({"speed": 1e300}), "speed"),
        (json!({"tools": {}}), "tools"),
        (json!({"tools": [5]}), "tools[0]"),
        (json!({"tools": [["function", "x"]]}), "tools[0]"),
        (tool(json!({"name": "x"})), "tools[0]"),
        (tool(json!({"type": "web_search"})), "tools[0].type"),
        (tool(json!({"type": "function", "name": "x", "strict": true})), "tools[0]"),
        (tool(function("a b")), "tools[0].name"),
        (tool(function(&"x".repeat(65))), "tools[0].name"),
        (json!({"tools": [function("a"), function("b"), function("a")]}), "tools[2].name"),
        (
            tool(json!({"type": "function", "name": "x", "parameters": {"type": "array"}})),
            "tools[0].parameters",
        ),
        (tool(json!({"type": "function", "name": "x", "description": "é".repeat(4100)})), "tools[0]"),
        (server(json!({"authorization": "Bearer canary-of-a-credential"})), "tools[0]"),
        (server(json!({"headers": {"X-Key": "canary-of-a-credential"}})), "tools[0]"),
        (server(json!({"connector_id": "connector_gmail"})), "tools[0]"),
        (
            server(json!({"server_url": "https://u:canary-of-a-credential@mcp.example"})),
            "tools[0].server_url",
        ),
        (
            server(json!({"server_url": "https://mcp.example/?k=canary-of-a-credential"})),
            "tools[0].server_url",
        ),
        (server(json!({"server_url": "http://mcp.example"})), "tools[0].server_url"),
        (server(json!({"server_label": "s s"})), "tools[0].server_label"),
        (server(json!({"allowed_tools": []})), "tools[0].allowed_tools"),
        (server(json!({"require_approval": "sometimes"})), "tools[0]"),
    ];
    let forbidden = [
        (json!({"system_prompt": "ñ".repeat(201)}), "system_prompt"),
        (json!({"greeting": "🦜".repeat(51)}), "greeting"),
        (json!({"voice": "alloy"}), "voice"),
        (json!({"voice": "nova"}), "voice"),
        (json!({"language": "fr"}), "language"),
        (json!({"tools": [function("a"), function("b"), function("c"), function("d")]}), "tools"),
        (tool(function("show_word")), "tools"),
    ];
    for (settings, param) in &invalid {
        expect_refusal(app, settings, (400, "invalid_request".to_owned(), (*param).to_owned())).await;
    }
    for (settings, param) in &forbidden {
        expect_refusal(app, settings, (403, "not_allowed".to_owned(), (*param).to_owned())).await;
    }
    assert_eq!(get(app, &ana()).await.json()["settings"], json!({}));
    assert!(app.simulator.requests().is_empty());
}

/// They are neither kept nor tried; a preview has them one member further down.
async fn expect_refusal(app: &TestApp, settings: &Value, expected: (u16, String, String)) {
    let answer = put(app, &ana(), settings).await;
    assert_eq!(answer.error(), expected, "{settings}: {}", answer.text);
    assert!(!answer.text.contains("canary-of-a-credential"), "{}", answer.text);
    let (status, code, param) = expected;
    let is_about_the_body = answer.text.contains("not what this operation takes");
    let param = match is_about_the_body {
        true if param.is_empty() => "settings".to_owned(),
        true => format!("settings.{param}"),
        false => param,
    };
    let tried = preview(app, &ana(), &json!({"settings": settings})).await;
    assert_eq!(tried.error(), (status, code, param), "{settings}: {}", tried.text);
}

on_sqlite!(sizes_are_told_in_what_they_are_counted_in, setup(), meet_the_sizes);

async fn meet_the_sizes(app: &TestApp) {
    let detail = async |settings: Value| put(app, &ana(), &settings).await.json()["detail"].clone();
    let long = detail(json!({"system_prompt": "🦜".repeat(201)})).await;
    assert_eq!(long, "`system_prompt` has 201 characters; allowed: up to 200.");
    let tool = json!({"type": "function", "name": "x", "description": "é".repeat(4096)});
    let large = detail(json!({"tools": [tool]})).await;
    assert_eq!(large, "The tool takes 8239 bytes as JSON; a tool has 8192 at most.");
    for (prompt, kept) in [
        ("🦜".repeat(200), "🦜".repeat(200)),
        // What is not kept does not count.
        (format!("{}\u{0}\u{202E}\r\n", "ñ".repeat(200)), "ñ".repeat(200)),
        (String::new(), String::new()),
        ("\u{0}\u{7}\u{200B} \n".to_owned(), String::new()),
        ("👨‍👩‍👧 می‌خواهم\t✌️".to_owned(), "👨‍👩‍👧 می‌خواهم ✌️".to_owned()),
    ] {
        let shown = set(app, &ana(), &json!({"system_prompt": prompt})).await;
        assert_eq!(shown["settings"]["system_prompt"].as_str().unwrap_or_default(), kept);
    }
    let whole = put(app, &ana(), &json!({"system_prompt": "x".repeat(70_000)})).await;
    assert_eq!((whole.status, whole.code().as_str()), (413, "too_large"));
}

on_both_stores!(a_schema_of_a_tool_may_have_any_character, setup(), keep_odd_tools);

async fn keep_odd_tools(app: &TestApp) {
    let schema =
        json!({"type": "object", "pattern": "\u{0}\u{1F}\u{FFFF}\"\\", "maximum": 1e308, "x": [null, -0.5]});
    let tool = json!({"type": "function", "name": "odd", "parameters": schema});
    set(app, &ana(), &json!({"tools": [tool]})).await;
    assert_eq!(get(app, &ana()).await.json()["settings"]["tools"], json!([tool]));
    assert_eq!(super::minted(app, &ana(), json!({})).await["tools"][1], tool);
}

on_sqlite!(a_role_that_leaves_nothing_has_no_settings, setup(), set_nothing);

async fn set_nothing(app: &TestApp) {
    let bound = Person::new("bob").as_role("bound");
    for (settings, param) in [
        (json!({"system_prompt": "x"}), "system_prompt"),
        (json!({"greeting": "x"}), "greeting"),
        (json!({"voice": "marin"}), "voice"),
        (json!({"language": "en"}), "language"),
        // Whether they are good is no matter then.
        (json!({"speed": 100}), "speed"),
        (json!({"tools": [{"type": "function", "name": ""}]}), "tools"),
    ] {
        let answer = put(app, &bound, &settings).await;
        assert_eq!(answer.error(), (403, "not_allowed".to_owned(), param.to_owned()));
        let detail = format!("Your role does not let you set `{param}`; you may set: nothing.");
        assert_eq!(answer.json()["detail"], detail);
    }
    set(app, &bound, &json!({})).await;
    let silent = preview(app, &Person::new("sil").as_role("silent"), &json!({})).await;
    assert_eq!(silent.error(), (403, "not_allowed".to_owned(), "session.type".to_owned()));
}

on_sqlite!(the_built_in_policy_leaves_nothing, Setup::default(), set_nothing_at_all);

async fn set_nothing_at_all(app: &TestApp) {
    assert_eq!(put(app, &ana(), &json!({"voice": "marin"})).await.code(), "not_allowed");
    assert_eq!(get(app, &ana()).await.json()["choices"]["settings"], json!([]));
}

on_both_stores!(only_those_who_are_let_in_have_settings, setup(), stay_outside);

async fn stay_outside(app: &TestApp) {
    set(app, &ana(), &json!({"voice": "cedar"})).await;
    let disable = app.admin(Method::PUT, "/v1/admin/users/ana").json(&json!({"disabled": true}));
    assert_eq!(send(disable).await.status, 200);
    for (method, path) in [
        (Method::GET, SETTINGS),
        (Method::PUT, SETTINGS),
        (Method::DELETE, SETTINGS),
        (Method::POST, super::PREVIEW),
    ] {
        let request = || app.request(method.clone(), path).json(&json!({}));
        assert_eq!(send(request()).await.error(), (401, "unauthorized".to_owned(), String::new()));
        let disabled = send(request().bearer_auth(ana().token())).await;
        assert_eq!(disabled.error(), (403, "user_disabled".to_owned(), String::new()), "{method} {path}");
    }
    let enable = app.admin(Method::PUT, "/v1/admin/users/ana").json(&json!({}));
    assert_eq!(send(enable).await.status, 200);
    assert_eq!(get(app, &ana()).await.json()["settings"], json!({"voice": "cedar"}));
    delete(app, &ana()).await;
}

on_sqlite!(parameters_are_strict, setup(), ask_strangely);

async fn ask_strangely(app: &TestApp) {
    let path = format!("{SETTINGS}?rôle=free");
    let answer = send(app.request(Method::GET, &path).bearer_auth(ana().token())).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_request"));
    let none = send(app.request(Method::PUT, SETTINGS).bearer_auth(ana().token())).await;
    assert_eq!((none.status, none.code().as_str()), (400, "invalid_request"));
    let text = app.request(Method::PUT, SETTINGS).bearer_auth(ana().token()).body("{}");
    assert_eq!(send(text).await.code(), "unsupported_media_type");
}
