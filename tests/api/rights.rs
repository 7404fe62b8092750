//! Who gets which role, and what a request may have within it.

use ephemint_test_support::{Answer, Person, Setup, TestApp, on_both_stores, on_sqlite};
use serde_json::{Value, json};

/// The role in the users table (SQL), the role claim, the role asked for; and the role, or none where that is refused.
type Case = (Option<&'static str>, Value, Option<&'static str>, Option<&'static str>);

fn cases() -> Vec<Case> {
    let none = Value::Null;
    vec![
        // Nothing known: the default, or what is free for the asking.
        (None, none.clone(), None, Some("student")),
        (None, none.clone(), Some("student"), Some("student")),
        (None, none.clone(), Some("family"), Some("family")),
        (None, none.clone(), Some("teacher"), None),
        (None, none.clone(), Some("king"), None),
        (None, none.clone(), Some(""), None),
        (None, none.clone(), Some("Student"), None),
        // A claim.
        (None, json!("teacher"), None, Some("teacher")),
        (None, json!("teacher"), Some("teacher"), Some("teacher")),
        (None, json!("teacher"), Some("student"), None),
        (None, json!("family"), Some("student"), None),
        (None, json!(["authenticated", "teacher", "family"]), None, Some("teacher")),
        (None, json!(["authenticated", "teacher", "family"]), Some("family"), None),
        // A claim that the policy does not know is no role.
        (None, json!("authenticated"), None, Some("student")),
        (None, json!("authenticated"), Some("family"), Some("family")),
        (None, json!("authenticated"), Some("teacher"), None),
        (None, json!(["authenticated"]), None, Some("student")),
        (None, json!([]), None, Some("student")),
        (None, json!([7, {"role": "teacher"}]), None, Some("student")),
        (None, json!(7), None, Some("student")),
        (None, json!({"teacher": true}), None, Some("student")),
        (None, json!("Teacher"), None, Some("student")),
        // The users table goes first, and a row without a role says nothing.
        (Some("'teacher'"), none.clone(), None, Some("teacher")),
        (Some("'teacher'"), none.clone(), Some("teacher"), Some("teacher")),
        (Some("'teacher'"), none.clone(), Some("student"), None),
        (Some("'student'"), json!("teacher"), None, Some("student")),
        (Some("'student'"), json!("teacher"), Some("teacher"), None),
        (Some("NULL"), json!("teacher"), None, Some("teacher")),
        (Some("NULL"), none.clone(), Some("family"), Some("family")),
        // A role in the table that the policy does not know is an operator's mistake, and no way to the default.
        (Some("'king'"), none.clone(), None, None),
        (Some("'king'"), json!("teacher"), None, None),
        (Some("'king'"), none.clone(), Some("student"), None),
        (Some("'king'"), none, Some("king"), None),
    ]
}

on_both_stores!(the_table_of_rights, Setup::default(), try_all_rights);

async fn try_all_rights(app: &TestApp) {
    let mut granted = 0;
    for (n, (tabled, claimed, requested, expected)) in cases().into_iter().enumerate() {
        let person = Person::new(&format!("user {n}")).with("app_metadata", json!({"role": claimed.clone()}));
        if let Some(role) = tabled {
            app.database.put_user(&person.user(), role, "NULL", false).await;
        }
        let body = requested.map_or(json!({}), |role| json!({"role": role}));
        let answer = app.mint(&person, body).await;
        let case = format!("{tabled:?}, {claimed}, {requested:?}: {}", answer.text);
        match expected {
            Some(role) => {
                assert_eq!(answer.status, 200, "{case}");
                assert_eq!(answer.json()["role"], role, "{case}");
                granted += 1;
            }
            None => assert_eq!(answer.error(), refused("role_not_allowed", "role"), "{case}"),
        }
    }
    assert_eq!(app.simulator.requests().len(), granted, "no refusal goes upstream");
}

fn refused(code: &str, param: &str) -> (u16, String, String) {
    (403, code.to_owned(), param.to_owned())
}

on_sqlite!(
    the_claim_may_stand_anywhere,
    Setup::default().set("JWT_ROLE_CLAIM", "/https:~1~1school.example~1roles"),
    claim_elsewhere
);

async fn claim_elsewhere(app: &TestApp) {
    let person =
        Person::new("ana").as_role("family").with("https://school.example/roles", json!(["x", "teacher"]));
    assert_eq!(app.mint(&person, json!({})).await.json()["role"], "teacher");
}

on_both_stores!(who_is_disabled_gets_nothing, Setup::default(), disable_and_enable);

async fn disable_and_enable(app: &TestApp) {
    let ana = Person::new("ana").as_role("teacher");
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    for (n, remaining) in [8, 7].into_iter().enumerate() {
        // Whatever else the row says, and although mints went before.
        let role = ["NULL", "'teacher'"][n];
        app.database.put_user(&ana.user(), role, "NULL", true).await;
        assert_eq!(app.mint(&ana, json!({})).await.error(), refused("user_disabled", ""));
        assert_eq!(app.mint(&ana, json!({"role": "family"})).await.error(), refused("user_disabled", ""));
        assert_eq!(app.usage(&ana).await.error(), refused("user_disabled", ""));
        app.database.put_user(&ana.user(), role, "NULL", false).await;
        assert_eq!(remaining_after_a_mint(app, &ana).await, remaining);
    }
    app.database.put_user(&ana.user(), "NULL", "NULL", true).await;
    app.database.execute("DELETE FROM users").await;
    assert_eq!(remaining_after_a_mint(app, &ana).await, 6, "without a row nobody is disabled");
    assert_eq!(app.simulator.requests().len(), 4);
}

async fn remaining_after_a_mint(app: &TestApp, person: &Person) -> u64 {
    let answer = app.mint(person, json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["rate_limit"]["remaining"].as_u64().unwrap()
}

on_both_stores!(a_change_of_role_holds_at_once, Setup::default(), change_the_role);

async fn change_the_role(app: &TestApp) {
    let ana = Person::new("ana");
    let set = async |role: &str| app.database.put_user(&ana.user(), role, "NULL", false).await;
    assert_eq!(role_of(&app.mint(&ana, json!({})).await), "student");
    // Up and down, without being asked for.
    for role in ["teacher", "family", "teacher", "student"] {
        set(&format!("'{role}'")).await;
        assert_eq!(role_of(&app.mint(&ana, json!({})).await), role);
    }
    // And asked for: refused as long as the other one holds, given from the moment it does.
    let ask = async |role: &str| app.mint(&ana, json!({"role": role})).await;
    assert_eq!(ask("teacher").await.error(), refused("role_not_allowed", "role"));
    set("'teacher'").await;
    assert_eq!(role_of(&ask("teacher").await), "teacher");
    set("'student'").await;
    assert_eq!(ask("teacher").await.error(), refused("role_not_allowed", "role"));
    // Away with the row.
    app.database.execute("DELETE FROM users").await;
    assert_eq!(role_of(&ask("family").await), "family");
    // What was handed out as a teacher is a teacher's.
    app.expect_outcomes(&["issued"; 7]).await;
    let teachers = "SELECT count(*) FROM mints WHERE role = 'teacher'";
    assert_eq!(app.database.texts(teachers).await, ["3"]);
}

fn role_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["role"].as_str().unwrap().to_owned()
}

const UNLIKE_LIMITS: &str = "
    [defaults]
    default_role = 'little'
    instructions.en = 'Speak.'
    [roles.little]
    hourly_tokens = 1
    [roles.much]
    hourly_tokens = 3
";

on_both_stores!(the_limit_goes_with_the_role, Setup::policy(UNLIKE_LIMITS), change_the_limit);

async fn change_the_limit(app: &TestApp) {
    let ana = Person::new("ana");
    assert_eq!(remaining_after_a_mint(app, &ana).await, 0);
    assert_eq!(app.mint(&ana, json!({})).await.status, 429);
    app.database.put_user(&ana.user(), "'much'", "NULL", false).await;
    assert_eq!(remaining_after_a_mint(app, &ana).await, 1);
    app.database.put_user(&ana.user(), "'little'", "NULL", false).await;
    assert_eq!(app.mint(&ana, json!({})).await.status, 429);
    app.database.put_user(&ana.user(), "'much'", "NULL", false).await;
    assert_eq!(remaining_after_a_mint(app, &ana).await, 0);
}

on_sqlite!(less_than_the_role_has_is_granted, Setup::default(), narrow);

async fn narrow(app: &TestApp) {
    for body in [
        json!({"session": {"type": "realtime"}}),
        json!({"session": {"model": "gpt-realtime-2.1-mini"}}),
        json!({"session": {"model": "gpt-realtime-2.1"}}),
        json!({"session": {"audio": {"output": {"voice": "marin"}}}}),
        json!({"session": {"audio": {"output": {"voice": "cedar"}}}}),
        json!({"session": {"output_modalities": ["audio"]}}),
        json!({"session": {"output_modalities": ["text"]}}),
        json!({"expires_after": {"seconds": 10}}),
        json!({"expires_after": {"seconds": 60}}),
    ] {
        let answer = app.mint(&Person::new("ana"), body.clone()).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text);
    }
}

on_sqlite!(more_than_the_role_has_is_refused, Setup::default(), widen);

async fn widen(app: &TestApp) {
    let ana = Person::new("ana");
    let tool = json!({"type": "function", "name": "show_word"});
    for (body, param) in [
        (json!({"session": {"model": "gpt-realtime-2"}}), "session.model"),
        (json!({"session": {"model": "no-such-model"}}), "session.model"),
        (json!({"session": {"model": ""}}), "session.model"),
        (json!({"session": {"model": "GPT-realtime-2.1"}}), "session.model"),
        (json!({"session": {"audio": {"output": {"voice": "alloy"}}}}), "session.audio.output.voice"),
        (json!({"session": {"audio": {"output": {"voice": "marin "}}}}), "session.audio.output.voice"),
        (json!({"session": {"type": "transcription"}}), "session.type"),
        (json!({"session": {"type": "translation"}}), "session.type"),
        (json!({"session": {"instructions": "Be a pirate."}}), "session.instructions"),
        (json!({"session": {"instructions": ""}}), "session.instructions"),
        (json!({"session": {"tools": [tool]}}), "session.tools"),
        (json!({"session": {"tools": []}}), "session.tools"),
        (json!({"expires_after": {"seconds": 61}}), "expires_after.seconds"),
        (json!({"expires_after": {"seconds": 7200}}), "expires_after.seconds"),
    ] {
        let answer = app.mint(&ana, body.clone()).await;
        assert_eq!(answer.error(), refused("not_allowed", param), "{body}: {}", answer.text);
    }
    assert_eq!(app.simulator.requests().len(), 0, "nothing of it goes upstream");
    assert_eq!(remaining_after_a_mint(app, &ana).await, 9, "nor costs anything");
}

const TEXT_ONLY: &str = "
    defaults.default_role = 'reader'
    defaults.instructions.en = 'Write.'
    roles.reader.output_modalities = ['text']
";

on_sqlite!(sound_is_more_than_text, Setup::policy(TEXT_ONLY), ask_for_sound);

async fn ask_for_sound(app: &TestApp) {
    let ask = async |modality: &str| {
        let body = json!({"session": {"output_modalities": [modality]}});
        app.mint(&Person::new("ana"), body).await
    };
    assert_eq!(ask("audio").await.error(), refused("not_allowed", "session.output_modalities"));
    assert_eq!(ask("text").await.status, 200);
}

const GENEROUS: &str = "
    [defaults]
    default_role = 'free'
    instructions.en = 'The role speaks.'
    tools = [{ name = 'of_the_role' }]
    [roles.free]
    allow_instructions = true
    allow_tools = true
    [roles.words]
    allow_instructions = true
    [roles.hands]
    allow_tools = true
";

on_sqlite!(what_a_role_leaves_to_requests_goes_upstream, Setup::policy(GENEROUS), bring_own_words_and_tools);

async fn bring_own_words_and_tools(app: &TestApp) {
    let words = "Be a pirate.\nSay {{ name }}.";
    let tools = json!([
        {"type": "function", "name": "show_word", "description": "Shows a word",
         "parameters": {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}},
        {"type": "function", "name": "bare"},
    ]);
    let own_tools = json!([{"type": "function", "name": "of_the_role"}]);
    let both = json!({"session": {"instructions": words, "tools": tools}});
    let answer = app.mint(&Person::new("ana"), both.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(!answer.text.contains("pirate") && !answer.text.contains("show_word"), "{}", answer.text);
    assert_eq!(sent(app), (json!(words), tools));

    app.mint(&Person::new("ana"), json!({"session": {"tools": []}})).await;
    assert_eq!(sent(app), (json!("The role speaks."), Value::Null));
    app.mint(&Person::new("ana"), json!({})).await;
    assert_eq!(sent(app), (json!("The role speaks."), own_tools));

    let words_only = app.mint(&Person::new("bo").as_role("words"), both.clone()).await;
    assert_eq!(words_only.error(), refused("not_allowed", "session.tools"));
    let tools_only = app.mint(&Person::new("cy").as_role("hands"), both).await;
    assert_eq!(tools_only.error(), refused("not_allowed", "session.instructions"));
}

/// The instructions and tools that last went upstream.
fn sent(app: &TestApp) -> (Value, Value) {
    let session = &app.sent_upstream()["session"];
    (session["instructions"].clone(), session["tools"].clone())
}

on_sqlite!(own_words_and_tools_have_their_bounds, Setup::policy(GENEROUS), bring_too_much);

async fn bring_too_much(app: &TestApp) {
    let tool = |name: &str| json!({"type": "function", "name": name});
    for (session, param) in [
        (json!({"instructions": "é".repeat(16_001)}), "session.instructions"),
        (json!({"tools": [tool("a b")]}), "session.tools"),
        (json!({"tools": [tool("")]}), "session.tools"),
        (json!({"tools": [tool("a"), tool("a")]}), "session.tools"),
        (json!({"tools": vec![tool("a"); 129]}), "session.tools"),
    ] {
        let answer = app.mint(&Person::new("ana"), json!({"session": session})).await;
        assert_eq!(answer.error(), refused("not_allowed", param), "{}", answer.text);
    }
    let most: Vec<Value> = (0..128).map(|n| tool(&format!("t{n}"))).collect();
    let session = json!({"instructions": "é".repeat(16_000), "tools": most});
    let answer = app.mint(&Person::new("ana"), json!({"session": session})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}
