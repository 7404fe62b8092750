//! Public keys of an issuer, fetched and kept.

mod fetch;
mod look;
mod ring;
mod set;

pub(super) use fetch::Source;
pub use look::{Keys, LookError, look};
pub(super) use ring::KeyRing;
pub use ring::{KeySetState, KeysUnavailable};
pub(super) use set::KeySet;
