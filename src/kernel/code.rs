//! The names of everything that a caller can be refused for.
//!
//! They appear in answers, in the ledger and in the counts of refusals. What they look like over HTTP is said in
//! one table, `http::problem`.

/// Why a request was refused or failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// The request can't be read, or a value in it is malformed.
    InvalidRequest,
    /// No valid token of a user came with the request.
    Unauthorized,
    /// The user asked for a role that is not theirs.
    RoleNotAllowed,
    /// The policy does not allow what was asked for.
    NotAllowed,
    /// An operator has disabled the user.
    UserDisabled,
    /// There is nothing at this address.
    NotFound,
    /// The address does not take this method.
    MethodNotAllowed,
    /// There is no provider key to mint with.
    NoProviderKey,
    /// The provider refuses the key that the user brought.
    ProviderKeyRefused,
    /// The key that the user brought does not open any more.
    ProviderKeyUnreadable,
    /// The service stores no keys of users.
    KeysNotStored,
    /// The body is too large.
    TooLarge,
    /// The body is not JSON by its content type.
    UnsupportedMediaType,
    /// The hourly allowance is spent.
    RateLimitExceeded,
    /// Too many requests at once, from one address or of one user.
    BurstLimitExceeded,
    /// A fault of our own.
    Internal,
    /// The provider refused the request, the key or the quota.
    ProviderRejected,
    /// The provider failed, or its answer can't be read.
    ProviderError,
    /// The database does not answer.
    StoreUnavailable,
    /// The keys of the token's issuer can't be had.
    KeysUnavailable,
    /// As many operators follow the events as can.
    TooManyListeners,
    /// The provider asks for patience.
    ProviderBusy,
    /// The provider can't be asked about a key.
    ProviderUnreachable,
    /// The provider did not answer in time.
    ProviderTimeout,
}

impl Code {
    /// All of them, for the tables and tests that must not miss one.
    pub const ALL: [Self; 24] = [
        Self::InvalidRequest,
        Self::Unauthorized,
        Self::RoleNotAllowed,
        Self::NotAllowed,
        Self::UserDisabled,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::NoProviderKey,
        Self::ProviderKeyRefused,
        Self::ProviderKeyUnreadable,
        Self::KeysNotStored,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::RateLimitExceeded,
        Self::BurstLimitExceeded,
        Self::Internal,
        Self::ProviderRejected,
        Self::ProviderError,
        Self::StoreUnavailable,
        Self::KeysUnavailable,
        Self::TooManyListeners,
        Self::ProviderBusy,
        Self::ProviderUnreachable,
        Self::ProviderTimeout,
    ];

    /// The code as it is written in answers and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Unauthorized => "unauthorized",
            Self::RoleNotAllowed => "role_not_allowed",
            Self::NotAllowed => "not_allowed",
            Self::UserDisabled => "user_disabled",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::NoProviderKey => "no_provider_key",
            Self::ProviderKeyRefused => "provider_key_refused",
            Self::ProviderKeyUnreadable => "provider_key_unreadable",
            Self::KeysNotStored => "keys_not_stored",
            Self::TooLarge => "too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::RateLimitExceeded => "rate_limit_exceeded",
            Self::BurstLimitExceeded => "burst_limit_exceeded",
            Self::Internal => "internal",
            Self::ProviderRejected => "provider_rejected",
            Self::ProviderError => "provider_error",
            Self::StoreUnavailable => "store_unavailable",
            Self::KeysUnavailable => "keys_unavailable",
            Self::TooManyListeners => "too_many_listeners",
            Self::ProviderBusy => "provider_busy",
            Self::ProviderUnreachable => "provider_unreachable",
            Self::ProviderTimeout => "provider_timeout",
        }
    }
}
