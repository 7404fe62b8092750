//! The socket below a request.

use std::{any::Any, time::Duration};

use actix_web::{HttpRequest, dev::Extensions, rt::net::TcpStream};
use socket2::{SockRef, Socket};

/// A second handle on a connection's socket: the server keeps the first to itself.
struct Connection(Socket);

/// Keeps a handle on a new connection, for the requests that come over it.
pub(crate) fn remember(stream: &dyn Any, data: &mut Extensions) {
    let handle = stream.downcast_ref::<TcpStream>().map(|stream| SockRef::from(stream).try_clone());
    if let Some(Ok(handle)) = handle {
        data.insert(Connection(handle));
    }
}

/// Makes the connection of this request end in RST, not FIN, when the server drops it.
pub(crate) fn reset_when_dropped(request: &HttpRequest) {
    if let Some(Connection(socket)) = request.conn_data::<Connection>() {
        // Fails only on a socket that is closed already; then there is nothing left to reset.
        let _ = socket.set_linger(Some(Duration::ZERO));
    }
}
