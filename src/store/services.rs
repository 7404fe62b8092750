//! Backends of the operator's own, as the store knows them: by a digest of their secret.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Act, StoreError};
use crate::kernel::service::{SecretDigest, Service, ServiceName};

/// Credentials of backends. Nothing is written down of what was not done.
#[async_trait]
pub trait Services: Send + Sync {
    /// All of them, by name.
    async fn services(&self) -> Result<Vec<ServiceRecord>, StoreError>;

    /// Adds one, and writes the act down with it; none where the name is taken.
    async fn add_service(
        &self,
        service: &Service,
        secret: &SecretDigest,
        act: &Act,
    ) -> Result<Option<ServiceRecord>, StoreError>;

    /// Gives one another secret, and writes the act down with it; none where there is no such backend. The secret it had
    /// holds for `grace`, in whole seconds.
    async fn rotate_service(
        &self,
        name: &ServiceName,
        secret: &SecretDigest,
        grace: Duration,
        act: &Act,
    ) -> Result<Option<ServiceRecord>, StoreError>;

    /// Does away with one, and writes the act down with it. Says whether there was one.
    async fn revoke_service(&self, name: &ServiceName, act: &Act) -> Result<bool, StoreError>;

    /// Whose secret this is, by this very moment; its use is noted, to the hour.
    async fn service_by(&self, secret: &SecretDigest) -> Result<Option<Service>, StoreError>;
}

/// A backend, with all that is known of its credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRecord {
    /// Which one.
    pub service: Service,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// Since when it has the secret that it has.
    pub rotated_at: DateTime<Utc>,
    /// Until when the one before holds, or held, where there is one.
    pub previous_until: Option<DateTime<Utc>>,
    /// When it was last here, to the hour.
    pub last_used_at: Option<DateTime<Utc>>,
}
