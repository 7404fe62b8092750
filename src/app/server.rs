//! The HTTP server: which layers a request goes through.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
pub(super) use actix_web::dev::ServerHandle;
use actix_web::middleware::{Condition, from_fn};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, HttpServer};

use crate::http::{self, Edge};

/// Registers routes.
pub type Routes = Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>;

/// A client that does not finish its request head in this time is cut off.
const REQUEST_HEAD: Duration = Duration::from_secs(5);

/// Connections without a request are kept for so long.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// When the server stops, connections get so long to end, in seconds.
const STOP_SECONDS: u64 = 2;

/// What all workers of all listeners reach for. Made once: the closures below run once for each worker.
pub(super) type Shared = Data<Edge>;

pub(super) fn serve(listener: TcpListener, edge: Shared, extra: Routes) -> anyhow::Result<Server> {
    let server = HttpServer::new(move || {
        let extra = extra.clone();
        App::new()
            .app_data(edge.clone())
            .wrap(Condition::new(!edge.origins.is_empty(), http::cors(&edge.origins)))
            .wrap(from_fn(http::finish))
            .configure(move |config| extra(config))
            .configure(http::configure)
    });
    let server = server
        .client_request_timeout(REQUEST_HEAD)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(STOP_SECONDS)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

/// A server for the metrics alone, open to whoever reaches it.
pub(super) fn serve_metrics(listener: TcpListener, edge: Shared) -> anyhow::Result<Server> {
    let server = HttpServer::new(move || {
        App::new().app_data(edge.clone()).wrap(from_fn(http::finish)).configure(http::configure_metrics)
    });
    let server = server
        .workers(1)
        .client_request_timeout(REQUEST_HEAD)
        .keep_alive(KEEP_ALIVE)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}
