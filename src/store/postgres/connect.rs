//! Connection settings, TLS and pools.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts};
use rustls_platform_verifier::BuilderVerifierExt;
use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::super::OpenError;
use super::lane::Lane;

/// How long a request waits for a free connection, and a connection for the server. With what a statement may take, less
/// than the two seconds in which the service has to be back when the database is.
const WAIT: Duration = Duration::from_millis(1500);

/// How long a connection outside the pools may take to be there: nobody waits for it but an operator.
const CONNECT: Duration = Duration::from_secs(5);

/// What the server allows a hot statement. They take milliseconds; callers wait for them.
const HOT_STATEMENT: Duration = Duration::from_secs(1);

const CALM_STATEMENT: Duration = Duration::from_secs(4);

/// Hot statements are short and come in batches: a few connections carry them all.
const HOT_CONNECTIONS: usize = 4;

const CALM_CONNECTIONS: usize = 8;

/// What is said on a new connection for hot statements.
///
/// They are planned once for each connection: planning each time took a third of the time. A plan that is made while a table
/// is empty is kept when it has grown, so what is good for small tables only is ruled out: reading them whole, and
/// comparing each row of a batch with each. A contract test looks at the plans.
pub const HOT_SESSION: &str = "SET plan_cache_mode = force_generic_plan; SET jit = off; \
     SET enable_seqscan = off; SET enable_nestloop = off; SET enable_mergejoin = off";

/// What is said on a new connection for reports: how many rows are open can't be known when they are planned, and on the guess
/// that it is a third of the ledger, compiling and other processes cost more than they save. Counting users takes some memory.
const CALM_SESSION: &str = "SET jit = off; SET max_parallel_workers_per_gather = 0; SET work_mem = '32MB'";

/// Whether connections are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Never.
    Off,
    /// Where the server offers it; whoever stands between can see to it that it does not.
    Preferred,
    /// Always.
    Required,
}

/// Where the database is.
#[derive(Clone)]
pub struct Settings {
    config: tokio_postgres::Config,
    tls: Option<MakeRustlsConnect>,
}

impl Settings {
    /// Reads a connection URL (`postgres://user:password@host:port/database?sslmode=…`) or a list of `key=value`.
    ///
    /// `sslmode` is `prefer` where it is not given; the server's certificate is always verified when TLS is used.
    pub fn parse(url: &SecretString) -> Result<Self, OpenError> {
        // The driver's own message may repeat parts of the URL, and with them the password.
        let mut config = tokio_postgres::Config::from_str(url.expose_secret())
            .map_err(|_| OpenError::Settings("DATABASE_URL is not a PostgreSQL connection URL".to_owned()))?;
        config.application_name("ephemint");
        config.connect_timeout(WAIT / parts(&config));
        config.keepalives_idle(Duration::from_secs(30));
        config.keepalives_interval(Duration::from_secs(5));
        config.tcp_user_timeout(Duration::from_secs(10));
        let tls = tls_for(&config)?;
        Ok(Self { config, tls })
    }

    /// Whether connections are encrypted.
    pub fn tls(&self) -> Tls {
        match self.config.get_ssl_mode() {
            SslMode::Disable => Tls::Off,
            SslMode::Prefer => Tls::Preferred,
            // Whatever stricter modes there may be one day.
            _ => Tls::Required,
        }
    }

    /// The names and addresses that it may connect to over a network; sockets of this machine are left out.
    pub fn hosts(&self) -> Vec<String> {
        // An address, where there is one, is what counts; the name beside it is for the certificate.
        let addresses: Vec<_> = self.config.get_hostaddrs().iter().map(ToString::to_string).collect();
        if !addresses.is_empty() {
            return addresses;
        }
        let name = |host: &Host| match host {
            Host::Tcp(name) => Some(name.clone()),
            #[cfg(unix)]
            Host::Unix(_) => None,
        };
        self.config.get_hosts().iter().filter_map(name).collect()
    }

    /// Connections for the statements that every mint waits for, and connections for everything else.
    pub(super) fn lanes(&self) -> Result<(Lane, Lane), OpenError> {
        let hot = self.pool(HOT_CONNECTIONS, HOT_STATEMENT, HOT_SESSION)?;
        let calm = self.pool(CALM_CONNECTIONS, CALM_STATEMENT, CALM_SESSION)?;
        Ok((Lane::new(&hot, &calm, HOT_STATEMENT), Lane::new(&calm, &hot, CALM_STATEMENT)))
    }

    fn pool(&self, size: usize, statement: Duration, session: &str) -> Result<Pool, OpenError> {
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = match &self.tls {
            Some(tls) => Manager::from_config(self.config.clone(), tls.clone(), recycling),
            None => Manager::from_config(self.config.clone(), tokio_postgres::NoTls, recycling),
        };
        let session: Arc<str> =
            format!("SET statement_timeout = {}; {session}", statement.as_millis()).into();
        Pool::builder(manager)
            .max_size(size)
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts { wait: Some(WAIT), create: Some(WAIT), recycle: Some(WAIT) })
            // Said in the session, not in the startup packet, which connection poolers are picky about.
            .post_create(Hook::async_fn(move |client, _| {
                let session = session.clone();
                Box::pin(async move { client.batch_execute(&session).await.map_err(HookError::Backend) })
            }))
            .build()
            .map_err(|cause| OpenError::Unreachable {
                doing: "preparing the connection pool",
                cause: Box::new(cause),
            })
    }

    /// One connection outside the pools.
    pub(in crate::store) async fn connect(&self) -> Result<tokio_postgres::Client, OpenError> {
        match &self.tls {
            Some(tls) => self.connect_with(tls.clone()).await,
            None => self.connect_with(tokio_postgres::NoTls).await,
        }
    }

    async fn connect_with<T>(&self, tls: T) -> Result<tokio_postgres::Client, OpenError>
    where
        T: tokio_postgres::tls::MakeTlsConnect<tokio_postgres::Socket> + Send,
        T::Stream: Send + 'static,
    {
        let doing = "connecting to DATABASE_URL";
        // The driver's own bound ends when the connection is there, before the server has said anything.
        let connecting = tokio::time::timeout(CONNECT, self.config.connect(tls));
        let (client, connection) = connecting
            .await
            .map_err(|late| OpenError::Unreachable { doing, cause: Box::new(late) })?
            .map_err(|cause| OpenError::Unreachable { doing, cause: Box::new(cause) })?;
        // The task ends with the client; what goes wrong on the connection is told to whoever uses the client.
        tokio::spawn(connection);
        Ok(client)
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("tls", &self.tls.is_some()).finish_non_exhaustive()
    }
}

/// Into how many parts the time to connect goes: where there are several hosts, one for each that may be silent, and one for
/// the rest of the way.
fn parts(config: &tokio_postgres::Config) -> u32 {
    match config.get_hosts().len().max(config.get_hostaddrs().len()) {
        0 | 1 => 1,
        hosts => u32::try_from(hosts).unwrap_or(u32::MAX).saturating_add(1),
    }
}

fn tls_for(config: &tokio_postgres::Config) -> Result<Option<MakeRustlsConnect>, OpenError> {
    if config.get_ssl_mode() == SslMode::Disable {
        return Ok(None);
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verified = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_platform_verifier());
    match verified {
        Ok(builder) => Ok(Some(MakeRustlsConnect::new(builder.with_no_client_auth()))),
        Err(_) if config.get_ssl_mode() == SslMode::Prefer => {
            tracing::warn!("no CA certificates on this machine: connecting to PostgreSQL without TLS");
            Ok(None)
        }
        Err(cause) => Err(OpenError::Unreachable {
            doing: "loading the machine's CA certificates",
            cause: Box::new(cause),
        }),
    }
}
