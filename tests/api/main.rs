//! The service over real HTTP, on both stores, against the strict simulator.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]
#![expect(clippy::indexing_slicing, reason = "a test that looks for what isn't there has failed")]

mod browser;
mod bursts;
mod canaries;
mod cli;
mod codes;
mod conformance;
mod errors;
mod failures;
mod languages;
mod limits;
mod minting;
mod operators;
mod outages;
mod reloading;
mod rights;
mod upstream;
mod usage;
