//! Who has a key of the provider's, and what it is worth.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;

/// The name of the account that [`Settings::api_key`](crate::Settings::api_key) belongs to.
pub const DEFAULT_ACCOUNT: &str = "default";

/// What a key is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It opens everything.
    #[default]
    Good,
    /// It was withdrawn: 401 `invalid_api_key`, whatever it asks for.
    Revoked,
    /// Its account has run out of money: 429 `insufficient_quota` for client secrets.
    NoQuota,
    /// It may not open voice sessions: 403 `insufficient_permissions` for client secrets.
    NoRealtime,
}

impl Standing {
    /// Whether a key of this standing opens voice sessions, and mints secrets that do.
    ///
    /// # Errors
    /// What its client is told where it does not.
    pub(crate) fn opens_sessions(self) -> Result<(), ApiError> {
        match self {
            Self::Good => Ok(()),
            Self::Revoked => Err(ApiError::INVALID_KEY),
            Self::NoQuota => Err(ApiError::INSUFFICIENT_QUOTA),
            Self::NoRealtime => Err(ApiError::FORBIDDEN),
        }
    }
}

/// An account of the provider's, with its key. What `PUT /_sim/accounts` takes.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// What records of requests know it by.
    pub name: String,
    /// Its key.
    pub key: String,
    /// What the key is worth.
    #[serde(default)]
    pub standing: Standing,
}

/// All accounts, by their keys.
pub(crate) struct Accounts(RwLock<HashMap<String, (String, Standing)>>);

impl Accounts {
    /// With one account, to which this key belongs.
    pub(crate) fn new(key: &str) -> Self {
        let default = (DEFAULT_ACCOUNT.to_owned(), Standing::Good);
        Self(RwLock::new(HashMap::from([(key.to_owned(), default)])))
    }

    /// Adds an account, or changes whatever its key was before.
    pub(crate) fn put(&self, Account { name, key, standing }: Account) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(key, (name, standing));
    }

    /// Whose key this is, and what it is worth.
    pub(crate) fn of(&self, key: &str) -> Option<(String, Standing)> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}
