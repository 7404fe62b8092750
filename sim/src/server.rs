//! The wiring: a port, the routes, and what they share.

use std::{io, net::SocketAddr, time::Duration};

use actix_web::{
    App, HttpServer,
    dev::Server,
    web::{Data, PayloadConfig},
};

use crate::{Settings, connection, control, provider, simulation::Simulation};

/// More than any session needs.
const MAX_BODY_BYTES: usize = 1 << 20;

/// As long as clients keep idle connections: they would otherwise now and then send on one that is being closed.
const KEEP_ALIVE: Duration = Duration::from_secs(90);

/// Takes the port. The server runs as long as it is polled.
pub(crate) fn bind(settings: &Settings, simulation: Data<Simulation>) -> io::Result<(Server, SocketAddr)> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(simulation.clone())
            .app_data(PayloadConfig::new(MAX_BODY_BYTES))
            .service(control::routes())
            .service(provider::routes())
    })
    .workers(settings.workers.max(1))
    .keep_alive(KEEP_ALIVE)
    // A request that is made to wait ends when its client leaves.
    .h1_allow_half_closed(false)
    .on_connect(connection::remember)
    .disable_signals()
    .bind(settings.bind)?;

    let address = server.addrs().first().copied().ok_or(io::ErrorKind::AddrNotAvailable)?;
    Ok((server.run(), address))
}
