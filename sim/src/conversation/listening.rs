//! What happens to the user's sound.

use std::time::Instant;

use serde_json::{Value, json};

use super::{
    Conversation,
    client_event::Wanted,
    ear::Sign,
    editing::not_sound,
    items,
    reply::{self, Language},
    seam::{Heard, Voice},
    sound::Format,
    tokens::Tokens,
};
use crate::validate::Refusal;

/// Less than this cannot be committed.
const LEAST_MS: u64 = 100;

impl Conversation {
    pub(super) fn append_sound(&mut self, audio: &str, now: Instant) -> Result<(), Refusal> {
        let format = Format::named(self.configuration.at("/audio/input/format/type").as_str());
        let sound = format.levels(audio).ok_or_else(|| not_sound("audio"))?;
        sound.into_iter().for_each(|heard| self.listen(heard, now));
        Ok(())
    }

    pub(super) fn listen(&mut self, heard: Heard, now: Instant) {
        let sign = self.ear.hear(heard, self.configuration.turns(), now);
        self.notice(sign, now);
    }

    /// When it is to be taken as silence that nothing comes. In events it never is: a client may send when it likes.
    pub(super) fn patience(&self) -> Option<Instant> {
        let counts = self.voice == Voice::WebRtc;
        self.ear.patience(self.configuration.turns()).filter(|_| counts)
    }

    pub(super) fn lose_patience(&mut self, now: Instant) {
        if self.patience().is_some_and(|due| due <= now) {
            let sign = self.ear.lose_patience(self.configuration.turns());
            self.notice(sign, now);
        }
    }

    fn notice(&mut self, sign: Option<Sign>, now: Instant) {
        let Some(turns) = self.configuration.turns() else {
            return;
        };
        match sign {
            Some(Sign::Started { start_ms }) => {
                let id = self.outbox.id("item");
                let event = json!({ "item_id": id, "audio_start_ms": start_ms });
                self.outbox.tell("input_audio_buffer.speech_started", event);
                self.hearing = Some(id);
                if turns.interrupts_response() {
                    self.give_way();
                }
            }
            Some(Sign::Stopped { end_ms, spoken_ms }) => {
                let id = self.hearing.take().unwrap_or_else(|| self.outbox.id("item"));
                let event = json!({ "item_id": id, "audio_end_ms": end_ms });
                self.outbox.tell("input_audio_buffer.speech_stopped", event);
                self.commit(id, spoken_ms);
                if turns.creates_response() && self.configuration.converses() {
                    self.answer_speech(now);
                }
            }
            None => {}
        }
    }

    /// Answers at once, or when the response that is under way is done.
    fn answer_speech(&mut self, now: Instant) {
        self.owes_response = self.create_response(&Wanted::default(), now).is_err();
    }

    pub(super) fn clear_input(&mut self) {
        self.hearing = None;
        self.ear.forget();
        self.outbox.tell("input_audio_buffer.cleared", json!({}));
    }

    pub(super) fn commit_input(&mut self) -> Result<(), Refusal> {
        let held_ms = self.ear.held_ms();
        if held_ms < LEAST_MS {
            let message = format!("The buffer has {held_ms} ms of sound, and needs {LEAST_MS} ms.");
            return Err(Refusal::new("input_audio_buffer_commit_empty", None, message));
        }
        self.ear.forget();
        let id = self.hearing.take().unwrap_or_else(|| self.outbox.id("item"));
        self.commit(id, held_ms);
        Ok(())
    }

    /// Makes what was heard an item, and writes it down where the session asks for that.
    fn commit(&mut self, id: String, millis: u64) {
        let item = items::spoken(id.clone(), millis);
        let object = item.object.clone();
        let before = self.items.append(item);
        let committed = json!({ "item_id": id, "previous_item_id": before });
        let added = json!({ "item": object, "previous_item_id": before });
        self.outbox.tell("input_audio_buffer.committed", committed);
        self.outbox.tell("conversation.item.added", added.clone());
        self.outbox.tell("conversation.item.done", added);
        self.transcribe(&id, millis);
    }

    fn transcribe(&mut self, id: &str, millis: u64) {
        let Some(model) = self.configuration.transcriber() else {
            return;
        };
        let transcript = reply::transcript(millis, self.language());
        let usage = usage(model, millis, &transcript);
        for word in transcript.split_inclusive(' ') {
            let event = json!({ "item_id": id, "content_index": 0, "delta": word });
            self.outbox.tell("conversation.item.input_audio_transcription.delta", event);
        }
        if let Some(item) = self.items.get_mut(id)
            && let Some(written) = item.object.pointer_mut("/content/0/transcript")
        {
            *written = transcript.as_str().into();
        }
        let event = json!({ "item_id": id, "content_index": 0, "transcript": transcript, "usage": usage });
        self.outbox.tell("conversation.item.input_audio_transcription.completed", event);
    }

    /// The language the user is taken to speak.
    fn language(&self) -> Language {
        match self.configuration.at("/audio/input/transcription/language").as_str() {
            Some("es") => Language::Spanish,
            Some(_) => Language::English,
            None => Language::of(self.configuration.instructions()),
        }
    }
}

/// What writing it down costs: tokens with the models that are paid so, else time.
fn usage(model: &str, millis: u64, transcript: &str) -> Value {
    if !model.starts_with("gpt-4o") {
        // Tenths of a second are exact enough, and no sum of them comes out crooked.
        let tenths = u32::try_from(millis.div_ceil(100)).unwrap_or(u32::MAX);
        return json!({ "type": "duration", "seconds": f64::from(tenths) / 10.0 });
    }
    let (input, output) = (Tokens::heard(millis), Tokens::text(transcript));
    json!({
        "type": "tokens",
        "total_tokens": input.total() + output.total(),
        "input_tokens": input.total(),
        "input_token_details": { "text_tokens": input.text, "audio_tokens": input.audio },
        "output_tokens": output.total(),
    })
}
