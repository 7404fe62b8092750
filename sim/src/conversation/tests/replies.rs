//! What the model says to what.

use serde_json::{Value, json};

use super::scene::Scene;
use crate::conversation::sound::Format;

fn transcript(response: &Value) -> &str {
    response["output"][0]["content"][0]["transcript"].as_str().unwrap()
}

#[test]
fn answers_in_the_language_of_the_instructions() {
    let spanish = "Eres una persona amable que habla con los niños. Responde en español.";
    for (instructions, greeting, answer, later) in [
        (
            "You are kind.",
            "Hello! I am a simulated voice.",
            "You said: Hola",
            "I am still here, and listening.",
        ),
        (spanish, "¡Hola! Soy una voz simulada.", "Has dicho: Hola", "Sigo aquí, escuchando."),
    ] {
        let mut scene = Scene::call(json!({ "instructions": instructions }));
        assert!(transcript(&scene.respond(json!({}))).starts_with(greeting));
        assert_eq!(transcript(&scene.answer("Hola")), answer);
        assert_eq!(transcript(&scene.respond(json!({}))), later);
    }
}

#[test]
fn the_instructions_of_a_response_come_before_those_of_the_session() {
    let mut scene = Scene::call(json!({ "instructions": "You are kind." }));
    let response =
        scene.respond(json!({ "instructions": "Saluda en español a la persona con la que hablas." }));
    assert!(transcript(&response).starts_with("¡Hola!"));
}

#[test]
fn speech_that_is_handed_in_is_heard() {
    let mut scene = Scene::call(json!({}));
    let content = json!([{ "type": "input_audio", "audio": Format::Pcm.tone(700) }]);
    let item = json!({ "type": "message", "role": "user", "content": content });
    scene.say(json!({ "type": "conversation.item.create", "item": item }));
    let response = scene.respond(json!({}));
    assert_eq!(transcript(&response), "I heard you for 0.7 seconds. This is how you sounded.");
    assert_eq!(response["usage"]["input_token_details"]["audio_tokens"], 7);
}

#[test]
fn long_texts_are_quoted_in_part() {
    let mut scene = Scene::call(json!({}));
    let response = scene.answer(&"word\n ".repeat(30));
    assert_eq!(transcript(&response), format!("You said: {}…", "word ".repeat(24)));
}

#[test]
fn greets_though_a_system_message_came_first() {
    let mut scene = Scene::call(json!({}));
    let content = json!([{ "type": "input_text", "text": "The user is called Ana." }]);
    let item = json!({ "type": "message", "role": "system", "content": content });
    scene.say(json!({ "type": "conversation.item.create", "item": item }));
    assert!(transcript(&scene.respond(json!({}))).starts_with("Hello!"));
}

#[test]
fn functions_are_called_as_the_choice_says() {
    let tools = json!([{ "type": "function", "name": "first" }, { "type": "function", "name": "second" }]);
    for (choice, text, called) in [
        (json!("auto"), "use the second one", Some("second")),
        (json!("auto"), "use none", None),
        (json!("none"), "use the second one", None),
        (json!("required"), "use none", Some("first")),
        (json!("required"), "use the second one", Some("second")),
        (json!({ "type": "function", "name": "second" }), "use none", Some("second")),
    ] {
        let mut scene = Scene::call(json!({ "tools": tools, "tool_choice": choice }));
        let response = scene.answer(text);
        assert_eq!(response["output"][0]["name"].as_str(), called, "{choice} {text}");
    }
}
