//! What clients do to items.

use serde_json::{Value, json};

use super::{Conversation, items::Item, response::joined, sound::Format, tokens::Tokens};
use crate::validate::Refusal;

impl Conversation {
    pub(super) fn create_item(&mut self, item: Value, after: Option<&str>) -> Result<(), Refusal> {
        self.answers_a_call(&item)?;
        let item = self.made(item, "item")?;
        if self.items.get(&item.id).is_some() {
            let message = format!("The conversation has an item `{}` already.", item.id);
            return Err(Refusal::new("item_create_duplicate_item_id", Some("item.id"), message));
        }
        let object = item.object.clone();
        let before = match after {
            Some(after) => self.items.insert(item, after)?,
            None => self.items.append(item),
        };
        let event = json!({ "previous_item_id": before, "item": object });
        self.outbox.tell("conversation.item.added", event.clone());
        self.outbox.tell("conversation.item.done", event);
        Ok(())
    }

    /// An item that a client has sent, in the shape that it is told back in.
    pub(super) fn made(&mut self, sent: Value, param: &str) -> Result<Item, Refusal> {
        let text = |key: &str| sent.get(key).and_then(Value::as_str);
        let id = text("id").map_or_else(|| self.outbox.id("item"), str::to_owned);
        let format = Format::named(self.configuration.at("/audio/input/format/type").as_str());
        let mut tokens = Tokens::default();
        ["arguments", "output"].iter().filter_map(|key| text(key)).for_each(|t| tokens += Tokens::text(t));

        let mut audio_ms = 0;
        let mut fixed = json!({ "id": id, "object": "realtime.item", "status": "completed" });
        if let Some(parts) = sent.get("content").and_then(Value::as_array) {
            let mut content = Vec::with_capacity(parts.len());
            for (index, part) in parts.iter().enumerate() {
                let place = format!("{param}.content[{index}].audio");
                content.push(Self::weighed(part, format, &place, &mut tokens, &mut audio_ms)?);
            }
            fixed = joined(fixed, json!({ "content": content }));
        }
        if text("type") == Some("function_call") && text("call_id").is_none() {
            fixed = joined(fixed, json!({ "call_id": self.outbox.id("call") }));
        }
        Ok(Item { id, object: joined(sent, fixed), tokens, audio_ms })
    }

    /// A part of a message as it is told back: sound leaves only its length behind.
    fn weighed(
        part: &Value,
        format: Format,
        param: &str,
        tokens: &mut Tokens,
        audio_ms: &mut u64,
    ) -> Result<Value, Refusal> {
        let text = |key: &str| part.get(key).and_then(Value::as_str);
        if let Some(text) = text("text") {
            *tokens += Tokens::text(text);
        }
        if text("image_url").is_some() {
            *tokens += Tokens::image();
        }
        let Some(audio) = text("audio") else {
            return Ok(part.clone());
        };
        let sound = format.levels(audio).ok_or_else(|| not_sound(param))?;
        let length = sound.iter().map(|heard| u64::from(heard.millis)).sum();
        *tokens += Tokens::heard(length);
        *audio_ms += length;
        Ok(json!({ "type": "input_audio", "transcript": part.get("transcript") }))
    }

    /// What a function gave back needs the call that it belongs to.
    fn answers_a_call(&self, item: &Value) -> Result<(), Refusal> {
        let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
        let call_id = text("call_id");
        if text("type") != "function_call_output" || self.items.has_call(call_id) {
            return Ok(());
        }
        let message = format!("The conversation has no call `{call_id}`.");
        Err(Refusal::new("invalid_tool_call_id", Some("item.call_id"), message))
    }

    pub(super) fn delete_item(&mut self, id: &str) -> Result<(), Refusal> {
        if !self.items.remove(id) {
            return Err(no_such_item("item_delete_invalid_item_id", id));
        }
        self.outbox.tell("conversation.item.deleted", json!({ "item_id": id }));
        Ok(())
    }

    pub(super) fn retrieve_item(&mut self, id: &str) -> Result<(), Refusal> {
        let item = self.items.get(id).ok_or_else(|| no_such_item("item_retrieve_invalid_item_id", id))?;
        self.outbox.tell("conversation.item.retrieved", json!({ "item": item.object }));
        Ok(())
    }

    /// Cuts what the model has spoken to what was heard, and its text with it.
    pub(super) fn truncate_item(&mut self, id: &str, index: u64, end_ms: u64) -> Result<(), Refusal> {
        let item = self.items.get_mut(id).ok_or_else(|| no_such_item("item_truncate_invalid_item_id", id))?;
        let is_spoken = item.object.get("role").is_some_and(|role| role == "assistant") && item.audio_ms > 0;
        if !is_spoken || index != 0 {
            let message = "Only the sound of the assistant can be cut, and it is the content part 0.";
            return Err(Refusal::new("invalid_value", Some("item_id"), message));
        }
        if end_ms > item.audio_ms {
            let message = format!("`audio_end_ms` has to be at most {}, the sound's length.", item.audio_ms);
            return Err(Refusal::new("invalid_value", Some("audio_end_ms"), message));
        }
        item.audio_ms = end_ms;
        item.tokens = Tokens::spoken(end_ms);
        if let Some(content) = item.object.get_mut("content") {
            *content = json!([{ "type": "output_audio" }]);
        }
        let event = json!({ "item_id": id, "content_index": index, "audio_end_ms": end_ms });
        self.outbox.tell("conversation.item.truncated", event);
        Ok(())
    }
}

/// What should have been sound is not.
pub(super) fn not_sound(param: &str) -> Refusal {
    let message = format!("`{param}` has to be base64 of whole samples in the session's input format.");
    Refusal::new("invalid_value", Some(param), message)
}

fn no_such_item(code: &'static str, id: &str) -> Refusal {
    Refusal::new(code, Some("item_id"), format!("The conversation has no item `{id}`."))
}
