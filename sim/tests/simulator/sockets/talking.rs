//! Whole conversations over a socket.

use std::time::Duration;

use ephemint_sim::{DEMO_API_KEY, Settings, Simulator};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    socket::{End, Socket},
    support::start,
};

const MODEL: &str = "?model=gpt-realtime-2.1";

async fn open(simulator: &Simulator) -> Socket {
    let mut socket = Socket::open(simulator, MODEL, DEMO_API_KEY).await;
    assert_eq!(socket.event().await["type"], "session.created");
    socket
}

fn text(text: &str) -> Value {
    let content = json!([{ "type": "input_text", "text": text }]);
    json!({
        "type": "conversation.item.create",
        "item": { "type": "message", "role": "user", "content": content },
    })
}

#[tokio::test]
async fn a_text_is_answered_in_words_and_sound() {
    let simulator = start().await;
    let mut socket = open(&simulator).await;
    socket.send(text("Hi")).await;
    socket.send(json!({ "type": "response.create" })).await;
    let mut words = String::new();
    let mut sound = 0;
    let response = loop {
        let event = socket.event().await;
        match event["type"].as_str().unwrap() {
            "response.output_audio_transcript.delta" => words += event["delta"].as_str().unwrap(),
            "response.output_audio.delta" => sound += event["delta"].as_str().unwrap().len(),
            "response.done" => break event["response"].clone(),
            _ => {}
        }
    };
    assert_eq!(words, "You said: Hi");
    // Three words of 150 ms, at 24 kHz in 16 bits, in base64.
    assert_eq!(sound, 3 * 150 * 24 * 2 * 4 / 3);
    assert_eq!(response["usage"]["output_token_details"]["audio_tokens"], 9);
}

#[tokio::test]
async fn sound_in_events_is_heard() {
    let simulator = start().await;
    let mut socket = open(&simulator).await;
    // Half a second at full loudness, then as much silence: 24 kHz, 16 bits, in base64.
    let (loud, quiet) = ("/38B".repeat(8_000), "AAAA".repeat(8_000));
    for audio in [loud, quiet] {
        socket.send(json!({ "type": "input_audio_buffer.append", "audio": audio })).await;
    }
    socket.until("input_audio_buffer.speech_started").await;
    socket.until("input_audio_buffer.committed").await;
    let done = socket.until("response.done").await;
    assert_eq!(done["response"]["usage"]["input_token_details"]["audio_tokens"], 5);
}

#[tokio::test]
async fn mistakes_are_told_and_the_session_goes_on() {
    let simulator = start().await;
    let mut socket = open(&simulator).await;
    for message in [Message::text("{"), Message::binary(b"\xff".to_vec())] {
        socket.put(message).await;
        assert_eq!(socket.event().await["error"]["code"], "invalid_json");
    }
    socket.send(json!({ "type": "session.update", "session": { "type": "realtime", "voice": "x" } })).await;
    let error = socket.event().await;
    assert_eq!(error["error"]["code"], "unknown_parameter");
    assert_eq!(error["error"]["param"], "session.voice");
    socket.has_been_silent().await;
}

#[tokio::test]
async fn large_messages_come_through_and_pings_are_answered() {
    let simulator = start().await;
    let mut socket = open(&simulator).await;
    let instructions = "Long. ".repeat(500_000);
    let session = json!({ "type": "realtime", "instructions": instructions });
    socket.send(json!({ "type": "session.update", "session": session })).await;
    assert_eq!(socket.event().await["session"]["instructions"], instructions);

    socket.put(Message::Ping("are you there".into())).await;
    assert_eq!(socket.message().await, Some(Message::Pong("are you there".into())));
}

#[tokio::test]
async fn a_session_that_has_lived_its_life_ends_as_the_provider_ends_it() {
    let settings = Settings { session_life: Duration::from_millis(300), ..Settings::default() };
    let simulator = Simulator::start(settings).await.unwrap();
    let mut socket = open(&simulator).await;
    assert_eq!(socket.until("error").await["error"]["code"], "session_expired");
    assert_eq!(socket.end().await, End::Closed(1001));
}

#[tokio::test]
async fn sessions_do_not_hear_each_other() {
    let simulator = start().await;
    let (mut one, mut other) = (open(&simulator).await, open(&simulator).await);
    one.send(text("Hi")).await;
    one.until("conversation.item.done").await;
    other.has_been_silent().await;
}
