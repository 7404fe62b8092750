//! Why a key was not stored, or not looked at.

use crate::kernel::code::Code;
use crate::kernel::provider_name::ProviderName;
use crate::net::{HttpError, SetupError};
use crate::provider::ProviderError;
use crate::store::{KeyState, StoreError};
use crate::vault::{OpenError, SealError};

/// Why a key was not stored, or not looked at.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The operator has set no sealing key.
    #[error("this service stores no keys of users: its operator has to set ENCRYPTION_KEYS first")]
    NotStored,
    /// Nobody has keys of such a provider.
    #[error("no keys are kept of this provider; of these they are: {}", known.iter().map(ProviderName::as_str).collect::<Vec<_>>().join(", "))]
    UnknownProvider {
        /// Of whom there may be.
        known: Vec<ProviderName>,
    },
    /// The user has no key of this provider.
    #[error("there is no key of this provider; a PUT stores one")]
    NoKey,
    /// What is stored does not open.
    #[error("the stored key can't be opened any more; enter it again")]
    Unreadable(#[source] OpenError),
    /// The provider does not take the key.
    #[error("{}", refusal(*.0))]
    Refused(KeyState),
    /// An operator has disabled the user.
    #[error("this user is disabled; ask the operator of this service")]
    Disabled,
    /// The policy wants keys to be checked.
    #[error("keys are checked before they are stored here; leave `validate` out")]
    MustBeValidated,
    /// The provider could not be asked through its own client.
    #[error("the provider can't be asked whether the key is good")]
    Provider(#[from] ProviderError),
    /// The provider could not be asked.
    #[error("the provider can't be asked whether the key is good")]
    Unreachable(#[from] HttpError),
    /// Nobody can be asked: the client can't be built.
    #[error("the provider can't be asked whether the key is good")]
    Setup(#[from] SetupError),
    /// The provider answered something that says neither yes nor no.
    #[error("the provider's answer, status {0}, does not say whether the key is good")]
    Unclear(u16),
    /// It can't be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl KeysError {
    /// The code that answers know it by.
    pub fn code(&self) -> Code {
        match self {
            Self::NotStored => Code::KeysNotStored,
            Self::UnknownProvider { .. } | Self::NoKey => Code::NotFound,
            Self::Unreadable(_) => Code::ProviderKeyUnreadable,
            Self::Refused(_) => Code::ProviderKeyRefused,
            Self::Disabled => Code::UserDisabled,
            Self::MustBeValidated => Code::NotAllowed,
            Self::Provider(_) | Self::Unreachable(_) | Self::Setup(_) | Self::Unclear(_) => {
                Code::ProviderUnreachable
            }
            Self::Seal(_) => Code::Internal,
            Self::Store(_) => Code::StoreUnavailable,
        }
    }
}

/// What the provider has against a key, in words.
fn refusal(state: KeyState) -> &'static str {
    match state {
        KeyState::NoQuota => {
            "the provider says that the account of this key has run out of money; nothing was stored"
        }
        KeyState::NoAccess => {
            "the provider says that this key may not open voice sessions; nothing was stored"
        }
        KeyState::Refused | KeyState::Unvalidated | KeyState::Valid => {
            "the provider does not take this key; nothing was stored"
        }
    }
}
