//! A server that says where it listens.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};

use actix_web::web::ServiceConfig;
use actix_web::{App, HttpServer};

/// Serves until it is stopped. The first line of the output is the address.
pub(crate) async fn serve(
    bind: SocketAddr,
    workers: Option<usize>,
    routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(bind)?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
    let mut server = HttpServer::new(move || App::new().configure(routes.clone()));
    if let Some(workers) = workers {
        server = server.workers(workers);
    }
    Ok(server.listen(listener)?.run().await?)
}
