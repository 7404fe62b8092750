//! `ephemint serve`

use std::pin::pin;

use crate::app::{self, Options};
use crate::cli::{hangup, report, stop};
use crate::config::{Config, Database, Environment, Logging, read_one};
use crate::policy::Mistake;

pub(super) async fn run(environment: &Environment) -> anyhow::Result<()> {
    let (config, logging) = settings(environment).map_err(report::mistakes)?;
    let traces = logging.traces.as_ref().map(app::trace_to).transpose()?;
    match &traces {
        None => app::log_to_stdout(&logging)?,
        Some(traces) => app::log_and_trace(&logging, traces)?,
    }
    let stop_within = config.server.shutdown_timeout;
    warn(&config);
    let store = match config.storage.database {
        Database::Postgres(_) => "postgres",
        Database::Sqlite(_) => "sqlite",
    };
    let identity = &config.identity;
    let has_operators = identity.admin_token.is_some() || !identity.admin_roles.is_empty();
    let mut stop = stop::Requests::listen()?;
    let options = Options::default();
    hangup::tell(options.reload.clone())?;
    let running = tokio::select! {
        running = app::start(config, options) => running?,
        () = stop.come() => {
            tracing::info!("stopped before it served");
            return Ok(());
        }
    };
    tracing::info!(address = %running.address(), store, version = env!("CARGO_PKG_VERSION"), "serving");
    if has_operators {
        tracing::info!(
            url = format!("http://{}/dashboard", running.address()),
            "operators sign in at the dashboard"
        );
    }
    stop.come().await;
    tracing::info!("stopping");
    // The time to stop is the spans' too, as far as anything is left of it.
    let mut over = pin!(tokio::time::sleep(stop_within));
    let stopped = running.stop().await;
    if let Some(traces) = traces {
        tokio::select! {
            _ = tokio::task::spawn_blocking(move || traces.finish(stop_within)) => {}
            () = &mut over => tracing::warn!("the last spans could not be sent"),
        }
    }
    stopped?;
    tracing::info!("stopped");
    Ok(())
}

/// All that is needed to serve, or every mistake.
pub(super) fn settings(environment: &Environment) -> Result<(Config, Logging), Vec<Mistake>> {
    match (Config::read(environment), read_one(environment, Logging::read)) {
        (Ok(config), Ok(logging)) => Ok((config, logging)),
        (config, logging) => Err([config.err(), logging.err()].into_iter().flatten().flatten().collect()),
    }
}

/// What may be meant, but should be seen.
fn warn(config: &Config) {
    let upstream = &config.upstream.provider;
    if upstream.api_key.is_none() {
        match config.sealing.vault {
            None => {
                tracing::warn!("OPENAI_API_KEY is not set: every mint will be refused with no_provider_key")
            }
            Some(_) => tracing::warn!(
                "OPENAI_API_KEY is not set: users without a key of their own are refused with no_provider_key"
            ),
        }
    }
    if let Some(contradiction) = config.deployment.contradiction() {
        let (setting, mend) = (contradiction.at(), contradiction.mend());
        tracing::warn!(setting, mend, "{setting}: {contradiction}; it is taken for a place with users");
    }
    if upstream.base_url.scheme() == "http" {
        tracing::warn!("OPENAI_BASE_URL is plain http: the provider key travels unencrypted");
    }
}
