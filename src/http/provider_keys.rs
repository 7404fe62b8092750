//! Keys of providers over HTTP: what users and operators send and see of them, which is the same.

use std::sync::Arc;

use actix_web::web::Path;
use actix_web::{FromRequest, HttpRequest};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::Edge;
use super::problem::{Problem, constant, sentence};
use crate::kernel::clock::rfc3339;
use crate::kernel::code::Code;
use crate::kernel::user::User;
use crate::keys::{Entering, GivenKey, KeyView, KeysError};
use crate::store::{Action, KeyRecord, Origin};

/// Who wants something done to whose keys.
pub(super) struct Holder {
    pub(super) origin: Origin,
    pub(super) user: Arc<User>,
}

/// What is sent to store a key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    key: String,
    #[serde(default = "yes")]
    validate: bool,
}

fn yes() -> bool {
    true
}

/// The keys of one user.
#[derive(Serialize)]
pub(super) struct List {
    keys: Vec<Shown>,
    providers: Vec<String>,
}

/// A key, as it is shown.
#[derive(Serialize)]
pub(super) struct Shown {
    provider: String,
    masked: String,
    state: &'static str,
    is_old: bool,
    created_at: String,
    updated_at: String,
    last_used_at: Option<String>,
    last_validated_at: Option<String>,
}

impl From<KeyView> for Shown {
    fn from(KeyView { record, opens, is_old }: KeyView) -> Self {
        let KeyRecord { provider, held, mask, created_at, updated_at, .. } = record;
        Self {
            provider: provider.as_str().to_owned(),
            masked: mask,
            state: if opens { held.state.as_str() } else { "unreadable" },
            is_old,
            created_at: rfc3339(created_at),
            updated_at: rfc3339(updated_at),
            last_used_at: record.last_used_at.map(rfc3339),
            last_validated_at: record.last_validated_at.map(rfc3339),
        }
    }
}

impl Holder {
    pub(super) async fn list(&self, edge: &Edge) -> Result<List, Problem> {
        let keys = edge.keys.list(&self.user).await?.into_iter().map(Shown::from).collect();
        let providers = edge.keys.providers();
        Ok(List { keys, providers: providers.iter().map(ToString::to_string).collect() })
    }

    pub(super) async fn put(&self, edge: &Edge, provider: String, body: Request) -> Result<Shown, Problem> {
        let key = GivenKey::parse(SecretString::from(body.key));
        let key = key.map_err(|error| Problem::invalid("key", sentence(&error)))?;
        let name = provider.clone();
        let stored =
            edge.keys.put(&self.origin, &self.user, Entering { provider, key, validate: body.validate });
        self.audited(edge, Action::PutKey, &name, stored.await).map(Shown::from)
    }

    pub(super) async fn validate(&self, edge: &Edge, provider: &str) -> Result<Shown, Problem> {
        let judged = edge.keys.validate(&self.origin, &self.user, provider).await;
        self.audited(edge, Action::JudgeKey, provider, judged).map(Shown::from)
    }

    pub(super) async fn delete(&self, edge: &Edge, provider: &str) -> Result<(), Problem> {
        let deleted = edge.keys.delete(&self.origin, &self.user, provider).await;
        self.audited(edge, Action::DeleteKey, provider, deleted)
    }

    /// What was refused is noted as well; what was done was noted with it.
    fn audited<T>(
        &self,
        edge: &Edge,
        action: Action,
        provider: &str,
        result: Result<T, KeysError>,
    ) -> Result<T, Problem> {
        if let Err(error) = &result
            && !matches!(error, KeysError::Store(_) | KeysError::UnknownProvider { .. })
        {
            edge.administration.key_refused(&self.origin, action, &self.user, provider, error.code());
        }
        Ok(result?)
    }
}

/// The provider of `…/keys/{provider}`.
pub(super) async fn provider_of(request: &HttpRequest) -> Result<String, Problem> {
    #[derive(Deserialize)]
    struct Place {
        provider: String,
    }
    let place = Path::<Place>::extract(request).await;
    let place =
        place.map_err(|_| Problem::new(Code::InvalidRequest, "The provider's name can't be read."))?;
    Ok(place.into_inner().provider)
}

impl From<KeysError> for Problem {
    fn from(error: KeysError) -> Self {
        let code = error.code();
        match &error {
            KeysError::Seal(_) => Self::new(code, constant(code)).because(&error),
            KeysError::Store(_) => Self::new(code, constant(code)).retry_after(1).because(&error),
            KeysError::Provider(_)
            | KeysError::Unreachable(_)
            | KeysError::Setup(_)
            | KeysError::Unclear(_) => {
                let detail = format!("{} Nothing was stored; try again in a moment.", sentence(&error));
                Self::new(code, detail).retry_after(5).because(&error)
            }
            KeysError::Refused(_) => Self::new(code, sentence(&error)).at("key"),
            KeysError::MustBeValidated => Self::new(code, sentence(&error)).at("validate"),
            _ => Self::new(code, sentence(&error)).because(&error),
        }
    }
}
