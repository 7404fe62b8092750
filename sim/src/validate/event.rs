//! What a client may say in a session: the events of a data channel or a WebSocket.

use super::{
    Verdict, audio, conversation,
    item::{item, item_or_reference},
    node::{Field, Node, optional, required},
    rules::{anything, flag, name, text},
    session_of_either_type, tools,
};
use crate::models::Model;

const EVENT_ID: Field = optional("event_id", text);
const ITEM_ID: Field = required("item_id", name);

const EVENTS: &[(&str, &[Field])] = &[
    ("session.update", &[EVENT_ID, required("session", session_of_either_type)]),
    (
        "conversation.item.create",
        &[EVENT_ID, optional("previous_item_id", |n| n.nullable(name)), required("item", item)],
    ),
    ("conversation.item.delete", &[EVENT_ID, ITEM_ID]),
    ("conversation.item.retrieve", &[EVENT_ID, ITEM_ID]),
    (
        "conversation.item.truncate",
        &[
            EVENT_ID,
            ITEM_ID,
            required("content_index", |n| n.whole(0..)),
            required("audio_end_ms", |n| n.whole(0..)),
        ],
    ),
    ("input_audio_buffer.append", &[EVENT_ID, required("audio", text)]),
    ("input_audio_buffer.clear", &[EVENT_ID]),
    ("input_audio_buffer.commit", &[EVENT_ID]),
    ("output_audio_buffer.clear", &[EVENT_ID]),
    ("response.create", &[EVENT_ID, optional("response", |n| n.object(RESPONSE))]),
    ("response.cancel", &[EVENT_ID, optional("response_id", |n| n.nullable(name))]),
];

const RESPONSE: &[Field] = &[
    optional("instructions", text),
    optional("output_modalities", conversation::output_modalities),
    optional("audio", |n| n.object(&[optional("output", |n| n.object(audio::RESPONSE_OUTPUT))])),
    optional("tools", |n| n.list(tools::tool)),
    optional("tool_choice", tools::choice),
    optional("parallel_tool_calls", flag),
    optional("reasoning", |n| n.object(conversation::REASONING)),
    optional("max_output_tokens", conversation::max_output_tokens),
    optional("conversation", |n| n.one_of(&["auto", "none"])),
    optional("input", |n| n.list(item_or_reference)),
    optional("metadata", |n| n.nullable(|n| n.map(anything))),
];

/// One event, said in a session of the given model.
pub(super) fn event(node: &Node<'_>, model: Option<&Model>) -> Verdict {
    node.tagged(EVENTS)?;
    for part in ["session", "response"] {
        if let Some(value) = node.value.get(part) {
            conversation::reasons_only_where_it_can(&node.member(part, value), model)?;
        }
    }
    Ok(())
}
