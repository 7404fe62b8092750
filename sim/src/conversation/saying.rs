//! How a response comes out, piece by piece, to its end.

use std::time::Instant;

use serde_json::{Value, json};

use super::{
    Conversation,
    client_event::Wanted,
    items::Item,
    response::{Ending, Part, Response, joined, millis},
    seam::{To, Voice},
    sound::Format,
};

impl Conversation {
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
        self.fade(now);
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

    /// Ends a response, as it does or before its time.
    pub(super) fn finish(&mut self, response: &Response, ending: Ending) {
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
}
