//! The session of type `transcription`.

use super::{
    audio, conversation,
    node::{Field, optional},
};

/// The fields of the session, besides its `type`. The model stands at `audio.input.transcription.model`.
pub(super) const FIELDS: &[Field] =
    &[optional("audio", |n| n.object(audio::TRANSCRIPTION)), optional("include", conversation::include)];
