//! The audio of a session: how sound comes in, what is made of it, how it goes out.

use super::{
    Verdict,
    node::{Field, Node, optional, required},
    rules::{flag, language, name, text},
};
use crate::models::Purpose;

/// The voices that have a name.
const VOICES: &[&str] =
    &["alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar"];

/// Sound in and out.
pub(super) const CONVERSATION: &[Field] = &[optional("input", input), optional("output", output)];

/// Sound in only.
pub(super) const TRANSCRIPTION: &[Field] = &[optional("input", input)];

const INPUT: &[Field] = &[
    optional("format", format),
    optional("transcription", |n| n.nullable(|n| n.object(INPUT_TRANSCRIPTION))),
    optional("noise_reduction", noise_reduction),
    optional("turn_detection", |n| n.nullable(turn_detection)),
];

const INPUT_TRANSCRIPTION: &[Field] = &[
    optional("model", |n| n.model(Purpose::Transcription)),
    optional("language", language),
    optional("languages", |n| n.list(language)),
    optional("keywords", |n| n.list(text)),
    optional("prompt", text),
    optional("delay", |n| n.one_of(&["minimal", "low", "medium", "high", "xhigh"])),
];

const NOISE_REDUCTION: &[Field] = &[
    required("type", |n| n.one_of(&["near_field", "far_field"])),
    // Its range is not documented.
    optional("strength", |n| n.number(0.0..)),
];

const SERVER_VAD: &[Field] = &[
    optional("threshold", |n| n.number(0.0..=1.0)),
    optional("prefix_padding_ms", |n| n.whole(0..)),
    optional("silence_duration_ms", |n| n.whole(0..)),
    optional("create_response", flag),
    optional("interrupt_response", flag),
    optional("idle_timeout_ms", |n| n.nullable(|n| n.whole(5_000..=30_000))),
];

const SEMANTIC_VAD: &[Field] = &[
    optional("eagerness", |n| n.one_of(&["low", "medium", "high", "auto"])),
    optional("create_response", flag),
    optional("interrupt_response", flag),
];

const FORMAT: Field = optional("format", format);
const VOICE: Field = optional("voice", |n| n.one_of_or(VOICES, |n| n.object(&[required("id", name)])));

const OUTPUT: &[Field] = &[FORMAT, VOICE, optional("speed", |n| n.number(0.25..=1.5))];

/// The sound of a single response, which cannot set its speed.
pub(super) const RESPONSE_OUTPUT: &[Field] = &[FORMAT, VOICE];

/// Null, or what is done against noise.
pub(super) fn noise_reduction(node: &Node<'_>) -> Verdict {
    node.nullable(|n| n.object(NOISE_REDUCTION))
}

fn input(node: &Node<'_>) -> Verdict {
    node.object(INPUT)
}

fn output(node: &Node<'_>) -> Verdict {
    node.object(OUTPUT)
}

fn turn_detection(node: &Node<'_>) -> Verdict {
    node.tagged(&[("server_vad", SERVER_VAD), ("semantic_vad", SEMANTIC_VAD)])
}

fn format(node: &Node<'_>) -> Verdict {
    node.tagged(&[
        ("audio/pcm", &[required("rate", |n| n.whole(24_000..=24_000))]),
        ("audio/pcmu", &[]),
        ("audio/pcma", &[]),
    ])
}
