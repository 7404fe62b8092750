//! Floor 2: the upstream, the provider that mints.

mod account;
mod answer;
mod client;
mod error;
mod look;
mod wire;

pub use account::{Account, ApiKey};
pub use answer::Minted;
pub use client::{MintBody, Provider, Settings, SetupError};
pub use error::ProviderError;
pub use look::{Look, Model};
pub use wire::mint_body;
