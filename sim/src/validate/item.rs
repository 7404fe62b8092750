//! The items of a conversation, as a client may make them.

use super::{
    Verdict,
    node::{Field, Node, optional, required},
    rules::{name, text},
};

const ID: Field = optional("id", name);
const OBJECT: Field = optional("object", |n| n.one_of(&["realtime.item"]));
const STATUS: Field = optional("status", |n| n.one_of(&["completed", "incomplete", "in_progress"]));

const MESSAGE: &[Field] = &[
    ID,
    OBJECT,
    STATUS,
    required("role", |n| n.one_of(&["user", "assistant", "system"])),
    // What it may hold depends on the role.
    required("content", |n| n.list(|n| n.members().map(drop))),
];

const FUNCTION_CALL: &[Field] =
    &[ID, OBJECT, STATUS, optional("call_id", name), required("name", name), required("arguments", text)];

const FUNCTION_CALL_OUTPUT: &[Field] =
    &[ID, OBJECT, STATUS, required("call_id", name), required("output", text)];

const KINDS: &[(&str, &[Field])] =
    &[("message", MESSAGE), ("function_call", FUNCTION_CALL), ("function_call_output", FUNCTION_CALL_OUTPUT)];

const INPUT_TEXT: (&str, &[Field]) = ("input_text", &[required("text", text)]);

const USER_CONTENT: &[(&str, &[Field])] = &[
    INPUT_TEXT,
    ("input_audio", &[required("audio", text), optional("transcript", |n| n.nullable(text))]),
    (
        "input_image",
        &[
            required("image_url", |n| n.refuse_unless(n.as_text()?.starts_with("data:image/"), "a data URI")),
            optional("detail", |n| n.one_of(&["auto", "low", "high"])),
        ],
    ),
];

/// An item that a client adds.
pub(super) fn item(node: &Node<'_>) -> Verdict {
    node.tagged(KINDS)?;
    let (Some(role), Some(content)) = (node.value.get("role"), node.value.get("content")) else {
        return Ok(());
    };
    let content = node.member("content", content);
    match role.as_str() {
        Some("user") => content.list(|n| n.tagged(USER_CONTENT)),
        // Sound of the assistant's cannot be handed in.
        Some("assistant") => content.list(|n| n.tagged(&[("output_text", &[required("text", text)])])),
        _ => content.list(|n| n.tagged(&[INPUT_TEXT])),
    }
}

/// An item, or the name of one that is in the conversation.
pub(super) fn item_or_reference(node: &Node<'_>) -> Verdict {
    let is_reference = node.value.get("type").is_some_and(|kind| kind == "item_reference");
    if is_reference { node.tagged(&[("item_reference", &[required("id", name)])]) } else { item(node) }
}
