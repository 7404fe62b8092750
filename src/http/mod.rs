//! Floor 4: the edge, the only place that knows HTTP requests. One file for each operation.
//!
//! A handler that takes [`caller::Caller`] is authenticated; a handler answers with a value or with a
//! [`problem::Problem`].

mod accept_language;
mod body;
mod caller;
mod client_secrets;
mod contract;
mod cors;
mod finish;
mod generate_realtime_token;
mod health;
mod me_usage;
mod own_host;
mod presentation;
pub mod problem;
mod rate_limit;
mod routes;
mod strict;
pub mod table;

use std::sync::Arc;

use crate::auth::Verifier;
use crate::kernel::clock::Clock;
use crate::mint::Minting;
use crate::store::Store;
use crate::usage::OwnUsage;

pub use body::MAX_BODY_BYTES;
pub use cors::cors;
pub use finish::finish;
pub use own_host::OwnHost;
pub use routes::{Endpoint, configure, endpoints};

/// What the handlers reach for.
#[derive(Debug)]
pub struct Edge {
    /// Says who a token is for.
    pub verifier: Verifier,
    /// Mints.
    pub minting: Minting,
    /// Tells users of their own use.
    pub usage: OwnUsage,
    /// Asked whether it is there.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where set, requests by any other name are refused.
    pub own_host: Option<OwnHost>,
}
