//! What a good answer holds.

use std::collections::HashSet;

use chrono::DateTime;
use ephemint_sim::{Clock, DEMO_API_KEY, Settings, Simulator};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Answer, SECRETS, TRANSLATION_SECRETS, answer, client, good, post, session, start};

const NOW: i64 = 1_790_000_000;

async fn start_at_now() -> Simulator {
    let clock = Clock::new(|| DateTime::from_timestamp(NOW, 0).unwrap());
    Simulator::start(Settings { clock, ..Settings::default() }).await.unwrap()
}

async fn minted(path: &str, body: Value) -> Answer {
    let simulator = start_at_now().await;
    let answer = answer(post(&simulator, path, &body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer
}

/// A body for a conversation with this turn detection.
fn turns(turns: Value) -> Value {
    session(json!({ "audio": { "input": { "turn_detection": turns } } }))
}

/// Takes out what is different each time, having looked at it.
fn without_id(mut session: Value) -> Value {
    let id = session.as_object_mut().unwrap().remove("id").unwrap();
    assert!(id.as_str().unwrap().starts_with("sess_"), "{id}");
    session
}

#[tokio::test]
async fn a_token_is_random_and_safe_in_a_url() {
    let simulator = start().await;
    let mut tokens = HashSet::new();
    for _ in 0..20 {
        let token = answer(good(&simulator)).await.body["value"].as_str().unwrap().to_owned();
        let random = token.strip_prefix("ek_").unwrap();

        assert!(random.len() >= 32, "{token}");
        assert!(random.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{token}");
        tokens.insert(token);
    }
    assert_eq!(tokens.len(), 20);
}

#[tokio::test]
async fn a_token_lives_as_long_as_was_asked() {
    let default = minted(SECRETS, session(json!({}))).await;
    assert_eq!(default.body["expires_at"], NOW + 600);

    let mut body = session(json!({}));
    body["expires_after"] = json!({ "anchor": "created_at", "seconds": 60 });
    assert_eq!(minted(SECRETS, body).await.body["expires_at"], NOW + 60);
}

#[tokio::test]
async fn a_conversation_comes_back_with_all_defaults() {
    let answer = minted(SECRETS, session(json!({ "instructions": "Be kind." }))).await;

    let expected = json!({
        "object": "realtime.session",
        "type": "realtime",
        "model": "gpt-realtime-2.1-2026-07-08",
        "expires_at": 0,
        "instructions": "Be kind.",
        "output_modalities": ["audio"],
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": null,
        "truncation": "auto",
        "include": null,
        "audio": {
            "input": {
                "format": { "type": "audio/pcm", "rate": 24000 },
                "transcription": null,
                "noise_reduction": null,
                "turn_detection": {
                    "type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 500,
                    "idle_timeout_ms": null, "create_response": true, "interrupt_response": true,
                },
            },
            "output": { "format": { "type": "audio/pcm", "rate": 24000 }, "voice": "alloy", "speed": 1.0 },
        },
    });
    assert_eq!(without_id(answer.body["session"].clone()), expected);
}

#[tokio::test]
async fn what_was_sent_comes_back_as_sent() {
    let sent = json!({
        "type": "realtime",
        "model": "gpt-realtime-2.1-mini",
        "instructions": "A secret lesson plan.",
        "output_modalities": ["text"],
        "tools": [{ "type": "function", "name": "look_up", "parameters": { "type": "object" } }],
        "tool_choice": { "type": "function", "name": "look_up" },
        "parallel_tool_calls": false,
        "reasoning": { "effort": "low" },
        "max_output_tokens": 1000,
        "tracing": "auto",
        "truncation": { "type": "retention_ratio", "retention_ratio": 0.8 },
        "include": ["item.input_audio_transcription.logprobs"],
        "audio": {
            "input": {
                "format": { "type": "audio/pcmu" },
                "transcription": { "model": "gpt-transcribe" },
                "noise_reduction": { "type": "far_field" },
                "turn_detection": null,
            },
            "output": { "format": { "type": "audio/pcma" }, "voice": { "id": "voice_1" }, "speed": 1.25 },
        },
    });
    let answer = minted(SECRETS, json!({ "session": sent })).await;

    let mut session = without_id(answer.body["session"].clone());
    assert_eq!(session["model"], "gpt-realtime-2.1-mini-2026-07-08");
    for (key, value) in [("object", "realtime.session".into()), ("expires_at", 0.into())] {
        assert_eq!(session.as_object_mut().unwrap().remove(key), Some(value));
    }
    session["model"] = sent["model"].clone();
    assert_eq!(session, sent);
}

#[tokio::test]
async fn turn_detection_is_filled_in_by_its_kind() {
    let answer = minted(SECRETS, turns(json!({ "type": "semantic_vad" }))).await;
    assert_eq!(
        answer.body["session"]["audio"]["input"]["turn_detection"],
        json!({ "type": "semantic_vad", "eagerness": "auto", "create_response": true, "interrupt_response": true }),
    );

    let answer = minted(SECRETS, turns(json!({ "type": "server_vad", "silence_duration_ms": 1000 }))).await;
    assert_eq!(
        answer.body["session"]["audio"]["input"]["turn_detection"],
        json!({
            "type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 1000,
            "idle_timeout_ms": null, "create_response": true, "interrupt_response": true,
        }),
    );
}

#[tokio::test]
async fn a_transcription_comes_back_without_a_voice() {
    let answer = minted(
        SECRETS,
        json!({ "session": {
            "type": "transcription",
            "audio": { "input": { "transcription": { "model": "gpt-transcribe" } } },
        } }),
    )
    .await;

    let session = without_id(answer.body["session"].clone());
    assert_eq!(session["object"], "realtime.transcription_session");
    assert_eq!(session["type"], "transcription");
    assert_eq!(session["audio"]["input"]["transcription"], json!({ "model": "gpt-transcribe" }));
    assert_eq!(session["audio"]["input"]["turn_detection"]["type"], "server_vad");
    for absent in ["model", "instructions", "tools"] {
        assert_eq!(session.get(absent), None, "{absent}");
    }
    assert_eq!(session["audio"].get("output"), None);
}

#[tokio::test]
async fn a_translation_comes_back_as_one() {
    let body = json!({ "session": {
        "model": "gpt-realtime-translate",
        "audio": { "output": { "language": "es" } },
    } });
    let answer = minted(TRANSLATION_SECRETS, body).await;

    assert_eq!(answer.body["expires_at"], NOW + 600);
    assert!(answer.body["value"].as_str().unwrap().starts_with("ek_"));
    let expected = json!({
        "type": "translation",
        "model": "gpt-realtime-translate-2026-04-21",
        "expires_at": 0,
        "audio": { "input": { "transcription": null, "noise_reduction": null }, "output": { "language": "es" } },
    });
    assert_eq!(without_id(answer.body["session"].clone()), expected);
}

#[tokio::test]
async fn the_models_are_listed_with_the_day_they_end() {
    let simulator = start().await;
    let request = client().get(format!("{}/models", simulator.base_url())).bearer_auth(DEMO_API_KEY);
    let answer = answer(request).await;

    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body["object"], "list");
    let listed: Vec<(&str, Option<&str>)> = answer.body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| {
            assert_eq!(model["object"], "model");
            assert!(model["created"].is_i64() && model["owned_by"].is_string(), "{model}");
            (model["id"].as_str().unwrap(), model["shutdown_date"].as_str())
        })
        .collect();
    let (january, february) = (Some("2027-01-20"), Some("2027-02-26"));
    let expected = [
        ("gpt-realtime-2.1", None),
        ("gpt-realtime-2.1-mini", None),
        ("gpt-realtime-2", None),
        ("gpt-realtime-1.5", None),
        ("gpt-realtime", january),
        ("gpt-realtime-mini", january),
        ("gpt-live-transcribe", None),
        ("gpt-realtime-whisper", None),
        ("gpt-transcribe", None),
        ("whisper-1", february),
        ("gpt-4o-transcribe", february),
        ("gpt-4o-mini-transcribe", february),
        ("gpt-realtime-translate", None),
        ("gpt-live-1", None),
    ];
    assert_eq!(listed, expected);
    assert_eq!(simulator.minted(), 0);
}
