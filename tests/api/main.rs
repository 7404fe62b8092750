//! The service over real HTTP, on both stores, against the strict simulator.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]
#![expect(clippy::indexing_slicing, reason = "a test that looks for what isn't there has failed")]

mod admin;
mod alerts;
mod browser;
mod bursts;
mod canaries;
mod cli;
mod cli_check;
mod cli_init;
mod cli_usage;
mod codes;
mod conformance;
mod dashboard;
#[cfg(feature = "demo")]
mod demo;
mod errors;
mod exactness;
mod failures;
mod fuzz;
mod health_command;
mod isolation;
mod issuers;
mod keys;
mod languages;
mod limits;
mod mcp;
mod me_page;
mod metrics;
mod minting;
mod older;
mod operators;
mod outages;
mod reloading;
mod reports;
mod rights;
mod row_level_security;
mod services;
mod sessions;
mod settings;
mod upstream;
mod usage;
