//! Kinds of sessions: what each is sent upstream as, what is told of it, and what it has no room for.

use ephemint::policy::Policy;
use ephemint_sim::Fault;
use ephemint_test_support::{Answer, MINT, Person, Setup, TestApp, USAGE, on_both_stores, on_sqlite, send};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// The built-in policy, with every kind of session.
fn every_kind() -> Setup {
    let open = |policy: &str, from: &str, to: &str| {
        assert!(policy.contains(from), "{from}");
        policy.replace(from, to)
    };
    let types = "session_types = [\"realtime\", \"transcription\", \"translation\"]";
    let policy = open(Policy::BUILT_IN, "session_types = [\"realtime\"]", types);
    let policy = open(&policy, "allowed_models = []             #", "allowed_models = [\"whisper-1\"]  #");
    Setup::policy(&open(&policy, "allowed_languages = []", "allowed_languages = [\"en\", \"es\"]"))
}

/// A way to ask: its name, and what it fills in for a role.
type Form = (&'static str, fn(RequestBuilder, &str) -> RequestBuilder);

/// A kind of session, and ways to ask for it.
const KINDS: &[(&str, &[Form])] = &[
    (
        "realtime",
        &[
            ("no body", |request, _| request),
            ("an empty object", |request, _| request.json(&json!({}))),
            ("no type", |request, _| request.json(&json!({"session": {"audio": {"output": {}}}}))),
            ("its type", |request, _| request.json(&json!({"session": {"type": "realtime"}}))),
            ("text", |request, _| request.json(&json!({"session": {"output_modalities": ["text"]}}))),
            ("everything", |request, role| {
                let audio = json!({"input": {"transcription": {}}, "output": {"voice": "cedar"}});
                let session = json!({"type": "realtime", "model": "gpt-realtime-2.1", "audio": audio,
                    "output_modalities": ["audio"]});
                request.json(&json!({"role": role, "language": "es", "session": session,
                    "expires_after": {"anchor": "created_at", "seconds": 10}}))
            }),
        ],
    ),
    (
        "transcription",
        &[
            ("its type", |request, _| request.json(&json!({"session": {"type": "transcription"}}))),
            ("a model", |request, _| {
                request.json(&json!({"session": {"type": "transcription", "model": "whisper-1"}}))
            }),
            ("everything", |request, role| {
                let audio = json!({"input": {"transcription": {"language": "es"}}, "output": {}});
                let session = json!({"type": "transcription", "model": "whisper-1", "audio": audio});
                request.json(&json!({"role": role, "language": "es", "session": session,
                    "expires_after": {"seconds": 60}}))
            }),
        ],
    ),
    (
        "translation",
        &[
            ("its type", |request, _| request.json(&json!({"session": {"type": "translation"}}))),
            ("everything", |request, role| {
                let audio = json!({"input": {}, "output": {"language": "es"}});
                let session =
                    json!({"type": "translation", "model": "gpt-realtime-translate", "audio": audio});
                request.json(&json!({"role": role, "language": "en-GB", "session": session,
                    "expires_after": {"seconds": 60}}))
            }),
        ],
    ),
];

on_both_stores!(every_role_kind_and_form_is_accepted, every_kind(), mint_every_kind);

async fn mint_every_kind(app: &TestApp) {
    let mut expected = Vec::new();
    for role in ["student", "teacher", "family"] {
        for (kind, forms) in KINDS {
            for (form, fill_in) in *forms {
                let person = Person::new(&format!("{role}, {kind}, {form}")).as_role(role);
                let answer = send(fill_in(app.mint_request(&person), role)).await;
                assert_eq!(answer.status, 200, "{role}, {kind}, {form}: {}", answer.text);
                assert_eq!(answer.json()["role"], role, "{form}");
                assert_eq!(answer.json()["session"]["type"], *kind, "{form}");
                app.advance(1);
                expected.push((*kind).to_owned());
            }
        }
    }
    assert!(app.simulator.requests().iter().all(|request| request.status == Some(200)));
    let kinds = app.database.texts("SELECT session_type FROM mints ORDER BY created_at, id").await;
    assert_eq!(kinds, expected, "the ledger says what each was");
}

on_both_stores!(a_transcription_is_what_it_says, every_kind(), transcribe);

async fn transcribe(app: &TestApp) {
    let ana = Person::new("ana");
    let answer = app.mint(&ana, json!({"session": {"type": "transcription"}})).await;
    let turns = json!({"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 1000});
    let upstream = |transcription: Value| {
        json!({
            "expires_after": {"anchor": "created_at", "seconds": 60},
            "session": {
                "type": "transcription",
                "audio": {"input": {"transcription": transcription, "turn_detection": turns}},
            },
        })
    };
    expect_sent(app, "/v1/realtime/client_secrets", &upstream(json!({"model": "gpt-live-transcribe"})));
    let told = json!({"type": "transcription", "model": "gpt-live-transcribe", "expires_at": 0});
    expect_told(app, &answer, told, "/realtime/calls");

    let audio = json!({"input": {"transcription": {"language": "es"}}});
    let session = json!({"type": "transcription", "model": "whisper-1", "audio": audio});
    app.advance(1);
    let answer = app.mint(&ana, json!({"session": session})).await;
    let chosen = json!({"model": "whisper-1", "language": "es"});
    expect_sent(app, "/v1/realtime/client_secrets", &upstream(chosen));
    let told = json!({"type": "transcription", "model": "whisper-1", "expires_at": 0, "audio": audio});
    expect_told(app, &answer, told, "/realtime/calls");
    expect_ledger(app, &["transcription gpt-live-transcribe", "transcription whisper-1"]).await;
}

on_both_stores!(a_translation_is_what_it_says, every_kind(), translate);

async fn translate(app: &TestApp) {
    let ana = Person::new("ana");
    let answer = app.mint(&ana, json!({"session": {"type": "translation"}})).await;
    let upstream = |language: &str| {
        json!({
            "expires_after": {"anchor": "created_at", "seconds": 60},
            "session": {"model": "gpt-realtime-translate", "audio": {"output": {"language": language}}},
        })
    };
    let path = "/v1/realtime/translations/client_secrets";
    expect_sent(app, path, &upstream("en"));
    let told = |language: &str| {
        json!({"type": "translation", "model": "gpt-realtime-translate-2026-04-21", "expires_at": 0,
               "audio": {"output": {"language": language}}})
    };
    expect_told(app, &answer, told("en"), "/realtime/translations/calls");

    let session = json!({"type": "translation", "audio": {"output": {"language": "es"}}});
    let answer = app.mint(&ana, json!({"session": session})).await;
    expect_sent(app, path, &upstream("es"));
    expect_told(app, &answer, told("es"), "/realtime/translations/calls");
    expect_ledger(app, &["translation gpt-realtime-translate"; 2]).await;
}

/// What the provider was sent last, and where.
fn expect_sent(app: &TestApp, path: &str, body: &Value) {
    let sent = app.simulator.last_request().unwrap();
    assert_eq!((sent.method.as_str(), sent.path.as_str()), ("POST", path));
    assert_eq!(sent.query, None);
    assert!(sent.key_ok && sent.safety_identifier.is_some_and(|id| id.len() == 64));
    assert_eq!(sent.body.as_ref(), Some(body));
}

/// The session of an answer, but for its id, and where the page goes with the token.
fn expect_told(app: &TestApp, answer: &Answer, session: Value, calls: &str) {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mut told = answer.json()["session"].clone();
    let id = told.as_object_mut().unwrap().remove("id").unwrap();
    assert!(id.as_str().unwrap().starts_with("sess_"), "{id}");
    assert_eq!(told, session);
    assert_eq!(answer.json()["connect_url"], format!("{}{calls}", app.simulator.base_url()));
}

async fn expect_ledger(app: &TestApp, lines: &[&str]) {
    let sql = "SELECT session_type || ' ' || model FROM mints ORDER BY created_at, id";
    assert_eq!(app.database.texts(sql).await, lines);
}

const SAID_EVERYTHING: &str = "
    [defaults]
    default_role = 'r'
    instructions.en = 'Speak.'
    session_types = ['transcription', 'translation']
    [defaults.transcription_session]
    model = 'gpt-transcribe'
    language = 'es'
    prompt = 'Quijote, Dulcinea'
    turn_detection = 'none'
    noise_reduction = { type = 'near_field' }
    [defaults.translation_session]
    language = 'qu'
    transcription = { model = 'gpt-realtime-whisper' }
    [roles.r.transcription_session]
    turn_detection = { type = 'semantic_vad', eagerness = 'low' }
    [roles.r.translation_session]
    noise_reduction = { type = 'far_field' }
    [roles.button.transcription_session]
    noise_reduction = 'none'
";

on_sqlite!(all_that_a_policy_says_of_them_goes_upstream, Setup::policy(SAID_EVERYTHING), mint_to_the_letter);

async fn mint_to_the_letter(app: &TestApp) {
    let ana = Person::new("ana");
    let heard = json!({"model": "gpt-transcribe", "language": "es", "prompt": "Quijote, Dulcinea"});
    assert_eq!(app.mint(&ana, json!({"session": {"type": "transcription"}})).await.status, 200);
    let input = json!({
        "transcription": heard,
        "turn_detection": {"type": "semantic_vad", "eagerness": "low"},
        "noise_reduction": {"type": "near_field"},
    });
    assert_eq!(app.sent_upstream()["session"]["audio"], json!({"input": input}));

    let button = Person::new("bo").as_role("button");
    assert_eq!(app.mint(&button, json!({"session": {"type": "transcription"}})).await.status, 200);
    let input = json!({"transcription": heard, "turn_detection": null});
    assert_eq!(app.sent_upstream()["session"]["audio"], json!({"input": input}));

    assert_eq!(app.mint(&ana, json!({"session": {"type": "translation"}})).await.status, 200);
    let audio = json!({
        "input": {"transcription": {"model": "gpt-realtime-whisper"}, "noise_reduction": {"type": "far_field"}},
        "output": {"language": "qu"},
    });
    assert_eq!(app.sent_upstream()["session"]["audio"], audio);

    // A conversation is not among this role's sessions, whether it is asked for or not.
    for body in [json!({}), json!({"session": {"type": "realtime"}})] {
        let answer = app.mint(&ana, body).await;
        assert_eq!(answer.error(), error(403, "not_allowed", "session.type"));
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.ends_with("allowed: transcription, translation."), "{detail}");
    }
}

const SPOKEN: &str = "session.audio.input.transcription.language";
const HEARD: &str = "session.audio.output.language";
const VOICE: &str = "session.audio.output.voice";

on_sqlite!(a_session_has_no_room_for_what_another_has, every_kind(), mix_kinds);

async fn mix_kinds(app: &TestApp) {
    let voice = json!({"audio": {"output": {"voice": "cedar"}}});
    let heard = json!({"audio": {"output": {"language": "es"}}});
    let spoken = json!({"audio": {"input": {"transcription": {"language": "es"}}}});
    let text = json!({"output_modalities": ["text"]});
    let words = json!({"instructions": "Be a pirate."});
    let tools = json!({"tools": [{"type": "function", "name": "f"}]});
    let no_tools = json!({"tools": []});
    let cases = [
        (None, &heard, HEARD),
        (None, &spoken, SPOKEN),
        (Some("realtime"), &heard, HEARD),
        (Some("realtime"), &spoken, SPOKEN),
        (Some("transcription"), &voice, VOICE),
        (Some("transcription"), &heard, HEARD),
        (Some("transcription"), &text, "session.output_modalities"),
        (Some("transcription"), &words, "session.instructions"),
        (Some("transcription"), &tools, "session.tools"),
        (Some("transcription"), &no_tools, "session.tools"),
        (Some("translation"), &voice, VOICE),
        (Some("translation"), &spoken, SPOKEN),
        (Some("translation"), &text, "session.output_modalities"),
        (Some("translation"), &words, "session.instructions"),
        (Some("translation"), &tools, "session.tools"),
    ];
    for (kind, session, param) in cases {
        let mut session = session.clone();
        if let Some(kind) = kind {
            session["type"] = kind.into();
        }
        let answer = app.mint(&Person::new("ana"), json!({"session": session})).await;
        assert_eq!(answer.error(), error(400, "invalid_request", param), "{session}: {}", answer.text);
    }
    assert_eq!(app.simulator.requests().len(), 0);
    assert_eq!(app.usage(&Person::new("ana")).await.json()["rate_limit"]["remaining"], 10);
}

on_sqlite!(each_kind_has_models_and_languages_of_its_own, every_kind(), widen_each_kind);

async fn widen_each_kind(app: &TestApp) {
    let with = |kind: &str, path: &str, value: &str| match path {
        "model" => json!({"type": kind, "model": value}),
        "spoken" => json!({"type": kind, "audio": {"input": {"transcription": {"language": value}}}}),
        _ => json!({"type": kind, "audio": {"output": {"language": value}}}),
    };
    for (kind, path, value, param) in [
        ("realtime", "model", "gpt-live-transcribe", "session.model"),
        ("realtime", "model", "gpt-realtime-translate", "session.model"),
        ("transcription", "model", "gpt-realtime-2.1-mini", "session.model"),
        ("transcription", "model", "gpt-transcribe", "session.model"),
        ("transcription", "model", "", "session.model"),
        ("transcription", "spoken", "qu", SPOKEN),
        ("transcription", "spoken", "ES", SPOKEN),
        ("transcription", "spoken", "es-MX", SPOKEN),
        ("translation", "model", "gpt-realtime-2.1", "session.model"),
        ("translation", "heard", "fr", HEARD),
        ("translation", "heard", "es ", HEARD),
        ("translation", "heard", "", HEARD),
    ] {
        let body = json!({"session": with(kind, path, value)});
        let answer = app.mint(&Person::new("ana"), body.clone()).await;
        assert_eq!(answer.error(), error(403, "not_allowed", param), "{body}: {}", answer.text);
    }
    for kind in ["transcription", "translation"] {
        let body = json!({"session": {"type": kind}, "expires_after": {"seconds": 61}});
        let answer = app.mint(&Person::new("ana"), body).await;
        assert_eq!(answer.error(), error(403, "not_allowed", "expires_after.seconds"));
    }
    assert_eq!(app.simulator.requests().len(), 0, "nothing of it goes upstream");
}

on_both_stores!(all_kinds_share_one_hour, every_kind(), spend_on_every_kind);

async fn spend_on_every_kind(app: &TestApp) {
    let ana = Person::new("ana");
    let kinds = ["realtime", "transcription", "translation"];
    for (n, kind) in kinds.iter().cycle().take(10).enumerate() {
        let answer = app.mint(&ana, json!({"session": {"type": kind}})).await;
        assert_eq!(answer.json()["rate_limit"]["remaining"], 9 - n);
    }
    for kind in kinds {
        let answer = app.mint(&ana, json!({"session": {"type": kind}})).await;
        assert_eq!(answer.code(), "rate_limit_exceeded", "{kind}");
    }
    assert_eq!(app.simulator.minted(), 10);
}

on_both_stores!(failures_are_settled_alike, every_kind(), fail_at_each_kind);

async fn fail_at_each_kind(app: &TestApp) {
    for kind in ["transcription", "translation"] {
        for fault in [Fault::ServerError, Fault::NoValue] {
            app.simulator.fail_next(1, fault);
            let answer = app.mint(&Person::new(kind), json!({"session": {"type": kind}})).await;
            assert_eq!(answer.code(), "provider_error", "{}", answer.text);
            app.advance(1);
        }
    }
    app.expect_outcomes(&["refunded", "unconfirmed", "refunded", "unconfirmed"]).await;
}

const READER: &str = "
    defaults.default_role = 'reader'
    defaults.instructions.en = 'Write.'
    roles.reader.output_modalities = ['text']
    roles.speaker = {}
";

on_both_stores!(text_is_text_from_end_to_end, Setup::policy(READER), mint_in_text);

async fn mint_in_text(app: &TestApp) {
    let text = json!({"session": {"output_modalities": ["text"]}});
    let by_policy = Person::new("ana");
    let by_request = Person::new("bo").as_role("speaker");
    for (person, body) in [(&by_policy, json!({})), (&by_policy, text.clone()), (&by_request, text)] {
        let answer = app.mint(person, body).await;
        let told = json!({"type": "realtime", "model": "gpt-realtime-2.1-mini-2026-07-08", "expires_at": 0,
                          "output_modalities": ["text"]});
        expect_told(app, &answer, told, "/realtime/calls");
        let sent = &app.sent_upstream()["session"];
        assert_eq!(sent["output_modalities"], json!(["text"]));
        assert_eq!(sent["audio"].get("output"), None);
    }
    // A voice in text is harmless where the policy has it, and means nothing.
    let quiet = json!({"session": {"audio": {"output": {"voice": "marin"}}}});
    assert_eq!(app.mint(&by_policy, quiet).await.json()["session"].get("audio"), None);
    let aloud = app.mint(&by_request, json!({})).await;
    assert_eq!(aloud.json()["session"]["audio"], json!({"output": {"voice": "marin"}}));
}

on_sqlite!(usage_counts_every_kind, every_kind(), look_at_usage);

async fn look_at_usage(app: &TestApp) {
    let ana = Person::new("ana");
    for kind in ["realtime", "transcription", "translation"] {
        let request = app.request(Method::POST, MINT).bearer_auth(ana.token());
        send(request.json(&json!({"session": {"type": kind}}))).await;
        app.advance(1);
    }
    app.expect_outcomes(&["issued"; 3]).await;
    let usage = send(app.request(Method::GET, USAGE).bearer_auth(ana.token())).await.json();
    assert_eq!(usage["tokens"]["last_hour"], 3);
}

fn error(status: u16, code: &str, param: &str) -> (u16, String, String) {
    (status, code.to_owned(), param.to_owned())
}
