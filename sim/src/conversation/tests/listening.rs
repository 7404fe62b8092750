//! The user's sound: when speech begins and ends, and what it becomes.

use serde_json::json;

use super::scene::{LOUD, QUIET, Scene, all, found, names, refusal};
use crate::conversation::Output;

#[test]
fn speech_becomes_an_item_and_is_answered_with_an_echo() {
    let mut scene = Scene::call(json!({}));
    assert_eq!(names(&scene.hear(QUIET, 1_000)), [""; 0]);

    let started = scene.hear(LOUD, 1_200);
    assert_eq!(names(&started), ["input_audio_buffer.speech_started"]);
    // A second of silence less 300 ms of padding.
    assert_eq!(found(&started, "input_audio_buffer.speech_started")["audio_start_ms"], 700);

    assert_eq!(names(&scene.hear(QUIET, 480)), [""; 0]);
    let stopped = scene.hear(QUIET, 20);
    assert_eq!(
        names(&stopped)[..5],
        [
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
            "response.created",
        ],
    );
    assert_eq!(found(&stopped, "input_audio_buffer.speech_stopped")["audio_end_ms"], 2_700);
    let id = &found(&started, "input_audio_buffer.speech_started")["item_id"];
    assert_eq!(found(&stopped, "input_audio_buffer.committed")["item_id"], *id);
    assert!(stopped.contains(&Output::Play { millis: 1_650, echo: true }), "{:?}", names(&stopped));

    let done = scene.wait(10_000);
    let response = &found(&done, "response.done")["response"];
    let transcript = "I heard you for 1.5 seconds. This is how you sounded.";
    assert_eq!(response["output"][0]["content"][0]["transcript"], transcript);
    assert_eq!(response["usage"]["input_token_details"]["audio_tokens"], 15);
}

#[test]
fn a_beep_is_not_speech() {
    let mut scene = Scene::call(json!({}));
    for _ in 0..10 {
        assert_eq!(names(&scene.hear(LOUD, 140)), [""; 0]);
        assert_eq!(names(&scene.hear(QUIET, 360)), [""; 0]);
    }
}

#[test]
fn a_pause_is_not_the_end() {
    let mut scene = Scene::call(json!({}));
    scene.hear(LOUD, 400);
    assert_eq!(names(&scene.hear(QUIET, 300)), [""; 0]);
    assert_eq!(names(&scene.hear(LOUD, 20)), [""; 0]);
    assert_eq!(names(&scene.hear(QUIET, 480)), [""; 0]);
    assert!(!scene.hear(QUIET, 20).is_empty());
}

#[test]
fn the_threshold_decides_what_is_loud() {
    let session = |threshold: f64| {
        let detection = json!({ "type": "server_vad", "threshold": threshold });
        json!({ "audio": { "input": { "turn_detection": detection } } })
    };
    for (threshold, level, is_speech) in [
        (0.5, -45, true),
        (0.5, -46, false),
        (1.0, -30, true),
        (1.0, -31, false),
        (0.0, -60, true),
        (0.0, -61, false),
    ] {
        let outputs = Scene::call(session(threshold)).hear(level, 200);
        assert_eq!(!outputs.is_empty(), is_speech, "{threshold} {level}");
    }
}

#[test]
fn speech_ends_when_packets_stop_but_in_events_only_with_silence() {
    let mut call = Scene::call(json!({}));
    call.hear(LOUD, 400);
    assert_eq!(call.conversation.next(), Some(call.now + std::time::Duration::from_millis(500)));
    let stopped = call.wait(500);
    // The padding reaches back to the beginning of the sound.
    assert_eq!(found(&stopped, "input_audio_buffer.speech_stopped")["audio_end_ms"], 900);

    let mut socket = Scene::socket(json!({}));
    socket.hear(LOUD, 400);
    assert_eq!(names(&socket.wait(60_000)), [""; 0]);
    assert!(!socket.hear(QUIET, 500).is_empty());
}

#[test]
fn semantic_detection_waits_as_eagerly_as_it_is_told() {
    for (eagerness, silence) in [("high", 400), ("auto", 800), ("medium", 800), ("low", 1_600)] {
        let detection = json!({ "type": "semantic_vad", "eagerness": eagerness });
        let mut scene = Scene::call(json!({ "audio": { "input": { "turn_detection": detection } } }));
        scene.hear(LOUD, 400);
        assert_eq!(names(&scene.hear(QUIET, silence - 20)), [""; 0], "{eagerness}");
        assert!(!scene.hear(QUIET, 20).is_empty(), "{eagerness}");
    }
}

#[test]
fn speech_interrupts_a_response() {
    let mut scene = Scene::call(json!({}));
    scene.say(json!({ "type": "response.create" }));
    let outputs = scene.hear(LOUD, 200);

    let names = names(&outputs);
    let began = names.iter().position(|name| name == "input_audio_buffer.speech_started").unwrap();
    assert_eq!(
        names[began..],
        [
            "input_audio_buffer.speech_started",
            "response.output_audio.done",
            "response.output_audio_transcript.done",
            "response.content_part.done",
            "response.output_item.done",
            "conversation.item.done",
            "response.done",
            "HUSH",
            "output_audio_buffer.cleared",
        ],
    );
    let response = &found(&outputs, "response.done")["response"];
    assert_eq!(response["status_details"], json!({ "type": "cancelled", "reason": "turn_detected" }));
}

#[test]
fn without_interruption_the_answer_waits_its_turn() {
    let detection = json!({ "type": "server_vad", "interrupt_response": false });
    let mut scene = Scene::call(json!({ "audio": { "input": { "turn_detection": detection } } }));
    scene.say(json!({ "type": "response.create" }));
    let mut outputs = scene.hear(LOUD, 200);
    outputs.extend(scene.hear(QUIET, 500));
    assert_eq!(all(&outputs, "response.created").len(), 0);
    assert_eq!(all(&outputs, "input_audio_buffer.committed").len(), 1);

    let later = scene.wait(60_000);
    let statuses: Vec<_> =
        all(&later, "response.done").iter().map(|event| &event["response"]["status"]).collect();
    assert_eq!(statuses, ["completed", "completed"]);
}

#[test]
fn nobody_answers_where_no_response_is_to_be_created() {
    let detection = json!({ "type": "server_vad", "create_response": false });
    let mut scene = Scene::call(json!({ "audio": { "input": { "turn_detection": detection } } }));
    scene.hear(LOUD, 200);
    let outputs = scene.hear(QUIET, 500);
    assert!(all(&outputs, "response.created").is_empty());
    assert_eq!(all(&outputs, "input_audio_buffer.committed").len(), 1);
}

#[test]
fn without_turn_detection_the_client_commits() {
    let mut scene = Scene::call(json!({ "audio": { "input": { "turn_detection": null } } }));
    let commit = json!({ "type": "input_audio_buffer.commit" });
    scene.hear(LOUD, 80);
    assert_eq!(refusal(&scene.say(commit.clone())), ("input_audio_buffer_commit_empty", None));
    assert_eq!(names(&scene.hear(LOUD, 1_000)), [""; 0]);
    let outputs = scene.say(commit.clone());
    assert_eq!(
        names(&outputs),
        ["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"],
    );

    scene.hear(LOUD, 1_000);
    let cleared = scene.say(json!({ "type": "input_audio_buffer.clear" }));
    assert_eq!(names(&cleared), ["input_audio_buffer.cleared"]);
    assert_eq!(refusal(&scene.say(commit)), ("input_audio_buffer_commit_empty", None));
}

#[test]
fn speech_is_written_down_where_the_session_asks_for_it() {
    for (model, usage) in [
        ("gpt-live-transcribe", json!({ "type": "duration", "seconds": 0.5 })),
        (
            "gpt-4o-mini-transcribe",
            json!({
                "type": "tokens", "total_tokens": 11, "input_tokens": 5, "output_tokens": 6,
                "input_token_details": { "text_tokens": 0, "audio_tokens": 5 },
            }),
        ),
    ] {
        let mut scene = Scene::call(json!({ "audio": { "input": { "transcription": { "model": model } } } }));
        scene.hear(LOUD, 500);
        let outputs = scene.hear(QUIET, 500);
        let completed = found(&outputs, "conversation.item.input_audio_transcription.completed");
        assert_eq!(completed["transcript"], "(0.5 seconds of speech)");
        assert_eq!(completed["usage"], usage, "{model}");
        let deltas = all(&outputs, "conversation.item.input_audio_transcription.delta");
        let written: String = deltas.iter().map(|event| event["delta"].as_str().unwrap()).collect();
        assert_eq!(completed["transcript"], written);

        let retrieve = json!({ "type": "conversation.item.retrieve", "item_id": completed["item_id"] });
        let outputs = scene.say(retrieve);
        let item = &found(&outputs, "conversation.item.retrieved")["item"];
        assert_eq!(item["content"][0]["transcript"], written);
    }
}

#[test]
fn a_transcription_session_only_writes_down() {
    let transcription = json!({ "model": "gpt-live-transcribe", "language": "es" });
    let session =
        json!({ "type": "transcription", "audio": { "input": { "transcription": transcription } } });
    let mut scene = Scene::socket(session);
    scene.hear(LOUD, 500);
    let outputs = scene.hear(QUIET, 500);
    let completed = found(&outputs, "conversation.item.input_audio_transcription.completed");
    assert_eq!(completed["transcript"], "(0,5 segundos de voz)");
    assert!(all(&outputs, "response.created").is_empty());
    let refused = scene.say(json!({ "type": "response.create" }));
    assert_eq!(refusal(&refused), ("invalid_value", Some("type")));
}
