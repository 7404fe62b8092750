//! The session of a translation.

use super::{
    Verdict, audio,
    node::{Field, Node, optional, required},
    rules::name,
};
use crate::models::Purpose;

const FIELDS: &[Field] =
    &[required("model", |n| n.model(Purpose::Translation)), optional("audio", |n| n.object(AUDIO))];

const AUDIO: &[Field] = &[optional("input", |n| n.object(INPUT)), optional("output", |n| n.object(OUTPUT))];

const INPUT: &[Field] = &[
    optional("transcription", |n| n.nullable(|n| n.object(TRANSCRIPTION))),
    optional("noise_reduction", audio::noise_reduction),
];

const TRANSCRIPTION: &[Field] = &[required("model", |n| n.model(Purpose::Transcription))];

const OUTPUT: &[Field] = &[optional("language", name)];

/// A translation session; it has no `type`.
pub(super) fn session(node: &Node<'_>) -> Verdict {
    node.object(FIELDS)
}
