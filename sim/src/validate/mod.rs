//! What the provider refuses. Each object of the API is a table of its fields, each field has a rule, and the first
//! rule that does not hold is the answer.
//!
//! `node` walks the JSON and knows where it is, `rules` are the rules that any value can be held to, and the other
//! files are the tables. Unknown keys are refused at every level because a table is all there is.

mod audio;
mod conversation;
mod event;
mod item;
mod node;
mod refusal;
mod rules;
mod tools;
mod transcription;
mod translation;

use serde_json::Value;

use crate::models::{self, Model};
use node::{Field, Node, optional};
pub(crate) use refusal::Refusal;

/// Whether a value holds, or why not.
type Verdict = Result<(), Refusal>;

const CLIENT_SECRET: &[Field] = &[optional("expires_after", expires_after), optional("session", session)];

const TRANSLATION_SECRET: &[Field] =
    &[optional("expires_after", expires_after), optional("session", translation::session)];

const EXPIRES_AFTER: &[Field] =
    &[optional("anchor", |n| n.one_of(&["created_at"])), optional("seconds", |n| n.whole(10..=7200))];

/// The body of `POST /v1/realtime/client_secrets`.
pub(crate) fn client_secret(body: &Value) -> Verdict {
    Node::root(body).object(CLIENT_SECRET)?;
    // Nothing says what a secret without a session would open, so the session is asked for by what it needs first.
    present(body, "session.type")
}

/// What comes beside the offer in `POST /v1/realtime/calls`: a body that has nothing but a session.
pub(crate) fn call(body: &Value) -> Verdict {
    Node::root(body).object(&[optional("session", session)])?;
    present(body, "session.type")
}

/// What comes beside the offer in `POST /v1/realtime/translations/calls`.
pub(crate) fn translation_call(body: &Value) -> Verdict {
    Node::root(body).object(&[optional("session", translation::session)])?;
    present(body, "session.model")
}

/// The body of `POST /v1/realtime/translations/client_secrets`.
pub(crate) fn translation_secret(body: &Value) -> Verdict {
    Node::root(body).object(TRANSLATION_SECRET)?;
    present(body, "session.model")
}

/// An event of a client's, said in a session of the given model, if it has one.
pub(crate) fn client_event(event: &Value, model: Option<&Model>) -> Verdict {
    event::event(&Node::root(event), model)
}

fn present(body: &Value, param: &str) -> Verdict {
    if body.get("session").is_some() { Ok(()) } else { Err(Refusal::missing(param.to_owned())) }
}

fn expires_after(node: &Node<'_>) -> Verdict {
    node.object(EXPIRES_AFTER)
}

fn session(node: &Node<'_>) -> Verdict {
    session_of_either_type(node)?;
    let named = node.value.get("model").and_then(|model| models::find(model.as_str()?));
    conversation::reasons_only_where_it_can(node, named.or_else(|| Some(models::default_conversation())))
}

fn session_of_either_type(node: &Node<'_>) -> Verdict {
    node.tagged(&[("realtime", conversation::FIELDS), ("transcription", transcription::FIELDS)])
}
