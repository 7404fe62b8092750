//! Public keys of an issuer, fetched and kept.

mod fetch;
mod ring;
mod set;

pub(super) use fetch::Fetcher;
pub(super) use ring::KeyRing;
pub use ring::KeysUnavailable;
