//! A look at an issuer's keys, for people: whether tokens could be verified now.

use super::fetch::{FetchError, Source};
use crate::auth::settings::Issuer;
use crate::net::SetupError;

/// What an issuer's tokens are verified with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// A shared secret: there is nothing to fetch.
    SharedSecret,
    /// A key set with so many keys that can be used.
    Fetched(usize),
}

/// A key set that could not be had.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct LookError(Why);

#[derive(Debug, thiserror::Error)]
enum Why {
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

/// Fetches an issuer's keys once. Nothing is kept.
pub async fn look(issuer: &Issuer) -> Result<Keys, LookError> {
    match Source::of(issuer).map_err(|error| LookError(error.into()))? {
        Source::Secret(_) => Ok(Keys::SharedSecret),
        Source::Fetched(fetcher) => {
            let fetched = fetcher.fetch().await.map_err(|error| LookError(error.into()))?;
            Ok(Keys::Fetched(fetched.set.len()))
        }
    }
}
