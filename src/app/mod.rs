//! Floor 6: puts the parts together, starts them and stops them.

mod ground;
mod jobs;
mod logging;
mod policy_file;
mod server;
mod stop;
mod tracing_out;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admin::Administration;
use crate::auth::Verifier;
use crate::config::{Config, Database, Storage};
use crate::http::{AdminToken, Door, Edge, OwnHost};
use crate::kernel::clock::{Clock, SystemClock};
use crate::keys::Checks;
use crate::limit::{Bursts, Limiter};
use crate::metrics::Metrics;
use crate::mint::{Minting, Parts};
use crate::provider::Provider;
use crate::settings::OwnSettings;
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::SqliteStore;
use crate::store::{OpenError, Store, StoreClock};
use crate::usage::OwnUsage;
use crate::usage::events::Events;
use crate::usage::reports::UsageReports;

use self::ground::Ground;
use self::server::{ServerHandle, Shared};
pub use logging::{log_and_trace, log_to, log_to_stdout};
pub use server::Routes;
pub use tracing_out::trace_to;

/// What may differ from a plain `serve`.
pub struct Options {
    /// The service's clock.
    pub clock: Arc<dyn Clock>,
    /// The clock that limits are decided by.
    pub store_clock: StoreClock,
    /// Told when the policy file is to be read again at once.
    pub reload: Arc<Notify>,
    /// Routes beside the service's own.
    pub extra: Routes,
    /// Answers to the loopback names only, at the port that it gets.
    pub own_host_only: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            store_clock: StoreClock::Own,
            reload: Arc::default(),
            extra: Arc::new(|_| ()),
            own_host_only: false,
        }
    }
}

/// A service that is running.
pub struct Running {
    address: SocketAddr,
    server: ServerHandle,
    metrics_server: Option<MetricsServer>,
    ended: JoinHandle<std::io::Result<()>>,
    tasks: TaskTracker,
    cut: CancellationToken,
    stop_within: Duration,
    limiter: Limiter,
    administration: Administration,
    events: Events,
    writer: JoinHandle<()>,
    jobs: JoinSet<()>,
    metrics: Arc<Metrics>,
}

/// The listener that the metrics have for themselves.
struct MetricsServer {
    address: SocketAddr,
    server: ServerHandle,
}

/// Opens the database that the settings name.
pub async fn open_store(storage: &Storage, clock: StoreClock) -> Result<Arc<dyn Store>, OpenError> {
    Ok(match &storage.database {
        Database::Postgres(settings) => {
            Arc::new(PostgresStore::open(settings, storage.migrate, clock).await?)
        }
        Database::Sqlite(directory) => Arc::new(SqliteStore::open(directory, storage.migrate, clock)?),
    })
}

/// Starts the service. It is ready when this returns.
pub async fn start(config: Config, options: Options) -> anyhow::Result<Running> {
    let (listener, address) = listen("BIND_ADDR", config.server.bind)?;
    let metrics_listener = config.server.metrics.map(|at| listen("METRICS_ADDR", at)).transpose()?;
    let store = open_store(&config.storage, options.store_clock).await?;
    let provider = Provider::new(&config.upstream.provider)?;
    let ground = Ground::new(store, config.policy, options.clock);
    let Ground { store, policy, clock, metrics } = ground.clone();
    let (limiter, writer) =
        Limiter::start(store.clone(), clock.clone(), config.limits.store, metrics.clone());
    let bursts = Arc::new(Bursts::new(config.limits.bursts, &clock));
    let (tasks, cut) = (TaskTracker::new(), CancellationToken::new());
    let mut jobs = JoinSet::new();
    jobs.spawn(jobs::give_up(store.clone(), clock.clone(), config.upstream.provider.timeout));
    jobs.spawn(jobs::forget_idle(bursts.clone()));
    jobs.spawn(jobs::roll_up(store.clone(), clock.clone(), config.storage.keep_days));
    let administration = ground.administration(config.identity.admin_roles);
    jobs::administer(&mut jobs, &administration);
    let parts = ground.alerts(config.alerting, config.storage.keep_days, config.sealing.key_ages())?;
    let alerts = jobs::alert(&mut jobs, parts);
    let (events, feed) = Events::new(store.clone(), clock.clone());
    jobs.spawn(feed);
    let parts = policy_file::Parts::new(&policy, &metrics, &administration);
    jobs.spawn(policy_file::follow(config.policy_file, parts, options.reload));
    let checks = Checks { provider: provider.clone(), safety_ids: config.upstream.safety_ids.clone() };
    let keys = ground.keys(&config.sealing, config.service_keys, checks);
    let minting = Minting::new(Parts {
        policy: policy.clone(),
        limiter: limiter.clone(),
        store: store.clone(),
        provider,
        safety_ids: config.upstream.safety_ids,
        clock: clock.clone(),
        vault: config.sealing.vault,
        key_use: jobs::note_key_use(&mut jobs, &store),
        metrics: metrics.clone(),
        tasks: tasks.clone(),
        cut: cut.clone(),
    });
    let edge = Shared::new(Edge {
        door: Door { bursts, proxies: config.limits.proxies, limiter: limiter.clone() },
        verifier: Verifier::new(config.identity.tokens, clock.clone())?,
        minting,
        keys,
        usage: OwnUsage::new(store.clone(), policy.clone()),
        settings: OwnSettings::new(store.clone(), policy.clone(), clock.clone()),
        reports: UsageReports::new(store.clone(), policy),
        events: events.clone(),
        store,
        limiter: limiter.clone(),
        metrics: metrics.clone(),
        administration: administration.clone(),
        alerts,
        admin_token: config.identity.admin_token.as_ref().map(AdminToken::new),
        origins: config.server.origins,
        clock,
        own_host: options.own_host_only.then(|| OwnHost::loopback(address.port())),
    });
    let metrics_server = metrics_listener.map(|own| serve_metrics(own, edge.clone())).transpose()?;
    let server = server::serve(listener, edge, options.extra)?;
    Ok(Running {
        address,
        server: server.handle(),
        metrics_server,
        ended: tokio::spawn(server),
        tasks,
        cut,
        stop_within: config.server.shutdown_timeout,
        limiter,
        administration,
        events,
        writer,
        jobs,
        metrics,
    })
}

/// Takes the address that a setting names, and says which it became.
fn listen(setting: &str, at: SocketAddr) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(at).with_context(|| format!("{setting}: can't listen on {at}"))?;
    let address = listener.local_addr().context("asking for the listener's address")?;
    Ok((listener, address))
}

fn serve_metrics(
    (listener, address): (TcpListener, SocketAddr),
    edge: Shared,
) -> anyhow::Result<MetricsServer> {
    let server = server::serve_metrics(listener, edge)?;
    let handle = server.handle();
    tokio::spawn(server);
    tracing::info!(%address, "the metrics are open to whoever reaches this address");
    Ok(MetricsServer { address, server: handle })
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its metrics are open to everybody, if they are.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_server.as_ref().map(|own| own.address)
    }

    /// What it counts.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }
}
