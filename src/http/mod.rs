//! Floor 4: the edge, the only place that knows HTTP requests. One file for each operation.
//!
//! A handler that takes a `caller::Caller` is authenticated, and so is one that takes an `operator::Operator` or a
//! `service::Service`. A handler answers with a value or with a [`problem::Problem`].

mod accept_language;
mod admin;
mod body;
mod caller;
mod client_address;
mod client_secrets;
mod contract;
mod cors;
mod door;
mod finish;
mod generate_realtime_token;
mod health;
mod me;
mod me_keys;
mod me_settings;
mod me_usage;
mod metrics;
mod noted;
mod operator;
mod own_host;
mod pages;
mod presentation;
pub mod problem;
mod provider_keys;
mod query;
mod rate_limit;
mod reports;
mod routes;
mod service;
mod strict;
pub mod table;

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;

use self::problem::Problem;
use crate::admin::Administration;
use crate::alerts::Alerts;
use crate::auth::Verifier;
use crate::kernel::clock::Clock;
use crate::kernel::code::Code;
use crate::kernel::provider_name::ProviderName;
use crate::keys::Keys;
use crate::limit::Limiter;
use crate::metrics::Metrics;
use crate::mint::{Issued, MintError, Minting, Order};
use crate::settings::OwnSettings;
use crate::store::{Action, Actor, Origin, Store};
use crate::usage::OwnUsage;
use crate::usage::events::Events;
use crate::usage::reports::UsageReports;

pub use body::MAX_BODY_BYTES;
pub use client_address::{NoNetwork, TrustedProxies};
pub use cors::cors;
pub use door::Door;
pub use finish::finish;
pub use operator::AdminToken;
pub use own_host::OwnHost;
pub use routes::{Endpoint, configure, configure_metrics, endpoints};

/// What the handlers reach for.
#[derive(Debug)]
pub struct Edge {
    /// Holds bursts.
    pub door: Door,
    /// Says who a token is for.
    pub verifier: Verifier,
    /// Mints.
    pub minting: Minting,
    /// Keeps keys that users bring.
    pub keys: Keys,
    /// Tells users of their own use.
    pub usage: OwnUsage,
    /// Keeps what users set for themselves.
    pub settings: OwnSettings,
    /// Tells operators of everybody's use.
    pub reports: UsageReports,
    /// Tells operators of what happens, as it does.
    pub events: Events,
    /// Asked whether it is there.
    pub store: Arc<dyn Store>,
    /// Asked whether it does without the store.
    pub limiter: Limiter,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Does what operators ask for.
    pub administration: Administration,
    /// Says what was raised, and counts who can't sign in.
    pub alerts: Arc<Alerts>,
    /// What operators are known by, where there is a token for them.
    pub admin_token: Option<AdminToken>,
    /// The web sites whose pages may call, and may sign users in at `/me`.
    pub origins: Vec<String>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where set, requests by any other name are refused.
    pub own_host: Option<OwnHost>,
}

impl Edge {
    /// Mints. That somebody's key does not open is for the audit trail: somebody may have been at it.
    async fn mint(&self, order: Order) -> Result<Issued, problem::Problem> {
        let (identity, request_id) = (order.identity.clone(), order.request_id.clone());
        let minted = self.minting.mint(order).await;
        if let Err(error @ MintError::KeyUnreadable) = &minted {
            let origin = Origin { actor: Actor::Service, address: None, request_id: Some(request_id) };
            let (user, provider) = (&identity.user, ProviderName::OPENAI);
            self.administration.key_refused(&origin, Action::OpenKey, user, provider.as_str(), error.code());
        }
        Ok(minted?)
    }

    /// Counts a credential that was refused. Whoever sends none guesses nothing.
    fn refused(&self, request: &HttpRequest, problem: &Problem) {
        if problem.code() == Code::Unauthorized && request.headers().contains_key(AUTHORIZATION) {
            self.alerts.failed_authentication(self.door.proxies.client(request));
        }
    }
}
