//! Keys that backends of the operator's own read, in the clear. Nobody else ever does.

use std::sync::Arc;

use secrecy::SecretString;
use serde_json::json;

use super::{Keys, KeysError};
use crate::kernel::code::Code;
use crate::kernel::provider_name::ProviderName;
use crate::kernel::service::Service;
use crate::kernel::user::User;
use crate::store::{Action, Origin, StoreError};

/// What backends may read.
#[derive(Debug, Clone, Default)]
pub struct ServiceKeys {
    /// Whether they may read anything.
    pub is_open: bool,
    /// The operator's own keys, for a developer who has stored none of that provider. Without anything in them, users' keys
    /// come from the store only.
    pub stand_ins: Vec<(ProviderName, SecretString)>,
}

/// What a backend asks for.
#[derive(Debug)]
pub struct Disclosure<'a> {
    /// Which backend.
    pub service: &'a Service,
    /// Where it is.
    pub origin: &'a Origin,
    /// Whose key.
    pub user: &'a Arc<User>,
    /// Of whom.
    pub provider: &'a ProviderName,
    /// What for, in the backend's words.
    pub reason: &'a str,
}

/// Why a backend did not get a key.
#[derive(Debug, thiserror::Error)]
pub enum DisclosureError {
    /// The operator does not let backends read keys.
    #[error("services don't read keys here: the operator has to set SERVICE_KEY_ACCESS=on first")]
    Off,
    /// The backend's credential is not for this provider.
    #[error("this service's credential is not for keys of this provider")]
    OtherProvider,
    /// There is no key to be had.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

impl DisclosureError {
    /// The code that answers know it by.
    pub fn code(&self) -> Code {
        match self {
            Self::Off => Code::ServiceKeyAccessOff,
            Self::OtherProvider => Code::NotAllowed,
            Self::Keys(error) => error.code(),
        }
    }
}

impl From<StoreError> for DisclosureError {
    fn from(error: StoreError) -> Self {
        Self::Keys(error.into())
    }
}

impl Keys {
    /// A user's key, for a backend. It is handed out only when the audit trail has that.
    pub async fn disclose(&self, asked: &Disclosure<'_>) -> Result<SecretString, DisclosureError> {
        let Disclosure { service, origin, user, provider, reason } = asked;
        if !self.0.service_keys.is_open {
            return Err(DisclosureError::Off);
        }
        if !service.providers.contains(provider) {
            return Err(DisclosureError::OtherProvider);
        }
        if self.0.store.standing(&user.key).await?.disabled {
            return Err(KeysError::Disabled.into());
        }
        let (key, source) = match self.find(user, provider).await {
            Ok(record) => {
                let key = self.open(&record)?;
                self.0.store.note_key_use(&[(user.key, record.provider)]).await?;
                (key, "user")
            }
            Err(KeysError::NoKey) => (self.stand_in(provider)?, "operator"),
            Err(error) => return Err(error.into()),
        };
        let detail = json!({
            "service": service.name.as_str(), "provider": provider.as_str(), "reason": reason, "key": source,
        });
        self.0.store.record(&[self.act(origin, Action::ReadKey, user, detail)]).await?;
        Ok(key)
    }

    fn stand_in(&self, provider: &ProviderName) -> Result<SecretString, KeysError> {
        let found = self.0.service_keys.stand_ins.iter().find(|(name, _)| name == provider);
        match found {
            Some((_, key)) => Ok(key.clone()),
            None if self.0.vault.is_none() => Err(KeysError::NotStored),
            None => Err(KeysError::NoKey),
        }
    }
}
