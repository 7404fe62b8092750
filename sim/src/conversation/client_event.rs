//! What a client asks for.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    models::Model,
    validate::{self, Refusal},
};

/// An event of a client's that holds to the tables of `validate`.
#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
pub(super) enum ClientEvent {
    #[serde(rename = "session.update")]
    UpdateSession { session: Value },
    #[serde(rename = "conversation.item.create")]
    CreateItem { item: Value, previous_item_id: Option<String> },
    #[serde(rename = "conversation.item.delete")]
    DeleteItem { item_id: String },
    #[serde(rename = "conversation.item.retrieve")]
    RetrieveItem { item_id: String },
    #[serde(rename = "conversation.item.truncate")]
    TruncateItem { item_id: String, content_index: u64, audio_end_ms: u64 },
    #[serde(rename = "input_audio_buffer.append")]
    AppendSound { audio: String },
    #[serde(rename = "input_audio_buffer.clear")]
    ClearInput,
    #[serde(rename = "input_audio_buffer.commit")]
    CommitInput,
    #[serde(rename = "output_audio_buffer.clear")]
    ClearOutput,
    #[serde(rename = "response.create")]
    CreateResponse {
        #[serde(default)]
        response: Box<Wanted>,
    },
    #[serde(rename = "response.cancel")]
    CancelResponse { response_id: Option<String> },
}

/// What a single response is to have that differs from the session.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    pub(super) instructions: Option<String>,
    pub(super) output_modalities: Option<Value>,
    pub(super) audio: Option<Value>,
    pub(super) tools: Option<Value>,
    pub(super) tool_choice: Option<Value>,
    pub(super) max_output_tokens: Option<Value>,
    pub(super) conversation: Option<String>,
    pub(super) input: Option<Vec<Value>>,
    pub(super) metadata: Option<Value>,
}

impl ClientEvent {
    /// The event in `text`, said in a session of that model. Beside a refusal, the id the client gave to its event.
    pub(super) fn parse(text: &str, model: Option<&Model>) -> (Result<Self, Refusal>, Option<String>) {
        let Ok(event) = serde_json::from_str::<Value>(text) else {
            return (Err(Refusal::new("invalid_json", None, "The event is not valid JSON.")), None);
        };
        let id = event.get("event_id").and_then(Value::as_str).map(str::to_owned);
        let parsed = validate::client_event(&event, model).and_then(|()| {
            serde_json::from_value(event).map_err(|error| {
                Refusal::new("invalid_value", None, format!("The event cannot be understood: {error}."))
            })
        });
        (parsed, id)
    }
}
