//! What is asked for, and what is given.

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::auth::Identity;
use crate::kernel::ids::RequestId;
use crate::kernel::session::{Modality, SessionType};
use crate::limit::Decision;
use crate::policy::Asked;

/// A request for a token.
#[derive(Clone)]
pub struct Order {
    /// Who asks.
    pub identity: Identity,
    /// Names the request in the ledger.
    pub request_id: RequestId,
    /// The role asked for.
    pub role: Option<String>,
    /// Languages in order of preference: asked for, claimed, accepted. Well-formed tags.
    pub languages: Vec<String>,
    /// What is to be otherwise than the policy says by itself.
    pub asked: Asked,
}

/// A token that was made.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The token, for the browser and nobody else.
    pub value: SecretString,
    /// When it expires, by the provider.
    pub expires_at: DateTime<Utc>,
    /// The provider's id of the session.
    pub session_id: String,
    /// What it opens.
    pub session_type: SessionType,
    /// The model that the provider chose.
    pub model: String,
    /// When the session expires, in seconds since 1970; 0 while it has not begun.
    pub session_expires_at: i64,
    /// What the model answers with.
    pub output_modality: Modality,
    /// Its voice.
    pub voice: String,
    /// The user's role.
    pub role: String,
    /// The language of the instructions.
    pub language: String,
    /// Where the browser goes with it.
    pub connect_url: String,
    /// What is left.
    pub decision: Decision,
}
