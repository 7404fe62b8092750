//! What the user hears where sound does not travel in the events.

use std::time::Instant;

use serde_json::json;

use super::{
    Conversation,
    response::{Response, millis},
    seam::{Output, Voice},
};
use crate::validate::Refusal;

/// A response's sound, while the user hears it.
#[derive(Debug)]
pub(super) struct Playing {
    response_id: String,
    pub(super) until: Instant,
}

impl Conversation {
    /// Lets the user hear a response, where sound does not travel in the events.
    pub(super) fn play(&mut self, response: &Response, now: Instant) {
        self.has_spoken = true;
        if self.voice == Voice::InEvents || response.pieces.is_empty() {
            return;
        }
        let length = response.length();
        let millis = u32::try_from(millis(length)).unwrap_or(u32::MAX);
        self.outbox.put(Output::Play { millis, echo: response.is_echo });
        self.outbox.tell("output_audio_buffer.started", json!({ "response_id": response.id }));
        self.playing.push(Playing { response_id: response.id.clone(), until: now + length });
    }

    /// Says of what has been heard to its end that it has.
    pub(super) fn fade(&mut self, now: Instant) {
        for ended in self.playing.extract_if(.., |playing| playing.until <= now) {
            self.outbox.tell("output_audio_buffer.stopped", json!({ "response_id": ended.response_id }));
        }
    }

    pub(super) fn clear_output(&mut self) -> Result<(), Refusal> {
        if self.voice == Voice::InEvents {
            let message = "There is no output buffer here: it is for WebRTC.";
            return Err(Refusal::new("invalid_value", Some("type"), message));
        }
        self.hush();
        Ok(())
    }

    /// Stops all of it.
    pub(super) fn hush(&mut self) {
        if !self.playing.is_empty() {
            self.outbox.put(Output::Hush);
        }
        for playing in std::mem::take(&mut self.playing) {
            self.outbox.tell("output_audio_buffer.cleared", json!({ "response_id": playing.response_id }));
        }
    }
}
