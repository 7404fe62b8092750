//! The session of type `realtime`.

use super::{
    Verdict, audio,
    node::{Field, Node, optional, required},
    rules::{anything, flag, text},
    tools,
};
use crate::models::{Model, Purpose};

/// The fields of the session, besides its `type`.
pub(super) const FIELDS: &[Field] = &[
    optional("model", |n| n.model(Purpose::Conversation)),
    optional("instructions", text),
    optional("output_modalities", output_modalities),
    optional("audio", |n| n.object(audio::CONVERSATION)),
    optional("tools", |n| n.list(tools::tool)),
    optional("tool_choice", tools::choice),
    optional("parallel_tool_calls", flag),
    optional("reasoning", |n| n.object(REASONING)),
    optional("max_output_tokens", max_output_tokens),
    optional("truncation", |n| n.one_of_or(&["auto", "disabled"], retention)),
    optional("tracing", |n| n.nullable(|n| n.one_of_or(&["auto"], |n| n.object(TRACING)))),
    optional("include", include),
];

/// How hard the model thinks.
pub(super) const REASONING: &[Field] =
    &[optional("effort", |n| n.one_of(&["minimal", "low", "medium", "high", "xhigh"]))];

const RETENTION: &[Field] = &[
    required("retention_ratio", |n| n.number(0.0..=1.0)),
    optional("token_limits", |n| n.object(TOKEN_LIMITS)),
];

const TOKEN_LIMITS: &[Field] = &[optional("post_instructions", |n| n.whole(0..))];

const TRACING: &[Field] =
    &[optional("workflow_name", text), optional("group_id", text), optional("metadata", |n| n.map(anything))];

/// What a session adds to its events.
pub(super) fn include(node: &Node<'_>) -> Verdict {
    node.list(|n| n.one_of(&["item.input_audio_transcription.logprobs"]))
}

/// `reasoning` is for the models that reason. Looks at a session, or a response, whose fields hold.
pub(super) fn reasons_only_where_it_can(session: &Node<'_>, model: Option<&Model>) -> Verdict {
    let Some(reasoning) = session.value.get("reasoning") else {
        return Ok(());
    };
    let reasons = model.is_some_and(|model| model.reasons);
    session.member("reasoning", reasoning).refuse_unless(reasons, "left out, as the model does not reason")
}

/// The longest answer.
pub(super) fn max_output_tokens(node: &Node<'_>) -> Verdict {
    node.one_of_or(&["inf"], |n| n.whole(1..=4096))
}

/// Sound or text, not both.
pub(super) fn output_modalities(node: &Node<'_>) -> Verdict {
    node.list(|n| n.one_of(&["audio", "text"]))?;
    let one = node.value.as_array().is_some_and(|modalities| modalities.len() == 1);
    node.refuse_unless(one, "either [\"audio\"] or [\"text\"]")
}

fn retention(node: &Node<'_>) -> Verdict {
    node.tagged(&[("retention_ratio", RETENTION)])
}
