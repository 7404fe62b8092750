//! A response on its way: what is going to be said, and how far it has come.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::{
    items::Item,
    tokens::{Tokens, usage},
};

/// A response on its way. It has one item, and that one part at most.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) id: String,
    pub(super) item_id: String,
    /// What the response object tells besides its progress.
    pub(super) shape: Value,
    /// Whether it stays out of the conversation.
    pub(super) is_aside: bool,
    pub(super) part: Part,
    /// Whether the user's own speech is given back.
    pub(super) is_echo: bool,
    /// What is going to be said, piece by piece.
    pub(super) pieces: Vec<String>,
    /// Whether that is all there was to say, or the tokens ran out.
    pub(super) is_whole: bool,
    /// How long one piece takes.
    pub(super) pace: Duration,
    /// How many pieces were said.
    pub(super) said: usize,
    /// When the next piece, or the end, is due.
    pub(super) due: Instant,
    pub(super) input: Tokens,
    pub(super) cached: Tokens,
}

/// What the item consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Sound,
    Text,
    Call { call_id: String, name: String },
}

/// How a response ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Completed,
    OutOfTokens,
    Cancelled(Cancelled),
}

/// Who has cancelled it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cancelled {
    ByClient,
    BySpeech,
}

impl Response {
    /// What was said so far.
    pub(super) fn so_far(&self) -> String {
        self.pieces.iter().take(self.said).map(String::as_str).collect()
    }

    /// How much was spoken so far.
    pub(super) fn spoken_ms(&self) -> u64 {
        if self.part == Part::Sound { millis(self.pace) * self.said as u64 } else { 0 }
    }

    /// How long all of it takes.
    pub(super) fn length(&self) -> Duration {
        self.pace * u32::try_from(self.pieces.len()).unwrap_or(u32::MAX)
    }

    /// What was said so far, in tokens.
    pub(super) fn output(&self) -> Tokens {
        let mut output = Tokens::spoken(self.spoken_ms());
        for piece in self.pieces.iter().take(self.said) {
            output += Tokens::text(piece);
        }
        output
    }

    /// Where in the response an event of its item belongs.
    pub(super) fn place(&self) -> Value {
        json!({ "response_id": self.id, "item_id": self.item_id, "output_index": 0 })
    }

    /// The item as it stands, in progress or ended.
    pub(super) fn item(&self, ending: Option<Ending>) -> Item {
        let status = match ending {
            None => "in_progress",
            Some(Ending::Completed) => "completed",
            Some(Ending::OutOfTokens | Ending::Cancelled(_)) => "incomplete",
        };
        let said = self.so_far();
        let own = match &self.part {
            Part::Call { call_id, name } => json!({
                "type": "function_call", "call_id": call_id, "name": name, "arguments": said,
            }),
            _ if ending.is_none() => json!({ "type": "message", "role": "assistant", "content": [] }),
            Part::Sound => json!({
                "type": "message", "role": "assistant",
                "content": [{ "type": "output_audio", "transcript": said }],
            }),
            Part::Text => json!({
                "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": said }],
            }),
        };
        let object = joined(json!({ "id": self.item_id, "object": "realtime.item", "status": status }), own);
        Item { id: self.item_id.clone(), object, tokens: self.output(), audio_ms: self.spoken_ms() }
    }

    /// The content part as it stands, in the words of the events about parts.
    pub(super) fn content_part(&self) -> Option<Value> {
        match self.part {
            Part::Sound => Some(json!({ "type": "audio", "transcript": self.so_far() })),
            Part::Text => Some(json!({ "type": "text", "text": self.so_far() })),
            Part::Call { .. } => None,
        }
    }

    /// The response object while it is in progress.
    pub(super) fn begun(&self) -> Value {
        let progress =
            json!({ "status": "in_progress", "status_details": null, "output": [], "usage": null });
        joined(self.shape.clone(), progress)
    }

    /// The response object in the end.
    pub(super) fn ended(&self, ending: Ending) -> Value {
        let (status, details) = match ending {
            Ending::Completed => ("completed", Value::Null),
            Ending::OutOfTokens => {
                ("incomplete", json!({ "type": "incomplete", "reason": "max_output_tokens" }))
            }
            Ending::Cancelled(Cancelled::ByClient) => {
                ("cancelled", json!({ "type": "cancelled", "reason": "client_cancelled" }))
            }
            Ending::Cancelled(Cancelled::BySpeech) => {
                ("cancelled", json!({ "type": "cancelled", "reason": "turn_detected" }))
            }
        };
        let progress = json!({
            "status": status,
            "status_details": details,
            "output": [self.item(Some(ending)).object],
            "usage": usage(self.input, self.cached, self.output()),
        });
        joined(self.shape.clone(), progress)
    }
}

/// One object with the members of both.
pub(super) fn joined(one: Value, other: Value) -> Value {
    let members = |value| if let Value::Object(members) = value { members } else { Map::new() };
    Value::Object(members(one).into_iter().chain(members(other)).collect())
}

/// A duration in whole milliseconds.
pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
