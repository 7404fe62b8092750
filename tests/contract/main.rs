//! What can drift apart, checked both ways: the code on one side; the contract, the settings, the documents, the SQL and the
//! house rules on the other. Every failure says how to mend it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]
#![expect(clippy::indexing_slicing, reason = "a test that looks for what isn't there has failed")]

mod bodies;
mod catalog;
mod commands;
mod compare;
mod dependencies;
mod deploy;
mod errors;
mod floors;
mod house;
mod migrations;
mod openapi;
mod pages;
mod promises;
mod queries;
mod repository;
mod routes;
mod schema;
mod settings;
mod source;
mod sql_in_code;
mod watching;
