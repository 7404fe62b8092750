//! Floor 6: puts the parts together, starts them and stops them.

mod jobs;
mod logging;
mod server;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use crate::auth::Verifier;
use crate::config::{Config, Database, Storage};
use crate::http::{Edge, OwnHost};
use crate::kernel::clock::{Clock, SystemClock};
use crate::limit::Limiter;
use crate::mint::{Minting, Parts};
use crate::provider::Provider;
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::SqliteStore;
use crate::store::{OpenError, Store, StoreClock};
use crate::usage::OwnUsage;

use self::server::ServerHandle;
pub use logging::log_to_stdout;
pub use server::Routes;

/// Mints in flight get so long to end when the service stops.
const DRAIN: Duration = Duration::from_secs(10);

/// What may differ from a plain `serve`.
pub struct Options {
    /// The service's clock.
    pub clock: Arc<dyn Clock>,
    /// The clock that limits are decided by.
    pub store_clock: StoreClock,
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
            extra: Arc::new(|_| ()),
            own_host_only: false,
        }
    }
}

/// A service that is running.
pub struct Running {
    address: SocketAddr,
    server: ServerHandle,
    ended: JoinHandle<std::io::Result<()>>,
    tasks: TaskTracker,
    limiter: Limiter,
    writer: JoinHandle<()>,
    jobs: JoinHandle<()>,
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
    let listener = std::net::TcpListener::bind(config.server.bind)
        .with_context(|| format!("BIND_ADDR: can't listen on {}", config.server.bind))?;
    let address = listener.local_addr().context("asking for the listener's address")?;
    let store = open_store(&config.storage, options.store_clock).await?;
    let provider = Provider::new(&config.upstream.provider)?;
    let (limiter, writer) = Limiter::start(store.clone(), options.clock.clone());
    let tasks = TaskTracker::new();
    let jobs = tokio::spawn(jobs::give_up(
        store.clone(),
        options.clock.clone(),
        config.upstream.provider.timeout,
        tasks.clone(),
    ));
    let minting = Minting::new(Parts {
        policy: config.policy.clone(),
        limiter: limiter.clone(),
        store: store.clone(),
        provider,
        safety_ids: config.upstream.safety_ids,
        clock: options.clock.clone(),
        tasks: tasks.clone(),
    });
    let edge = Edge {
        verifier: Verifier::new(config.identity.tokens, options.clock.clone())?,
        minting,
        usage: OwnUsage::new(store.clone(), config.policy),
        store,
        clock: options.clock,
        own_host: options.own_host_only.then(|| OwnHost::loopback(address.port())),
    };
    let server = server::serve(listener, edge, config.server.origins, options.extra)?;
    let handle = server.handle();
    Ok(Running { address, server: handle, ended: tokio::spawn(server), tasks, limiter, writer, jobs })
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops: no new mints, those in flight end, everything is written, then the listener closes.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.server.pause().await;
        self.tasks.close();
        if tokio::time::timeout(DRAIN, self.tasks.wait()).await.is_err() {
            tracing::warn!("mints were still in flight when the service stopped");
        }
        self.jobs.abort();
        self.limiter.stop();
        self.writer.await.context("writing the last outcomes")?;
        self.server.stop(true).await;
        self.ended.await.context("waiting for the server")?.context("the server failed")
    }
}
