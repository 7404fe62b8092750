//! What happens to responses.

use std::time::Instant;

use serde_json::{Value, json};

use super::{
    Conversation,
    client_event::Wanted,
    items::Item,
    plan::Grounds,
    response::{Cancelled, Ending, Part, Response, joined, millis},
    seam::{Output, To, Voice},
    sound::Format,
};
use crate::validate::Refusal;

/// How many responses may be under way beside the conversation.
const MOST_ASIDE: usize = 16;

/// What an account may use in a minute, as far as it is told.
const TOKENS_A_MINUTE: u64 = 40_000;

/// A response's sound, while the user hears it.
#[derive(Debug)]
pub(super) struct Playing {
    response_id: String,
    pub(super) until: Instant,
}

impl Conversation {
    pub(super) fn create_response(&mut self, wanted: &Wanted, now: Instant) -> Result<(), Refusal> {
        self.may_respond(wanted)?;
        let own = wanted.input.as_ref().map(|input| self.own_context(input)).transpose()?;
        let grounds = Grounds {
            configuration: &self.configuration,
            context: own.as_ref().map_or_else(|| self.items.iter().collect(), |own| own.iter().collect()),
            seen: self.seen,
            conversation_id: &self.id,
        };
        let response = grounds.plan(wanted, &mut self.outbox, now);
        self.begin(response, now);
        Ok(())
    }

    fn may_respond(&self, wanted: &Wanted) -> Result<(), Refusal> {
        if !self.configuration.converses() {
            return Err(Refusal::new(
                "invalid_value",
                Some("type"),
                "This type of session has no responses.",
            ));
        }
        if self.has_spoken {
            self.configuration.keeps_voice(wanted.voice(), "response.audio.output.voice")?;
        }
        if wanted.conversation.as_deref() == Some("none") {
            return if self.responses.len() < MOST_ASIDE { Ok(()) } else { Err(too_many()) };
        }
        match self.responses.iter().find(|response| !response.is_aside) {
            Some(Response { id, .. }) => {
                let message =
                    format!("The conversation has an active response: {id}. Wait until it is done.");
                Err(Refusal::new("conversation_already_has_active_response", None, message))
            }
            None => Ok(()),
        }
    }

    /// The items that a response is to see in place of the conversation.
    fn own_context(&mut self, input: &[Value]) -> Result<Vec<Item>, Refusal> {
        let mut context: Vec<Item> = Vec::with_capacity(input.len());
        for (index, sent) in input.iter().enumerate() {
            let param = format!("response.input[{index}]");
            let item = match sent.get("type").and_then(Value::as_str) {
                Some("item_reference") => self.referred(sent, &param)?,
                _ => self.made(sent.clone(), &param)?,
            };
            context.push(item);
        }
        Ok(context)
    }

    fn referred(&self, reference: &Value, param: &str) -> Result<Item, Refusal> {
        let id = reference.get("id").and_then(Value::as_str).unwrap_or_default();
        self.items.get(id).cloned().ok_or_else(|| {
            let message = format!("The conversation has no item `{id}`.");
            Refusal::new("invalid_value", Some(&format!("{param}.id")), message)
        })
    }

    fn begin(&mut self, response: Response, now: Instant) {
        self.outbox.tell("response.created", json!({ "response": response.begun() }));
        let limit = json!({
            "name": "tokens",
            "limit": TOKENS_A_MINUTE,
            "remaining": TOKENS_A_MINUTE.saturating_sub(response.input.total()),
            "reset_seconds": 60.0,
        });
        self.outbox.tell("rate_limits.updated", json!({ "rate_limits": [limit] }));

        let item = response.item(None);
        let object = item.object.clone();
        let added = json!({ "response_id": response.id, "output_index": 0, "item": object });
        self.outbox.tell("response.output_item.added", added);
        if !response.is_aside {
            self.seen = response.input;
            let before = self.items.append(item);
            let event = json!({ "previous_item_id": before, "item": object });
            self.outbox.tell("conversation.item.added", event);
        }
        if let Some(part) = response.content_part() {
            let event = joined(response.place(), json!({ "content_index": 0, "part": part }));
            self.outbox.tell("response.content_part.added", event);
        }
        if response.part == Part::Sound {
            self.play(&response, now);
        }
        self.responses.push(response);
        self.go_on(now);
    }

    /// Lets the user hear a response, where sound does not travel in the events.
    fn play(&mut self, response: &Response, now: Instant) {
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

    /// Says everything that is due.
    pub(super) fn go_on(&mut self, now: Instant) {
        while let Some(at) = self.responses.iter().position(|response| response.due <= now) {
            let is_done =
                self.responses.get(at).is_none_or(|response| response.said == response.pieces.len());
            if is_done {
                let response = self.responses.remove(at);
                let ending = if response.is_whole { Ending::Completed } else { Ending::OutOfTokens };
                self.finish(&response, ending);
            } else {
                self.say_piece(at);
            }
        }
        for ended in self.playing.extract_if(.., |playing| playing.until <= now) {
            self.outbox.tell("output_audio_buffer.stopped", json!({ "response_id": ended.response_id }));
        }
        if self.owes_response && !self.responses.iter().any(|response| !response.is_aside) {
            self.owes_response = false;
            // Nothing stands in its way any more; were there something, nobody has asked for it to be told.
            let _ = self.create_response(&Wanted::default(), now);
        }
    }

    fn say_piece(&mut self, at: usize) {
        let Some(response) = self.responses.get_mut(at) else {
            return;
        };
        let piece = response.pieces.get(response.said).cloned().unwrap_or_default();
        response.said += 1;
        response.due += response.pace;
        let place = joined(response.place(), json!({ "content_index": 0, "delta": piece }));
        match &response.part {
            Part::Text => self.outbox.tell("response.output_text.delta", place),
            Part::Call { call_id, .. } => {
                let event = joined(response.place(), json!({ "call_id": call_id, "delta": piece }));
                self.outbox.tell("response.function_call_arguments.delta", event);
            }
            Part::Sound => {
                self.outbox.tell("response.output_audio_transcript.delta", place.clone());
                let pace = millis(response.pace);
                self.sound_in_events(place, pace);
            }
        }
    }

    /// Sends a piece of sound to those who do not hear it otherwise.
    fn sound_in_events(&mut self, place: Value, millis: u64) {
        let hearers: Vec<To> = match self.voice {
            Voice::InEvents => vec![To::All],
            Voice::WebRtc => self.sidebands.iter().copied().map(To::One).collect(),
        };
        if hearers.is_empty() {
            return;
        }
        let format = Format::named(self.configuration.at("/audio/output/format/type").as_str());
        let event = joined(place, json!({ "delta": format.tone(millis) }));
        for hearer in hearers {
            self.outbox.say(hearer, "response.output_audio.delta", event.clone());
        }
    }

    fn finish(&mut self, response: &Response, ending: Ending) {
        let said = response.so_far();
        let place = joined(response.place(), json!({ "content_index": 0 }));
        match &response.part {
            Part::Sound => {
                self.outbox.tell("response.output_audio.done", place.clone());
                let event = joined(place.clone(), json!({ "transcript": said }));
                self.outbox.tell("response.output_audio_transcript.done", event);
            }
            Part::Text => {
                self.outbox.tell("response.output_text.done", joined(place.clone(), json!({ "text": said })));
            }
            Part::Call { call_id, name } => {
                let own = json!({ "call_id": call_id, "name": name, "arguments": said });
                let event = joined(response.place(), own);
                self.outbox.tell("response.function_call_arguments.done", event);
            }
        }
        if let Some(part) = response.content_part() {
            self.outbox.tell("response.content_part.done", joined(place, json!({ "part": part })));
        }
        let item = response.item(Some(ending));
        let done = json!({ "response_id": response.id, "output_index": 0, "item": item.object });
        self.outbox.tell("response.output_item.done", done);
        self.keep(item);
        self.outbox.tell("response.done", json!({ "response": response.ended(ending) }));
    }

    /// Keeps what was said in the conversation, unless it is said aside or was deleted meanwhile.
    fn keep(&mut self, item: Item) {
        let before = self.items.before(&item.id).map(str::to_owned);
        if let Some(kept) = self.items.get_mut(&item.id) {
            let event = json!({ "previous_item_id": before, "item": item.object });
            *kept = item;
            self.outbox.tell("conversation.item.done", event);
        }
    }

    pub(super) fn cancel_response(&mut self, id: Option<&str>) -> Result<(), Refusal> {
        let is_meant = |response: &Response| id.map_or(!response.is_aside, |id| response.id == id);
        let Some(at) = self.responses.iter().position(is_meant) else {
            let message = "There is no active response to cancel.";
            return Err(Refusal::new("response_cancel_not_active", None, message));
        };
        // What the user hears goes on until the client clears it, as sound is made faster than it is heard.
        let response = self.responses.remove(at);
        self.finish(&response, Ending::Cancelled(Cancelled::ByClient));
        Ok(())
    }

    pub(super) fn clear_output(&mut self) -> Result<(), Refusal> {
        if self.voice == Voice::InEvents {
            let message = "There is no output buffer here: it is for WebRTC.";
            return Err(Refusal::new("invalid_value", Some("type"), message));
        }
        self.hush();
        Ok(())
    }

    /// The user speaks: the model stops.
    pub(super) fn give_way(&mut self) {
        if let Some(at) = self.responses.iter().position(|response| !response.is_aside) {
            let response = self.responses.remove(at);
            self.finish(&response, Ending::Cancelled(Cancelled::BySpeech));
        }
        self.hush();
    }

    fn hush(&mut self) {
        if !self.playing.is_empty() {
            self.outbox.put(Output::Hush);
        }
        for playing in std::mem::take(&mut self.playing) {
            self.outbox.tell("output_audio_buffer.cleared", json!({ "response_id": playing.response_id }));
        }
    }
}

fn too_many() -> Refusal {
    let message = format!("There are {MOST_ASIDE} active responses. Wait until one is done.");
    Refusal::new("too_many_active_responses", None, message)
}
