//! What a socket is opened to.

use actix_web::web::Query;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    api_error::ApiError,
    credential::Credential,
    echo,
    models::{self, Purpose},
    validate::Refusal,
};

/// The query as it came.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    model: Option<String>,
    intent: Option<String>,
    call_id: Option<String>,
}

/// What a socket is opened to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A conversation with that model.
    Model(String),
    /// A transcription.
    Transcription,
    /// A call that is going on.
    Call(String),
}

impl Target {
    /// What this query asks for.
    pub(super) fn parse(query: &str) -> Result<Self, Refusal> {
        let Query(asked) = Query::<Asked>::from_query(query)
            .map_err(|_| Refusal::new("invalid_value", Some("model"), "The query cannot be read."))?;
        match (asked.model, asked.intent, asked.call_id) {
            (Some(model), None, None) => Ok(Self::Model(model)),
            (None, Some(intent), None) if intent == "transcription" => Ok(Self::Transcription),
            (None, Some(_), None) => {
                Err(Refusal::new("invalid_value", Some("intent"), "`intent` has to be `transcription`."))
            }
            (None, None, Some(id)) => Ok(Self::Call(id)),
            (None, None, None) => {
                let message = "One of `model`, `intent` and `call_id` is required.";
                Err(Refusal::new("missing_required_parameter", Some("model"), message))
            }
            _ => {
                let message = "Only one of `model`, `intent` and `call_id` may be given.";
                Err(Refusal::new("invalid_value", Some("model"), message))
            }
        }
    }

    /// The session object, under that id, that a credential opens.
    pub(super) fn session(&self, id: &str, credential: &Credential) -> Result<Value, ApiError> {
        let sent = self.sent()?;
        match credential {
            Credential::Key { standing, .. } => {
                standing.opens_sessions()?;
                Ok(echo::session(id, &sent))
            }
            Credential::Secret(secret) => {
                if secret.session.get("type") != sent.get("type") {
                    let message = "The client secret is for another type of session.";
                    return Err(Refusal::new("invalid_value", None, message).into());
                }
                Ok(echo::updated(secret.session_as(id), &sent))
            }
        }
    }

    /// What the query says of the session.
    fn sent(&self) -> Result<Value, Refusal> {
        let Self::Model(name) = self else {
            return Ok(json!({ "type": "transcription" }));
        };
        match models::find(name).map(|model| model.purpose) {
            Some(Purpose::Conversation) => Ok(json!({ "type": "realtime", "model": name })),
            Some(_) => {
                let message = "`model` has to be a model that this kind of session can use.";
                Err(Refusal::new("invalid_value", Some("model"), message))
            }
            None => {
                let message = "`model` names no model that this key can use.";
                Err(Refusal::new("model_not_found", Some("model"), message))
            }
        }
    }
}
