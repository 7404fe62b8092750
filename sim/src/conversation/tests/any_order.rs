//! Whatever clients send, and however loud: no panic, and every response that is created is done in the end.

use std::{collections::BTreeSet, time::Duration};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::scene::{LIFE, LOUD, QUIET, Scene, all};
use crate::conversation::{Heard, Output};

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    Send(String),
    Hear(i8, u32),
    Wait(u64),
}

/// What clients may send: items by ids that exist, once existed, or never did.
const EVENTS: &[&str] = &[
    r#"{"type": "response.create"}"#,
    r#"{"type": "response.create", "response": {"conversation": "none"}}"#,
    r#"{"type": "response.create", "response": {"conversation": "none", "input": []}}"#,
    r#"{"type": "response.create", "response": {"max_output_tokens": 5, "tool_choice": "required"}}"#,
    r#"{"type": "response.create", "response": {"output_modalities": ["text"], "max_output_tokens": 1}}"#,
    r#"{"type": "response.create", "response": {"input": [{"type": "item_reference", "id": "ITEM"}]}}"#,
    r#"{"type": "response.cancel"}"#,
    r#"{"type": "response.cancel", "response_id": "RESPONSE"}"#,
    r#"{"type": "output_audio_buffer.clear"}"#,
    r#"{"type": "input_audio_buffer.clear"}"#,
    r#"{"type": "input_audio_buffer.commit"}"#,
    r#"{"type": "input_audio_buffer.append", "audio": "/38B/38B/38B/38B"}"#,
    r#"{"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "use look_up now"}]}}"#,
    r#"{"type": "conversation.item.create", "previous_item_id": "ITEM", "item": {"type": "function_call", "name": "look_up", "arguments": "{}"}}"#,
    r#"{"type": "conversation.item.delete", "item_id": "ITEM"}"#,
    r#"{"type": "conversation.item.retrieve", "item_id": "ITEM"}"#,
    r#"{"type": "conversation.item.truncate", "item_id": "ITEM", "content_index": 0, "audio_end_ms": 100}"#,
    r#"{"type": "session.update", "session": {"type": "realtime", "audio": {"input": {"turn_detection": null}}}}"#,
    r#"{"type": "session.update", "session": {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 0, "interrupt_response": false}}}}}"#,
    r#"{"type": "session.update", "session": {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "semantic_vad"}, "transcription": {"model": "whisper-1"}}}}}"#,
    r#"{"type": "session.update", "session": {"type": "realtime", "tools": [{"type": "function", "name": "look_up"}]}}"#,
    r#"{"type": "session.update", "session": {"type": "realtime", "max_output_tokens": 7}}"#,
    r#"{"type": "session.update", "session": {"type": "realtime", "model": "gpt-realtime-2"}}"#,
];

fn step() -> impl Strategy<Value = Step> {
    let known = (0..EVENTS.len(), 0..40_u32).prop_map(|(event, id)| {
        let named = |prefix| format!("{prefix}_scene{id:04x}");
        Step::Send(EVENTS[event].replace("ITEM", &named("item")).replace("RESPONSE", &named("resp")))
    });
    let heard = (prop_oneof![Just(LOUD), Just(QUIET), any::<i8>()], prop_oneof![Just(20), 0..2_000_u32]);
    prop_oneof![
        6 => known,
        1 => ".{0,40}".prop_map(Step::Send),
        3 => heard.prop_map(|(level, millis)| Step::Hear(level, millis)),
        2 => prop_oneof![0..300_u64, 0..10_000_u64].prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_response_is_done(steps in prop::collection::vec(step(), 0..60), is_call: bool) {
        let mut scene = if is_call { Scene::call(json!({})) } else { Scene::socket(json!({})) };
        let began = scene.now;
        let mut outputs = Vec::new();
        for step in steps {
            outputs.extend(taken(&mut scene, step));
        }
        outputs.extend(scene.wait(600_000));

        let created = ids(&outputs, "response.created", "/response/id");
        prop_assert_eq!(&created, &ids(&outputs, "response.done", "/response/id"));
        let started = ids(&outputs, "output_audio_buffer.started", "/response_id");
        let mut ended = ids(&outputs, "output_audio_buffer.stopped", "/response_id");
        ended.extend(ids(&outputs, "output_audio_buffer.cleared", "/response_id"));
        prop_assert_eq!(started, ended);
        prop_assert!(consistent(&outputs));
        prop_assert_eq!(scene.conversation.next(), Some(began + LIFE), "nothing is left to do");
    }
}

fn taken(scene: &mut Scene, step: Step) -> Vec<Output> {
    match step {
        Step::Send(text) => scene.send(&text),
        Step::Hear(level, millis) => {
            scene.now += Duration::from_millis(u64::from(millis));
            scene.conversation.hear(Heard { level, millis }, scene.now);
            scene.wait(0)
        }
        Step::Wait(millis) => scene.wait(millis),
    }
}

/// The values at `pointer` of all events of that type. Each has to be there once.
fn ids(outputs: &[Output], kind: &str, pointer: &str) -> BTreeSet<String> {
    let events = all(outputs, kind);
    let ids: BTreeSet<String> = events
        .iter()
        .map(|event| event.pointer(pointer).and_then(Value::as_str).unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), events.len(), "{kind} more than once for one response");
    ids
}

/// Whether all events have an id of their own, and every usage adds up.
fn consistent(outputs: &[Output]) -> bool {
    let events = || {
        outputs.iter().filter_map(|output| match output {
            Output::Say { event, .. } => Some(event),
            _ => None,
        })
    };
    let ids: BTreeSet<&str> = events().map(|event| event["event_id"].as_str().unwrap()).collect();
    let adds_up = |event: &Value| {
        let Some(usage) = event.pointer("/response/usage").filter(|usage| !usage.is_null()) else {
            return true;
        };
        let number = |pointer: &str| usage.pointer(pointer).and_then(Value::as_u64).unwrap();
        number("/total_tokens") == number("/input_tokens") + number("/output_tokens")
            && number("/input_token_details/cached_tokens") <= number("/input_tokens")
    };
    ids.len() == events().count() && events().all(adds_up)
}
