//! Why something was not done.

use crate::kernel::code::Code;
use crate::kernel::provider_name::ProviderName;
use crate::kernel::secret::NoRandomness;
use crate::kernel::service::ServiceName;
use crate::policy::RoleNotAllowed;
use crate::store::StoreError;

/// Why an operator did not get what they asked for.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// Nothing was decided about the user.
    #[error("nothing is decided about this user; a PUT decides")]
    NothingDecided,
    /// The policy has no such role.
    #[error("the policy has no role `{asked}`; it has: {}", known.join(", "))]
    UnknownRole {
        /// The role that was to be given.
        asked: String,
        /// The roles that there are.
        known: Vec<String>,
    },
    /// Nobody has keys of such a provider.
    #[error("no keys are kept of the provider `{asked}`; of these they are: {}", known.iter().map(ProviderName::as_str).collect::<Vec<_>>().join(", "))]
    UnknownProvider {
        /// The provider that was named.
        asked: ProviderName,
        /// The providers that there are.
        known: Vec<ProviderName>,
    },
    /// There is a backend of this name.
    #[error("there is a service `{0}`; rotate its secret, revoke it, or choose another name")]
    NameTaken(ServiceName),
    /// There is no backend of this name.
    #[error("there is no service `{0}`")]
    NoSuchService(ServiceName),
    /// No secret can be made.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AdminError {
    /// The code that answers know it by.
    pub fn code(&self) -> Code {
        match self {
            Self::NothingDecided | Self::NoSuchService(_) => Code::NotFound,
            Self::UnknownRole { .. } | Self::UnknownProvider { .. } => Code::InvalidRequest,
            Self::NameTaken(_) => Code::AlreadyExists,
            Self::NoRandomness(_) => Code::Internal,
            Self::Store(_) => Code::StoreUnavailable,
        }
    }
}

/// Why a user was not erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// Users who are disabled can't do away with that.
    #[error("the user is disabled")]
    Disabled,
    /// Nor can those who were given a role or a limit.
    #[error("an operator of this service has decided which role or limit you have; ask them to erase you")]
    Held,
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EraseError {
    /// The code that answers know it by.
    pub fn code(&self) -> Code {
        match self {
            Self::Disabled => Code::UserDisabled,
            Self::Held => Code::NotAllowed,
            Self::Store(_) => Code::StoreUnavailable,
        }
    }
}

/// Why a user is no operator.
#[derive(Debug, thiserror::Error)]
pub enum NotOperator {
    /// The service has no roles for operators.
    #[error("no role makes an operator here")]
    NoRoles,
    /// An operator has disabled the user.
    #[error("the user is disabled")]
    Disabled,
    /// The user's role makes no operator.
    #[error("this is for operators, and your role does not make you one")]
    OtherRole,
    /// The policy lacks the role that the user was given.
    #[error(transparent)]
    Role(#[from] RoleNotAllowed),
    /// The store does not say who the user is.
    #[error(transparent)]
    Store(#[from] StoreError),
}
