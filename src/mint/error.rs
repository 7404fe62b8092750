//! Why there is no token.

use crate::kernel::code::Code;
use crate::limit::{Decision, SpendError};
use crate::policy::{NotAllowed, RoleNotAllowed};
use crate::provider::ProviderError;
use crate::store::{KeyState, StoreError};

/// A mint that was refused, or that failed.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// There is nothing to mint with.
    #[error("there is no provider key")]
    NoProviderKey {
        /// Whether the user could bring a key of their own.
        takes_own: bool,
    },
    /// The provider refuses the user's own key.
    #[error("the provider refuses the user's own key: {}", state.as_str())]
    KeyRefused {
        /// What it has against it.
        state: KeyState,
        /// Whether the operator's key steps in.
        falls_back: bool,
    },
    /// The user's own key does not open.
    #[error("the user's own key does not open")]
    KeyUnreadable,
    /// An operator has disabled the user.
    #[error("the user is disabled")]
    Disabled,
    /// The role asked for is not the user's.
    #[error(transparent)]
    Role(#[from] RoleNotAllowed),
    /// The policy does not allow what was asked for.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The hour is spent.
    #[error("the hourly allowance is spent")]
    Spent(Decision),
    /// No decision could be had.
    #[error(transparent)]
    Limit(#[from] SpendError),
    /// The store does not say who the user is.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The provider gave nothing.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The task died.
    #[error("the mint was cut short")]
    Internal,
}

impl MintError {
    /// The code that answers and the ledger know it by.
    pub fn code(&self) -> Code {
        match self {
            Self::NoProviderKey { .. } => Code::NoProviderKey,
            Self::KeyRefused { .. } => Code::ProviderKeyRefused,
            Self::KeyUnreadable => Code::ProviderKeyUnreadable,
            Self::Disabled => Code::UserDisabled,
            Self::Role(_) => Code::RoleNotAllowed,
            Self::NotAllowed(_) => Code::NotAllowed,
            Self::Spent(_) => Code::RateLimitExceeded,
            Self::Limit(_) | Self::Store(_) => Code::StoreUnavailable,
            Self::Provider(error) => provider_code(error),
            Self::Internal => Code::Internal,
        }
    }

    /// Whether the user was denied, rather than something having failed.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::NoProviderKey { .. }
            | Self::KeyRefused { .. }
            | Self::KeyUnreadable
            | Self::Disabled
            | Self::Role(_)
            | Self::NotAllowed(_)
            | Self::Spent(_) => true,
            Self::Limit(_) | Self::Store(_) | Self::Provider(_) | Self::Internal => false,
        }
    }
}

pub(super) fn provider_code(error: &ProviderError) -> Code {
    match error {
        ProviderError::Rejected { .. } => Code::ProviderRejected,
        ProviderError::Busy { .. } => Code::ProviderBusy,
        ProviderError::TimedOut(_)
        | ProviderError::CutShort
        | ProviderError::Unreachable { timed_out: true, .. } => Code::ProviderTimeout,
        ProviderError::Failed { .. }
        | ProviderError::Unreachable { timed_out: false, .. }
        | ProviderError::Broken(_)
        | ProviderError::Unreadable(_) => Code::ProviderError,
    }
}
