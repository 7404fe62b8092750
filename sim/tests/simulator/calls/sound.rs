//! Sound, from a browser and to it.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use super::connected;
use crate::{browser::Browser, support::start};

/// 20 ms of sound that nobody decodes, told from others by its number.
fn packet(number: u8) -> Vec<u8> {
    let mut packet = vec![0x78, number];
    packet.resize(60, 0x55);
    packet
}

/// Says twenty packets in real time, then is silent until the answer has begun.
async fn say_something(browser: &mut Browser) {
    for number in 0..60 {
        let level = if number < 20 { -20 } else { -90 };
        browser.speak(&packet(number), level);
        browser.live(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_response_is_heard_for_as_long_as_it_lasts() {
    let simulator = start().await;
    let (mut browser, _, _) = connected(&simulator).await;
    browser.live(Duration::from_millis(100)).await;
    assert_eq!(browser.heard.len(), 0, "nothing is sent while nobody speaks");

    browser.send(&json!({ "type": "response.create" }));
    browser.event("output_audio_buffer.stopped").await;
    browser.live(Duration::from_millis(200)).await;
    let heard = browser.heard.len();
    let said = browser.event("response.done").await;
    let spoken = said["response"]["output"][0]["content"][0]["transcript"].as_str().unwrap();
    // 150 ms a word, 20 ms a packet.
    let expected = spoken.split_whitespace().count() * 150 / 20;
    assert!(heard.abs_diff(expected) <= 1, "{heard} packets for {spoken:?}");
    assert!(browser.heard.iter().all(|packet| packet.len() > 40), "a tone, not silence");

    browser.live(Duration::from_millis(300)).await;
    assert_eq!(browser.heard.len(), heard, "it stops with the response");
}

#[tokio::test]
async fn who_speaks_is_heard_and_hears_their_words_again() {
    let simulator = start().await;
    let (mut browser, _, _) = connected(&simulator).await;
    say_something(&mut browser).await;
    browser.event("input_audio_buffer.speech_started").await;
    browser.event("input_audio_buffer.speech_stopped").await;
    browser.event("output_audio_buffer.stopped").await;
    browser.until(|browser| browser.heard.iter().any(|heard| heard[1] == 19)).await;

    let numbers: Vec<u8> = browser.heard.iter().map(|heard| heard[1]).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    assert!(numbers.ends_with(&(5..20).collect::<Vec<u8>>()), "{numbers:?}");
    let own: Vec<Arc<[u8]>> = numbers.iter().map(|number| packet(*number).into()).collect();
    assert_eq!(browser.heard, own);
}

#[tokio::test]
async fn a_response_that_is_cancelled_falls_silent() {
    let simulator = start().await;
    let (mut browser, _, _) = connected(&simulator).await;
    let long = "word ".repeat(100);
    let item =
        json!({ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": long }] });
    browser.send(&json!({ "type": "conversation.item.create", "item": item }));
    browser.send(&json!({ "type": "response.create" }));
    browser.until(|browser| browser.heard.len() > 5).await;
    browser.send(&json!({ "type": "response.cancel" }));
    browser.send(&json!({ "type": "output_audio_buffer.clear" }));
    browser.event("response.done").await;
    browser.live(Duration::from_millis(100)).await;
    let heard = browser.heard.len();
    browser.live(Duration::from_millis(300)).await;

    assert_eq!(browser.heard.len(), heard);
    assert!(heard < 100, "{heard}");
}
