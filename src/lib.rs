//! Ephemint stands between a browser and a voice model: it checks who the user is, decides what they may have, and hands
//! out the least that lets the browser talk to the model directly.
//!
//! The modules stand on floors. A module may use only lower floors and its own children; a contract test reads the
//! sources and says so when one doesn't.
//!
//! | floor | modules | |
//! |---|---|---|
//! | 7 | [`cli`] | the command line, one file for each command |
//! | 6 | [`app`] | puts the parts together, starts and stops them |
//! | 5 | [`config`] | settings, read from the environment |
//! | 4 | [`http`] | the edge, the only place that knows HTTP requests |
//! | 3 | [`admin`], [`alerts`], [`keys`], [`mint`], [`settings`], [`usage`] | use-cases |
//! | 2 | [`auth`], [`policy`], [`limit`], [`provider`], [`vault`] | capabilities |
//! | 1 | [`store`], [`net`], [`metrics`], [`traces`] | the only places that know a database, and HTTP to others; what is counted and traced for operators |
//! | 0 | [`kernel`] | clock, ids, secrets, the words everything is written in |

pub mod admin;
pub mod alerts;
pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod http;
pub mod kernel;
pub mod keys;
pub mod limit;
pub mod metrics;
pub mod mint;
pub mod net;
pub mod policy;
pub mod provider;
pub mod settings;
pub mod store;
pub mod traces;
pub mod usage;
pub mod vault;
