//! Credentials of the operator's own backends.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;

use super::{AdminError, Administration};
use crate::kernel::code::Code;
use crate::kernel::service::{self, SecretDigest, Service, ServiceName};
use crate::kernel::user::User;
use crate::store::{Act, Action, Origin, ServiceRecord};

/// The longest that an old secret may hold beside the new one: a week.
pub const MOST_GRACE: Duration = Duration::from_secs(7 * 24 * 3600);

/// A backend with its secret, which is told this once.
#[derive(Debug)]
pub struct Credential {
    /// What is kept.
    pub record: ServiceRecord,
    /// What is not.
    pub secret: SecretString,
}

impl Administration {
    /// The backends, by name.
    pub async fn services(&self) -> Result<Vec<ServiceRecord>, AdminError> {
        Ok(self.store.services().await?)
    }

    /// Gives a backend a credential.
    pub async fn add_service(&self, origin: &Origin, service: &Service) -> Result<Credential, AdminError> {
        let scopes: Vec<_> = service.scopes.iter().map(|scope| scope.as_str()).collect();
        let providers: Vec<_> = service.providers.iter().map(|provider| provider.as_str()).collect();
        let detail = json!({ "service": service.name.as_str(), "scopes": scopes, "providers": providers });
        let act = self.act_about(origin, Action::AddService, &detail);
        self.check_providers(service).map_err(|error| self.not_done(&act, error))?;
        let (secret, digest) = service::fresh_secret()?;
        match self.store.add_service(service, &digest, &act).await? {
            Some(record) => Ok(Credential { record, secret }),
            None => Err(self.not_done(&act, AdminError::NameTaken(service.name.clone()))),
        }
    }

    /// A slip in a name would be a credential that opens nothing.
    fn check_providers(&self, service: &Service) -> Result<(), AdminError> {
        let policy = self.policy.take();
        let known: Vec<_> = policy.key_providers().iter().map(|provider| provider.name.clone()).collect();
        match service.providers.iter().find(|provider| !known.contains(provider)) {
            Some(asked) => Err(AdminError::UnknownProvider { asked: asked.clone(), known }),
            None => Ok(()),
        }
    }

    /// Gives a backend another secret. The one it had holds for `grace`, [`MOST_GRACE`] at most, and zero is not at all.
    pub async fn rotate_service(
        &self,
        origin: &Origin,
        name: &ServiceName,
        grace: Duration,
    ) -> Result<Credential, AdminError> {
        let detail = json!({ "service": name.as_str(), "grace_seconds": grace.as_secs() });
        let act = self.act_about(origin, Action::RotateService, &detail);
        let (secret, digest) = service::fresh_secret()?;
        match self.store.rotate_service(name, &digest, grace.min(MOST_GRACE), &act).await? {
            Some(record) => Ok(Credential { record, secret }),
            None => Err(self.not_done(&act, AdminError::NoSuchService(name.clone()))),
        }
    }

    /// Does away with a backend's credential, old secrets included. It takes hold on every replica with the next request.
    pub async fn revoke_service(&self, origin: &Origin, name: &ServiceName) -> Result<(), AdminError> {
        let detail = json!({ "service": name.as_str() });
        let act = self.act_about(origin, Action::RevokeService, &detail);
        if self.store.revoke_service(name, &act).await? {
            return Ok(());
        }
        Err(self.not_done(&act, AdminError::NoSuchService(name.clone())))
    }

    /// The backend that has this secret. The table is asked each time, so whoever is revoked is gone at once.
    pub async fn service_by(&self, secret: &SecretDigest) -> Result<Option<Service>, AdminError> {
        Ok(self.store.service_by(secret).await?)
    }

    /// Notes that a backend minted for a user, or why it was refused. The ledger row of a mint has the same request id.
    pub fn minted_for(&self, origin: &Origin, user: &Arc<User>, refused: Option<Code>) {
        let name = origin.actor.backend().map(ServiceName::as_str);
        let detail = json!({ "service": name }).to_string();
        let act = Act { detail: Some(detail), ..self.act(origin, Action::MintForUser, Some(user)) };
        match refused {
            None => self.journal.note(act),
            Some(code) => self.refused(&act, code),
        }
    }

    fn act_about(&self, origin: &Origin, action: Action, detail: &serde_json::Value) -> Act {
        Act { detail: Some(detail.to_string()), ..self.act(origin, action, None) }
    }

    fn not_done(&self, act: &Act, error: AdminError) -> AdminError {
        self.refused(act, error.code());
        error
    }
}
