//! The session as the provider tells it back: what was sent, with everything left open filled in.
//!
//! Every function takes a session that has been validated.

use serde_json::{Map, Value, json};

use crate::models;

/// What goes out when no voice was asked for.
const DEFAULT_VOICE: &str = "alloy";

/// What the model is told when nothing else was said.
const DEFAULT_INSTRUCTIONS: &str = "You are a helpful assistant. Speak naturally and keep answers short.";

/// The session of a client secret: a conversation or a transcription.
pub(crate) fn session(id: &str, sent: &Value) -> Value {
    let transcribes = sent.get("type").is_some_and(|kind| kind == "transcription");
    let defaults = if transcribes { transcription(id, sent) } else { conversation(id, sent) };
    resolved(overlaid(defaults, sent))
}

/// The session of a translation secret.
pub(crate) fn translation(id: &str, sent: &Value) -> Value {
    let defaults = json!({
        "id": id,
        "type": "translation",
        "expires_at": 0,
        "audio": { "input": { "transcription": null, "noise_reduction": null }, "output": {} },
    });
    resolved(overlaid(defaults, sent))
}

/// The session after an update. Turn detection of another type than before starts from that type's defaults.
pub(crate) fn updated(mut current: Value, sent: &Value) -> Value {
    if let Some(detection @ Value::Object(_)) = sent.pointer("/audio/input/turn_detection")
        && let Some(now) = current.pointer_mut("/audio/input/turn_detection")
        && now.get("type") != detection.get("type")
    {
        *now = turn_detection(detection.get("type"));
    }
    resolved(overlaid(current, sent))
}

fn conversation(id: &str, sent: &Value) -> Value {
    json!({
        "id": id,
        "object": "realtime.session",
        "model": models::default_conversation().id,
        "expires_at": 0,
        "output_modalities": ["audio"],
        "instructions": DEFAULT_INSTRUCTIONS,
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": null,
        "truncation": "auto",
        "include": null,
        "audio": {
            "input": input(sent),
            "output": { "format": pcm(), "voice": DEFAULT_VOICE, "speed": 1.0 },
        },
    })
}

fn transcription(id: &str, sent: &Value) -> Value {
    json!({
        "id": id,
        "object": "realtime.transcription_session",
        "expires_at": 0,
        "include": null,
        "audio": { "input": input(sent) },
    })
}

fn input(sent: &Value) -> Value {
    json!({
        "format": pcm(),
        "transcription": null,
        "noise_reduction": null,
        "turn_detection": turn_detection(sent.pointer("/audio/input/turn_detection/type")),
    })
}

fn pcm() -> Value {
    json!({ "type": "audio/pcm", "rate": 24_000 })
}

fn turn_detection(kind: Option<&Value>) -> Value {
    if kind.is_some_and(|kind| kind == "semantic_vad") {
        return json!({
            "type": "semantic_vad",
            "eagerness": "auto",
            "create_response": true,
            "interrupt_response": true,
        });
    }
    json!({
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 500,
        "idle_timeout_ms": null,
        "create_response": true,
        "interrupt_response": true,
    })
}

/// `sent` over `defaults`: objects join, anything else replaces.
fn overlaid(defaults: Value, sent: &Value) -> Value {
    match (defaults, sent) {
        (Value::Object(base), Value::Object(over)) if same_kind(&base, over) => {
            Value::Object(joined(base, over))
        }
        (_, sent) => sent.clone(),
    }
}

fn joined(mut base: Map<String, Value>, over: &Map<String, Value>) -> Map<String, Value> {
    for (key, value) in over {
        let value = match base.remove(key) {
            Some(default) => overlaid(default, value),
            None => value.clone(),
        };
        base.insert(key.clone(), value);
    }
    base
}

/// Objects of different `type` have nothing to share: PCM's rate means nothing to another format.
fn same_kind(base: &Map<String, Value>, over: &Map<String, Value>) -> bool {
    match (base.get("type"), over.get("type")) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

/// The session with its model's alias resolved to the dated name.
fn resolved(mut session: Value) -> Value {
    if let Some(model) = session.get_mut("model")
        && let Some(known) = model.as_str().and_then(models::find)
    {
        *model = known.snapshot().into();
    }
    session
}
