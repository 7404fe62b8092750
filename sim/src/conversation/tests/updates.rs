//! Updates of the session.

use serde_json::{Value, json};

use super::scene::{Scene, found, names, refusal};

fn update(scene: &mut Scene, mut session: Value) -> Vec<crate::conversation::Output> {
    session["type"] = "realtime".into();
    scene.say(json!({ "type": "session.update", "session": session }))
}

#[test]
fn an_update_changes_what_it_names_and_shows_all() {
    let mut scene = Scene::call(json!({ "instructions": "Be kind.", "model": "gpt-realtime-2.1-mini" }));
    let detection = json!({ "type": "semantic_vad" });
    let outputs = update(
        &mut scene,
        json!({ "instructions": "Be brief.", "audio": { "input": { "turn_detection": detection } } }),
    );
    let session = &found(&outputs, "session.updated")["session"];
    assert_eq!(session["id"], "sess_scene");
    assert_eq!(session["instructions"], "Be brief.");
    assert_eq!(session["model"], "gpt-realtime-2.1-mini-2026-07-08");
    assert_eq!(session["audio"]["output"]["voice"], "alloy");
    let full = json!({
        "type": "semantic_vad", "eagerness": "auto", "create_response": true, "interrupt_response": true,
    });
    assert_eq!(session["audio"]["input"]["turn_detection"], full);

    let outputs =
        update(&mut scene, json!({ "audio": { "input": { "turn_detection": null } }, "tools": [] }));
    let session = &found(&outputs, "session.updated")["session"];
    assert_eq!(session["audio"]["input"]["turn_detection"], Value::Null);
    assert_eq!(session["instructions"], "Be brief.");
}

#[test]
fn a_transcription_is_updated_as_one() {
    let mut scene = Scene::socket(json!({ "type": "transcription" }));
    let transcription = json!({ "model": "gpt-live-transcribe", "language": "es" });
    let session =
        json!({ "type": "transcription", "audio": { "input": { "transcription": transcription } } });
    let outputs = scene.say(json!({ "type": "session.update", "session": session }));
    let updated = &found(&outputs, "session.updated")["session"];
    assert_eq!(updated["audio"]["input"]["transcription"], transcription);
    assert_eq!(updated["object"], "realtime.transcription_session");
    assert_eq!(refusal(&update(&mut scene, json!({}))), ("invalid_value", Some("session.type")));
}

#[test]
fn the_model_stays() {
    let mut scene = Scene::call(json!({ "model": "gpt-realtime-2.1-mini" }));
    for same in ["gpt-realtime-2.1-mini", "gpt-realtime-2.1-mini-2026-07-08"] {
        assert_eq!(names(&update(&mut scene, json!({ "model": same }))), ["session.updated"]);
    }
    let outputs = update(&mut scene, json!({ "model": "gpt-realtime-2.1" }));
    assert_eq!(refusal(&outputs), ("invalid_value", Some("session.model")));
    let outputs = update(&mut scene, json!({ "model": "gpt-realtime-9" }));
    assert_eq!(refusal(&outputs), ("model_not_found", Some("session.model")));
}

#[test]
fn the_voice_stays_once_it_was_heard() {
    let mut scene = Scene::call(json!({}));
    let voice = |voice: &str| json!({ "audio": { "output": { "voice": voice } } });
    assert_eq!(names(&update(&mut scene, voice("marin"))), ["session.updated"]);
    scene.respond(json!({ "output_modalities": ["text"] }));
    assert_eq!(names(&update(&mut scene, voice("cedar"))), ["session.updated"]);

    scene.respond(json!({}));
    assert_eq!(refusal(&update(&mut scene, voice("marin"))), ("cannot_update_voice", None));
    assert_eq!(names(&update(&mut scene, voice("cedar"))), ["session.updated"]);
    let own = json!({ "type": "response.create", "response": voice("marin") });
    assert_eq!(refusal(&scene.say(own)), ("cannot_update_voice", None));
}

#[test]
fn tracing_stays_once_it_is_on() {
    let mut scene = Scene::call(json!({}));
    assert_eq!(names(&update(&mut scene, json!({ "tracing": "auto" }))), ["session.updated"]);
    assert_eq!(names(&update(&mut scene, json!({ "tracing": "auto" }))), ["session.updated"]);
    let outputs = update(&mut scene, json!({ "tracing": null }));
    assert_eq!(refusal(&outputs), ("invalid_value", Some("session.tracing")));
}

#[test]
fn a_refused_update_changes_nothing() {
    let mut scene = Scene::call(json!({ "instructions": "Be kind." }));
    update(&mut scene, json!({ "instructions": "Be rude.", "model": "gpt-realtime-2" }));
    let outputs = update(&mut scene, json!({}));
    assert_eq!(found(&outputs, "session.updated")["session"]["instructions"], "Be kind.");
}

#[test]
fn the_first_words_of_the_official_client_are_accepted() {
    let mut scene = Scene::call(json!({ "instructions": "Be kind." }));
    let outputs = update(
        &mut scene,
        json!({
            "instructions": "Be brief.",
            "model": "gpt-realtime-2.1",
            "output_modalities": ["audio"],
            "audio": {
                "input": {
                    "format": { "type": "audio/pcm", "rate": 24000 },
                    "noise_reduction": null,
                    "transcription": { "model": "gpt-4o-mini-transcribe" },
                    "turn_detection": { "type": "semantic_vad" },
                },
                "output": { "format": { "type": "audio/pcm", "rate": 24000 }, "speed": 1 },
            },
            "tool_choice": "auto",
        }),
    );
    assert_eq!(found(&outputs, "session.updated")["session"]["instructions"], "Be brief.");
    assert_eq!(names(&update(&mut scene, json!({ "tracing": "auto" }))), ["session.updated"]);
}
