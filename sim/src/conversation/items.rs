//! The items of a conversation, in their order.

use serde_json::{Value, json};

use super::tokens::Tokens;
use crate::validate::Refusal;

/// One item: a message, a call of a function, or what the function gave back.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) id: String,
    /// As it is told. Sound itself is not kept.
    pub(super) object: Value,
    pub(super) tokens: Tokens,
    /// How much sound it has.
    pub(super) audio_ms: u64,
}

/// All items.
#[derive(Debug, Default)]
pub(super) struct Items(Vec<Item>);

impl Items {
    /// Adds an item at the end. Returns the id of the one before.
    pub(super) fn append(&mut self, item: Item) -> Option<String> {
        let last = self.0.last().map(|item| item.id.clone());
        self.0.push(item);
        last
    }

    /// Adds an item after that one; `root` is the beginning.
    pub(super) fn insert(&mut self, item: Item, after: &str) -> Result<Option<String>, Refusal> {
        if after == "root" {
            self.0.insert(0, item);
            return Ok(None);
        }
        let place = self.place(after).ok_or_else(|| {
            let message = format!("The conversation has no item `{after}`.");
            Refusal::new("item_create_invalid_previous_item_id", Some("previous_item_id"), message)
        })?;
        self.0.insert(place + 1, item);
        Ok(Some(after.to_owned()))
    }

    pub(super) fn get(&self, id: &str) -> Option<&Item> {
        self.0.iter().find(|item| item.id == id)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Item> {
        self.0.iter_mut().find(|item| item.id == id)
    }

    /// Takes an item out. Whether it was there.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        let place = self.place(id);
        place.inspect(|place| drop(self.0.remove(*place))).is_some()
    }

    /// The id of the item before that one.
    pub(super) fn before(&self, id: &str) -> Option<&str> {
        let place = self.place(id)?.checked_sub(1)?;
        self.0.get(place).map(|item| item.id.as_str())
    }

    /// All of them, oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Item> {
        self.0.iter()
    }

    /// Whether a function was called under that id.
    pub(super) fn has_call(&self, call_id: &str) -> bool {
        self.0.iter().any(|item| {
            let is = |key: &str, value: &str| item.object.get(key).is_some_and(|found| found == value);
            is("type", "function_call") && is("call_id", call_id)
        })
    }

    fn place(&self, id: &str) -> Option<usize> {
        self.0.iter().position(|item| item.id == id)
    }
}

/// A message of the user's that was spoken.
pub(super) fn spoken(id: String, audio_ms: u64) -> Item {
    let object = json!({
        "id": id,
        "object": "realtime.item",
        "type": "message",
        "status": "completed",
        "role": "user",
        "content": [{ "type": "input_audio", "transcript": null }],
    });
    Item { id, object, tokens: Tokens::heard(audio_ms), audio_ms }
}
