//! Responses: which events they consist of, how they end, and what they cost.

use serde_json::json;

use super::scene::{LIFE, SIDEBAND, Scene, all, found, names, refusal};
use crate::conversation::{Output, Side, To};

#[test]
fn a_spoken_response_from_beginning_to_end() {
    let mut scene = Scene::call(json!({}));
    assert_eq!(names(&scene.write("Good morning")), ["conversation.item.added", "conversation.item.done"]);

    let begun = scene.say(json!({ "type": "response.create" }));
    assert_eq!(
        names(&begun),
        [
            "response.created",
            "rate_limits.updated",
            "response.output_item.added",
            "conversation.item.added",
            "response.content_part.added",
            "PLAY 600",
            "output_audio_buffer.started",
            "response.output_audio_transcript.delta",
        ],
    );
    assert_eq!(names(&scene.wait(149)), [""; 0]);
    assert_eq!(names(&scene.wait(1)), ["response.output_audio_transcript.delta"]);
    assert_eq!(
        names(&scene.wait(450)),
        [
            "response.output_audio_transcript.delta",
            "response.output_audio.done",
            "response.output_audio_transcript.done",
            "response.content_part.done",
            "response.output_item.done",
            "conversation.item.done",
            "response.done",
            "output_audio_buffer.stopped",
        ],
    );
    assert_eq!(names(&scene.wait(60_000)), [""; 0]);
}

#[test]
fn every_piece_of_a_response_agrees_with_the_others() {
    let mut scene = Scene::call(json!({}));
    scene.write("Good morning");
    let mut outputs =
        scene.say(json!({ "type": "response.create", "response": { "metadata": { "a": "b" } } }));
    outputs.extend(scene.wait(10_000));

    let deltas = all(&outputs, "response.output_audio_transcript.delta");
    let said: String = deltas.iter().map(|event| event["delta"].as_str().unwrap()).collect();
    assert_eq!(said, "You said: Good morning");
    assert_eq!(found(&outputs, "response.output_audio_transcript.done")["transcript"], said);
    assert_eq!(found(&outputs, "response.content_part.done")["part"]["transcript"], said);

    let response = &found(&outputs, "response.done")["response"];
    assert_eq!(response["status"], "completed");
    assert_eq!(response["metadata"], json!({ "a": "b" }));
    assert_eq!(response["output"][0]["content"][0]["transcript"], said);
    assert_eq!(response["output"][0], found(&outputs, "response.output_item.done")["item"]);
    assert_eq!(response["id"], found(&outputs, "response.created")["response"]["id"]);
    for delta in deltas {
        assert_eq!(delta["response_id"], response["id"]);
        assert_eq!(delta["item_id"], response["output"][0]["id"]);
    }
}

#[test]
fn a_written_response_plays_nothing() {
    let mut scene = Scene::call(json!({ "output_modalities": ["text"] }));
    scene.write("Good morning");
    let mut outputs = scene.say(json!({ "type": "response.create" }));
    outputs.extend(scene.wait(10_000));

    assert_eq!(found(&outputs, "response.output_text.done")["text"], "You said: Good morning");
    assert!(names(&outputs).iter().all(|name| !name.contains("audio") && !name.contains("PLAY")));
    let usage = &found(&outputs, "response.done")["response"]["usage"];
    assert_eq!(usage["output_token_details"]["audio_tokens"], 0);
}

#[test]
fn sound_in_events_is_for_sockets_and_sidebands() {
    let mut call = Scene::call(json!({}));
    call.conversation.join(SIDEBAND, Side::Sideband, call.now);
    let outputs = call.say(json!({ "type": "response.create" }));
    let hearers = |outputs: &[Output]| -> Vec<To> {
        let deltas = outputs.iter().filter_map(|output| match output {
            Output::Say { to, event } if event["type"] == "response.output_audio.delta" => Some(*to),
            _ => None,
        });
        deltas.collect()
    };
    assert_eq!(hearers(&outputs), [To::One(SIDEBAND)]);
    call.conversation.leave(SIDEBAND);
    assert_eq!(hearers(&call.wait(10_000)), []);

    let outputs = Scene::socket(json!({})).say(json!({ "type": "response.create" }));
    assert_eq!(hearers(&outputs), [To::All]);
    // 150 ms at 24 kHz in 16 bits, in base64.
    let delta = found(&outputs, "response.output_audio.delta")["delta"].as_str().unwrap();
    assert_eq!(delta.len(), 150 * 24 * 2 * 4 / 3);
}

#[test]
fn usage_grows_with_the_conversation_and_so_does_the_cache() {
    let mut scene = Scene::call(json!({ "instructions": "Be kind. ".repeat(40) }));
    let usages: Vec<_> = (0..3).map(|_| scene.answer("Tell me something")["usage"].clone()).collect();

    let first = &usages[0];
    // 90 tokens of instructions and 5 of the message; "You said: Tell me something" is 5 words of 3 tokens each.
    assert_eq!(first["input_token_details"]["text_tokens"], 95);
    assert_eq!(first["input_token_details"]["cached_tokens"], 0);
    assert_eq!(first["output_token_details"]["audio_tokens"], 15);
    assert_eq!(first["total_tokens"], 95 + first["output_tokens"].as_u64().unwrap());
    for pair in usages.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        let input = before["input_tokens"].as_u64().unwrap() + before["output_tokens"].as_u64().unwrap() + 5;
        assert_eq!(after["input_tokens"], input);
        let cached = &after["input_token_details"]["cached_tokens_details"];
        assert_eq!(cached, &json!({ "text_tokens": 64, "audio_tokens": 0, "image_tokens": 0 }));
        assert!(after["input_token_details"]["audio_tokens"].as_u64().unwrap() > 0);
    }
}

#[test]
fn usage_counts_pictures_and_only_the_speech_that_was_heard() {
    let mut scene = Scene::call(json!({ "output_modalities": ["text"] }));
    let image = json!([{ "type": "input_image", "image_url": "data:image/png;base64,AAAA" }]);
    let item = json!({ "type": "message", "role": "user", "content": image });
    scene.say(json!({ "type": "conversation.item.create", "item": item }));
    let response = scene.respond(json!({}));
    assert_eq!(response["usage"]["input_token_details"]["image_tokens"], 255);
    assert_eq!(response["output"][0]["content"][0]["text"], "I see your picture.");

    let spoken = scene.respond(json!({ "output_modalities": ["audio"] }));
    let audio = |usage: &serde_json::Value| usage["input_token_details"]["audio_tokens"].as_u64().unwrap();
    assert_eq!(audio(&scene.respond(json!({}))["usage"]), 6 * 3);
    let id = &spoken["output"][0]["id"];
    scene.say(json!({
        "type": "conversation.item.truncate", "item_id": id, "content_index": 0, "audio_end_ms": 300,
    }));
    assert_eq!(audio(&scene.respond(json!({}))["usage"]), 6);
}

#[test]
fn a_response_ends_where_its_tokens_end() {
    let mut scene = Scene::call(json!({ "max_output_tokens": 9 }));
    let response = scene.answer("Good morning");

    assert_eq!(response["status"], "incomplete");
    assert_eq!(response["status_details"], json!({ "type": "incomplete", "reason": "max_output_tokens" }));
    assert_eq!(response["output"][0]["content"][0]["transcript"], "You said:");
    assert_eq!(response["output"][0]["status"], "incomplete");
    assert!(response["usage"]["output_tokens"].as_u64().unwrap() <= 9);

    let more = scene.respond(json!({ "max_output_tokens": "inf" }));
    assert_eq!(more["status"], "completed");
    let nothing = scene.respond(json!({ "max_output_tokens": 1 }));
    assert_eq!(nothing["usage"]["output_tokens"], 0);
}

#[test]
fn one_response_at_a_time_but_for_those_aside() {
    let mut scene = Scene::call(json!({}));
    let aside = json!({ "type": "response.create", "response": { "conversation": "none" } });
    scene.say(aside.clone());
    let first = scene.say(json!({ "type": "response.create" }));
    assert_eq!(all(&first, "response.created").len(), 1, "one aside is in nobody's way");
    let second = scene.say(json!({ "type": "response.create" }));
    assert_eq!(refusal(&second), ("conversation_already_has_active_response", None));

    let outputs = scene.say(aside);
    assert_eq!(found(&outputs, "response.created")["response"]["conversation_id"], json!(null));
    assert!(all(&outputs, "conversation.item.added").is_empty());
    let done = scene.wait(10_000);
    assert_eq!(all(&done, "response.done").len(), 3);
    assert_eq!(all(&done, "conversation.item.done").len(), 1);
}

#[test]
fn there_is_an_end_to_responses_aside() {
    let mut scene = Scene::call(json!({}));
    let aside = json!({ "type": "response.create", "response": { "conversation": "none" } });
    for _ in 0..16 {
        assert_eq!(all(&scene.say(aside.clone()), "response.created").len(), 1);
    }
    assert_eq!(refusal(&scene.say(aside)), ("too_many_active_responses", None));
}

#[test]
fn responses_may_have_a_context_of_their_own() {
    let mut scene = Scene::call(json!({}));
    scene.write("Good morning");
    let created = scene.write("Good night");
    let id = found(&created, "conversation.item.added")["item"]["id"].clone();
    let transcript = |response: serde_json::Value| response["output"][0]["content"][0]["transcript"].clone();

    let own =
        json!([{ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": "Hi" }] }]);
    assert_eq!(transcript(scene.respond(json!({ "conversation": "none", "input": own }))), "You said: Hi");
    let referred = json!({ "conversation": "none", "input": [{ "type": "item_reference", "id": id }] });
    assert_eq!(transcript(scene.respond(referred)), "You said: Good night");
    let called = json!([
        { "type": "function_call", "call_id": "call_1", "name": "look_up", "arguments": "{}" },
        { "type": "function_call_output", "call_id": "call_1", "output": "Rain" },
    ]);
    assert_eq!(
        transcript(scene.respond(json!({ "conversation": "none", "input": called }))),
        "The answer is: Rain"
    );
    let empty = json!({ "conversation": "none", "input": [] });
    assert!(transcript(scene.respond(empty)).as_str().unwrap().starts_with("Hello!"));
    let unknown = json!({ "input": [{ "type": "item_reference", "id": "item_x" }] });
    let outputs = scene.say(json!({ "type": "response.create", "response": unknown }));
    assert_eq!(refusal(&outputs), ("invalid_value", Some("response.input[0].id")));
}

#[test]
fn a_cancelled_response_is_still_heard_until_it_is_cleared() {
    let mut scene = Scene::call(json!({}));
    scene.say(json!({ "type": "response.create" }));
    scene.wait(300);

    let outputs = scene.say(json!({ "type": "response.cancel" }));
    let response = &found(&outputs, "response.done")["response"];
    assert_eq!(response["status"], "cancelled");
    assert_eq!(response["status_details"]["reason"], "client_cancelled");
    assert_eq!(response["output"][0]["content"][0]["transcript"], "Hello! I am");
    // Three words of 150 ms, in tokens of 50 ms.
    assert_eq!(response["usage"]["output_token_details"]["audio_tokens"], 9);

    let cleared = scene.say(json!({ "type": "output_audio_buffer.clear" }));
    assert_eq!(names(&cleared), ["HUSH", "output_audio_buffer.cleared"]);
    assert_eq!(names(&scene.wait(60_000)), [""; 0]);
    let nothing = scene.say(json!({ "type": "response.cancel" }));
    assert_eq!(refusal(&nothing), ("response_cancel_not_active", None));
}

#[test]
fn only_the_response_that_is_named_is_cancelled() {
    let mut scene = Scene::call(json!({}));
    let aside = scene.say(json!({ "type": "response.create", "response": { "conversation": "none" } }));
    let unnamed = scene.say(json!({ "type": "response.cancel" }));
    assert_eq!(refusal(&unnamed), ("response_cancel_not_active", None), "it is for the conversation's own");
    scene.say(json!({ "type": "response.create" }));
    let id = found(&aside, "response.created")["response"]["id"].clone();

    let outputs = scene.say(json!({ "type": "response.cancel", "response_id": id }));
    assert_eq!(found(&outputs, "response.done")["response"]["id"], id);
    let outputs = scene.wait(10_000);
    assert_eq!(found(&outputs, "response.done")["response"]["status"], "completed");
}

#[test]
fn a_function_is_called_and_its_result_is_told() {
    let weather = json!({
        "type": "function",
        "name": "get_weather",
        "parameters": { "type": "object", "properties": {
            "city": { "type": "string" }, "days": { "type": "integer" }, "unit": { "enum": ["C", "F"] },
        } },
    });
    let mut scene = Scene::call(json!({ "tools": [weather] }));
    scene.write("Please get weather for Berlin!");
    let mut outputs = scene.say(json!({ "type": "response.create" }));
    outputs.extend(scene.wait(10_000));

    let done = found(&outputs, "response.function_call_arguments.done");
    assert_eq!(done["arguments"], r#"{"city":"Berlin","days":1,"unit":"C"}"#);
    let deltas = all(&outputs, "response.function_call_arguments.delta");
    let arguments: String = deltas.iter().map(|event| event["delta"].as_str().unwrap()).collect();
    assert_eq!(done["arguments"], arguments);
    let call = &found(&outputs, "response.done")["response"]["output"][0];
    assert_eq!(call["type"], "function_call");
    assert_eq!(call["name"], "get_weather");
    assert_eq!(call["call_id"], done["call_id"]);

    let result = |call_id| {
        let item = json!({ "type": "function_call_output", "call_id": call_id, "output": "Rain" });
        json!({ "type": "conversation.item.create", "item": item })
    };
    let unknown = scene.say(result(json!("call_x")));
    assert_eq!(refusal(&unknown), ("invalid_tool_call_id", Some("item.call_id")));
    scene.say(result(done["call_id"].clone()));
    let response = scene.respond(json!({}));
    assert_eq!(response["output"][0]["content"][0]["transcript"], "The answer is: Rain");
}

#[test]
fn a_session_ends_for_everyone() {
    let mut scene = Scene::call(json!({}));
    scene.conversation.join(SIDEBAND, Side::Sideband, scene.now);
    assert_eq!(scene.conversation.next(), Some(scene.now + LIFE));

    let outputs = scene.wait(3_600_000);
    assert_eq!(names(&outputs), ["error", "END Expired"]);
    assert!(matches!(outputs[0], Output::Say { to: To::All, .. }));
    assert_eq!(found(&outputs, "error")["error"]["code"], "session_expired");
    assert_eq!(scene.conversation.next(), None);
    assert_eq!(names(&scene.say(json!({ "type": "response.create" }))), [""; 0]);
}
