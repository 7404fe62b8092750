//! Floor 1: HTTP to others. The one place that builds clients and reads what they answer.
//!
//! A client follows no redirects (a redirect would carry a key, or our trust, to somebody we don't know), reads an answer
//! up to a bound, and has a time for the whole of it.

mod client;
mod error;
mod public;

pub use client::{Answer, Http, Settings, is_loopback, is_protected, is_public};
pub use error::{HttpError, SetupError};
pub use reqwest::header;
