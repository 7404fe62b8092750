//! What clients may not say, and how it is told to them.

use serde_json::json;

use super::scene::{Scene, found, names, refusal};

/// Every row: an event, and the code and parameter it is refused with.
const REFUSED: &str = r#"
invalid_json                - {
invalid_json                - session.update
invalid_type                - []
missing_required_parameter  type {}
invalid_type                type {"type": 1}
invalid_value               type {"type": "response.make"}
invalid_value               type {"type": "transcription_session.update"}
invalid_type                event_id {"type": "input_audio_buffer.clear", "event_id": 1}
unknown_parameter           extra {"type": "input_audio_buffer.clear", "extra": 1}
missing_required_parameter  session {"type": "session.update"}
missing_required_parameter  session.type {"type": "session.update", "session": {}}
invalid_value               session.type {"type": "session.update", "session": {"type": "transcription"}}
unknown_parameter           session.voice {"type": "session.update", "session": {"type": "realtime", "voice": "marin"}}
unknown_parameter           session.modalities {"type": "session.update", "session": {"type": "realtime", "modalities": ["text"]}}
unknown_parameter           session.turn_detection {"type": "session.update", "session": {"type": "realtime", "turn_detection": null}}
invalid_value               session.audio.output.voice {"type": "session.update", "session": {"type": "realtime", "audio": {"output": {"voice": "nova"}}}}
missing_required_parameter  item {"type": "conversation.item.create"}
invalid_value               item.type {"type": "conversation.item.create", "item": {"type": "note"}}
missing_required_parameter  item.content {"type": "conversation.item.create", "item": {"type": "message", "role": "user"}}
invalid_value               item.role {"type": "conversation.item.create", "item": {"type": "message", "role": "judge", "content": []}}
invalid_value               item.content[0].type {"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": [{"type": "output_text", "text": ""}]}}
invalid_value               item.content[0].type {"type": "conversation.item.create", "item": {"type": "message", "role": "assistant", "content": [{"type": "output_audio", "audio": ""}]}}
invalid_value               item.content[0].type {"type": "conversation.item.create", "item": {"type": "message", "role": "system", "content": [{"type": "input_audio", "audio": ""}]}}
invalid_value               item.content[0].audio {"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": "!"}]}}
invalid_value               item.content[0].image_url {"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": [{"type": "input_image", "image_url": "https://example.com/a.png"}]}}
item_create_invalid_previous_item_id previous_item_id {"type": "conversation.item.create", "previous_item_id": "item_x", "item": {"type": "message", "role": "user", "content": []}}
item_create_duplicate_item_id item.id {"type": "conversation.item.create", "item": {"id": "known", "type": "message", "role": "user", "content": []}}
item_delete_invalid_item_id item_id {"type": "conversation.item.delete", "item_id": "item_x"}
item_retrieve_invalid_item_id item_id {"type": "conversation.item.retrieve", "item_id": "item_x"}
item_truncate_invalid_item_id item_id {"type": "conversation.item.truncate", "item_id": "item_x", "content_index": 0, "audio_end_ms": 0}
invalid_value               item_id {"type": "conversation.item.truncate", "item_id": "known", "content_index": 0, "audio_end_ms": 0}
invalid_value               audio_end_ms {"type": "conversation.item.truncate", "item_id": "known", "content_index": 0, "audio_end_ms": -1}
missing_required_parameter  audio {"type": "input_audio_buffer.append"}
invalid_value               audio {"type": "input_audio_buffer.append", "audio": "%"}
invalid_value               audio {"type": "input_audio_buffer.append", "audio": "AAAA"}
invalid_type                response {"type": "response.create", "response": null}
unknown_parameter           response.modalities {"type": "response.create", "response": {"modalities": ["text"]}}
unknown_parameter           response.audio.output.speed {"type": "response.create", "response": {"audio": {"output": {"speed": 1}}}}
invalid_value               response.conversation {"type": "response.create", "response": {"conversation": "mine"}}
invalid_value               response.max_output_tokens {"type": "response.create", "response": {"max_output_tokens": 5000}}
invalid_value               response.input[0].role {"type": "response.create", "response": {"input": [{"type": "message", "role": "judge", "content": []}]}}
response_cancel_not_active  - {"type": "response.cancel", "response_id": "resp_x"}
"#;

#[test]
fn refuses_what_the_provider_refuses() {
    let mut scene = Scene::call(json!({}));
    let item = json!({ "id": "known", "type": "message", "role": "user", "content": [] });
    scene.say(json!({ "type": "conversation.item.create", "item": item }));
    for row in REFUSED.lines().filter(|row| !row.is_empty()) {
        let (code, rest) = row.split_once(' ').unwrap();
        let (param, event) = rest.trim_start().split_once(' ').unwrap();
        let outputs = scene.send(event);
        assert_eq!(refusal(&outputs), (code, Some(param).filter(|param| *param != "-")), "{row}");
    }
    assert_eq!(scene.answer("Hi")["status"], "completed", "the session goes on");
}

#[test]
fn an_error_names_the_event_that_caused_it() {
    let mut scene = Scene::call(json!({}));
    let outputs = scene.say(json!({ "type": "response.cancel", "event_id": "mine" }));
    let event = found(&outputs, "error");
    assert_eq!(event["error"]["event_id"], "mine");
    assert_eq!(event["error"]["type"], "invalid_request_error");
    assert!(event["event_id"].as_str().unwrap().starts_with("event_"));
    let outputs = scene.say(json!({ "type": "nonsense", "event_id": "yours" }));
    assert_eq!(found(&outputs, "error")["error"]["event_id"], "yours");
}

#[test]
fn reasoning_is_for_models_that_reason() {
    for (model, is_fine) in [("gpt-realtime-2.1", true), ("gpt-realtime-1.5", false)] {
        let mut scene = Scene::call(json!({ "model": model }));
        let reasoning = json!({ "effort": "low" });
        let session = json!({ "type": "realtime", "reasoning": reasoning });
        for event in [
            json!({ "type": "session.update", "session": session }),
            json!({ "type": "response.create", "response": { "reasoning": reasoning } }),
        ] {
            let outputs = scene.say(event);
            assert_eq!(names(&outputs) != ["error"], is_fine, "{model}");
        }
    }
}

#[test]
fn items_are_placed_told_cut_and_removed() {
    let mut scene = Scene::call(json!({}));
    let create = |id: &str, after: Option<&str>| {
        let item = json!({ "id": id, "type": "message", "role": "user", "content": [] });
        json!({ "type": "conversation.item.create", "previous_item_id": after, "item": item })
    };
    for (id, after, before) in
        [("b", None, None), ("d", None, Some("b")), ("a", Some("root"), None), ("c", Some("b"), Some("b"))]
    {
        let outputs = scene.say(create(id, after));
        assert_eq!(found(&outputs, "conversation.item.added")["previous_item_id"].as_str(), before, "{id}");
    }
    let deleted = scene.say(json!({ "type": "conversation.item.delete", "item_id": "d" }));
    assert_eq!(names(&deleted), ["conversation.item.deleted"]);
    let outputs = scene.say(create("e", None));
    assert_eq!(found(&outputs, "conversation.item.added")["previous_item_id"], "c");

    let spoken = scene.respond(json!({}))["output"][0]["id"].clone();
    let truncate = |end: u64| {
        json!({
            "type": "conversation.item.truncate", "item_id": spoken, "content_index": 0, "audio_end_ms": end,
        })
    };
    assert_eq!(refusal(&scene.say(truncate(60_000))), ("invalid_value", Some("audio_end_ms")));
    assert_eq!(names(&scene.say(truncate(300))), ["conversation.item.truncated"]);
    let outputs = scene.say(json!({ "type": "conversation.item.retrieve", "item_id": spoken }));
    let item = &found(&outputs, "conversation.item.retrieved")["item"];
    assert_eq!(item["content"], json!([{ "type": "output_audio" }]));
}
