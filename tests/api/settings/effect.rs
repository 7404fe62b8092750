//! What is set is kept, shown, tried, and in force with the next mint.

use ephemint_test_support::{Person, TestApp, on_both_stores, on_sqlite, send};
use reqwest::Method;
use serde_json::{Value, json};

use super::{ana, delete, everything, get, minted, preview, put, set, setup, tools};

on_both_stores!(what_is_set_is_in_force_with_the_next_mint, setup(), set_and_mint);

async fn set_and_mint(app: &TestApp) {
    let plain = minted(app, &ana(), json!({})).await;
    let shown = set(app, &ana(), &everything()).await;
    assert_eq!((&shown["settings"], &shown["not_in_force"]), (&everything(), &json!([])));
    assert_eq!(shown["updated_at"], "2026-11-20T12:00:00.000Z");
    assert_eq!(get(app, &ana()).await.json(), shown);

    let session = minted(app, &ana(), json!({})).await;
    assert_eq!(session["audio"]["output"], json!({"voice": "cedar", "speed": 0.75}));
    assert_eq!(tools(&session), ["show_word", "turn_page", "weather"]);
    assert_eq!(session["tools"][1], everything()["tools"][0]);
    assert_eq!(session["tools"][2], everything()["tools"][1]);
    let told = session["instructions"].as_str().unwrap();
    assert!(told.starts_with("Canario del operador.\n\n"), "{told}");
    assert!(told.contains("\nSpeak as slowly as you can.\nWait for me.\n"), "{told}");
    assert!(told.contains("\nBegin with a riddle.\n"), "{told}");

    // All of it is replaced, and in the end nothing is left.
    set(app, &ana(), &json!({"voice": "marin", "speed": null, "tools": []})).await;
    let session = minted(app, &ana(), json!({})).await;
    assert_eq!(session, plain);
    set(app, &ana(), &json!({"voice": "cedar"})).await;
    assert_eq!(minted(app, &ana(), json!({})).await["audio"]["output"], json!({"voice": "cedar"}));
    delete(app, &ana()).await;
    assert_eq!(minted(app, &ana(), json!({})).await, plain);
    let shown = get(app, &ana()).await.json();
    assert_eq!((&shown["settings"], &shown["updated_at"]), (&json!({}), &Value::Null));
    delete(app, &ana()).await;
}

on_sqlite!(a_request_goes_before_what_is_set, setup(), ask_otherwise);

async fn ask_otherwise(app: &TestApp) {
    set(app, &ana(), &everything()).await;
    let asked = json!({"language": "en", "session": {"audio": {"output": {"voice": "marin"}}}});
    let session = minted(app, &ana(), asked).await;
    assert_eq!(session["audio"]["output"], json!({"voice": "marin", "speed": 0.75}));
    assert!(session["instructions"].as_str().unwrap().starts_with("Canary of the operator, for Ana."));
    // What is set goes before what the browser would like.
    let answer = send(app.mint_request(&ana()).header("Accept-Language", "en").json(&json!({}))).await;
    assert_eq!(answer.json()["language"], "es");
    // Text has no voice.
    let session = minted(app, &ana(), json!({"session": {"output_modalities": ["text"]}})).await;
    assert_eq!(session["audio"].get("output"), None);
    // Other kinds of sessions have nothing of it.
    for kind in ["transcription", "translation"] {
        let plain = minted(app, &Person::new("bob"), json!({"session": {"type": kind}})).await;
        assert_eq!(minted(app, &ana(), json!({"session": {"type": kind}})).await, plain);
    }
}

on_both_stores!(what_the_policy_no_longer_allows_is_left_out, setup(), lose_rights);

async fn lose_rights(app: &TestApp) {
    set(app, &ana(), &everything()).await;
    let decide = async |role: &str| {
        let put = app.admin(Method::PUT, "/v1/admin/users/ana").json(&json!({"role": role}));
        assert_eq!(send(put).await.status, 200);
    };
    decide("some").await;
    let session = minted(app, &ana(), json!({})).await;
    assert_eq!(session["audio"]["output"], json!({"voice": "cedar"}));
    assert_eq!(session["instructions"], "Canario del operador.");
    assert_eq!(tools(&session), ["show_word"]);
    let shown = get(app, &ana()).await.json();
    assert_eq!(shown["settings"], everything(), "what is left out is not lost");
    assert_eq!(shown["role"], "some");
    let may = "you may set: voice, language, tools.";
    let not = |name: &str| json!({"setting": name, "reason": format!("Your role does not let you set `{name}`; {may}")});
    let tools_reason = "Your role has functions only; leave the MCP server `weather` out.";
    let tools_out = json!({"setting": "tools", "reason": tools_reason});
    assert_eq!(
        shown["not_in_force"],
        json!([not("system_prompt"), not("greeting"), not("speed"), tools_out])
    );

    decide("bound").await;
    let session = minted(app, &ana(), json!({})).await;
    assert_eq!(session["audio"]["output"], json!({"voice": "marin"}));
    assert!(session["instructions"].as_str().unwrap().starts_with("Canary of the operator"));
    assert_eq!(get(app, &ana()).await.json()["not_in_force"].as_array().unwrap().len(), 6);
    decide("free").await;
    assert_eq!(minted(app, &ana(), json!({})).await["audio"]["output"]["speed"], 0.75);
}

on_sqlite!(a_role_is_asked_for_as_in_a_mint, setup(), ask_for_roles);

async fn ask_for_roles(app: &TestApp) {
    let by_role = async |method: Method, role: &str, body: &Value| {
        let path = format!("/v1/me/settings?role={role}");
        send(app.request(method, &path).bearer_auth(ana().token()).json(body)).await
    };
    let some = by_role(Method::GET, "some", &json!({})).await.json();
    assert_eq!(some["choices"]["settings"], json!(["voice", "language", "tools"]));
    let refused = by_role(Method::PUT, "some", &json!({"speed": 1.0})).await;
    assert_eq!(refused.error(), (403, "not_allowed".to_owned(), "speed".to_owned()));
    assert_eq!(by_role(Method::PUT, "some", &json!({"voice": "cedar"})).await.status, 200);
    let refused = by_role(Method::GET, "silent", &json!({})).await;
    assert_eq!(refused.error(), (403, "role_not_allowed".to_owned(), "role".to_owned()));
    let session = minted(app, &ana(), json!({"role": "bound"})).await;
    assert_eq!(session["audio"]["output"], json!({"voice": "marin"}));
    let session = minted(app, &ana(), json!({"role": "some"})).await;
    assert_eq!(session["audio"]["output"], json!({"voice": "cedar"}));
}

on_both_stores!(a_preview_is_the_session_without_the_operators_words, setup(), look_ahead);

async fn look_ahead(app: &TestApp) {
    let tried = preview(app, &ana(), &json!({"settings": everything()})).await;
    assert_eq!(tried.status, 200, "{}", tried.text);
    assert_eq!(get(app, &ana()).await.json()["settings"], json!({}), "nothing is kept");
    assert!(app.simulator.requests().is_empty(), "nobody is asked");
    set(app, &ana(), &everything()).await;
    let kept = preview(app, &ana(), &json!({})).await;
    assert_eq!(kept.json(), tried.json());
    let empty = send(app.request(Method::POST, super::PREVIEW).bearer_auth(ana().token())).await;
    assert_eq!(empty.json(), tried.json());

    let mut seen = tried.json();
    assert_eq!((&seen["role"], &seen["language"]), (&json!("free"), &json!("es")));
    assert_eq!(minted(app, &ana(), json!({})).await, expected(app, &mut seen), "{}", tried.text);
    for canary in ["Canary", "Canario", "show_word"] {
        assert!(!tried.text.contains(canary), "{}", tried.text);
    }

    let other = preview(app, &ana(), &json!({"role": "some", "language": "en"})).await.json();
    assert_eq!((&other["role"], &other["language"]), (&json!("some"), &json!("en")));
    assert_eq!(other["request"]["session"]["instructions"], "[the instructions of role some in en]");
    assert_eq!(other["not_in_force"].as_array().unwrap().len(), 4);
}

/// What is minted, where this is the preview: the operator's words are put back.
fn expected(app: &TestApp, preview: &mut Value) -> Value {
    let sent = app.sent_upstream();
    let mut session = preview["request"]["session"].take();
    let told = session["instructions"].as_str().unwrap();
    let told = told.replace("[the instructions of role free in es]", "Canario del operador.");
    session["instructions"] = told.into();
    session["audio"]["input"]["transcription"]["prompt"] = "Canary of a spelling".into();
    let mut tools = vec![sent["session"]["tools"][0].clone()];
    tools.extend(session["tools"].as_array().unwrap().iter().cloned());
    session["tools"] = tools.into();
    session
}

on_sqlite!(settings_are_the_users_own_and_audited, setup(), audit);

async fn audit(app: &TestApp) {
    set(app, &ana(), &everything()).await;
    let bob = get(app, &Person::new("bob")).await.json();
    assert_eq!(bob["settings"], json!({}));
    delete(app, &Person::new("bob")).await;
    app.advance(1);
    delete(app, &ana()).await;
    assert_eq!(put(app, &ana(), &json!({"speed": 2})).await.status, 400);
    let audit = send(app.admin(Method::GET, "/v1/admin/audit")).await;
    for text in ["slowly", "riddle", "turn_page", "mcp.example"] {
        assert!(!audit.text.contains(text), "{}", audit.text);
    }
    let audit = audit.json();
    let acts: Vec<_> = audit["audit"].as_array().unwrap().iter().collect();
    let said: Vec<_> = acts.iter().map(|act| act["action"].as_str().unwrap()).collect();
    assert_eq!(said, ["delete_settings", "put_settings"], "what changed nothing is no act");
    let set = json!(["system_prompt", "greeting", "voice", "language", "speed", "tools"]);
    assert_eq!((&acts[1]["detail"]["set"], &acts[1]["target"]["user_id"]), (&set, &json!("ana")));
    assert_eq!(acts[1]["address"], Value::Null);
}
