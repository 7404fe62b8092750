//! What a request asks for, what it gets, and the refusal.

use crate::kernel::session::{Modality, Session, SessionType, Tool};

/// What a request asks for, where it asks for anything.
#[derive(Clone, Default)]
pub struct Asked {
    /// `session.type`.
    pub session_type: Option<SessionType>,
    /// `session.model`.
    pub model: Option<String>,
    /// `session.output_modalities`, of which there is one.
    pub output_modality: Option<Modality>,
    /// `session.audio.output.voice`.
    pub voice: Option<String>,
    /// `session.instructions`.
    pub instructions: Option<String>,
    /// `session.tools`.
    pub tools: Option<Vec<Tool>>,
    /// `expires_after.seconds`.
    pub ttl_seconds: Option<u32>,
}

/// What somebody is given.
pub struct Grant {
    /// The session to ask the provider for.
    pub session: Session,
    /// How long the token lives.
    pub ttl_seconds: u32,
}

/// Something asked for that the role does not allow. The sentence is fit for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NotAllowed {
    /// Where it stands in the request.
    pub param: &'static str,
    pub(super) reason: String,
}

// Written by hand: instructions have no place in logs.
impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grant")
            .field("model", &self.session.model)
            .field("ttl_seconds", &self.ttl_seconds)
            .finish_non_exhaustive()
    }
}
