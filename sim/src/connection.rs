//! The socket below a request.

use std::{any::Any, net::IpAddr, time::Duration};

use actix_web::{HttpRequest, dev::Extensions, rt::net::TcpStream};
use socket2::{SockRef, Socket};

/// A second handle on a connection's socket: the server keeps the first to itself.
struct Connection(Socket);

/// The address of ours that a connection was made to.
struct Local(IpAddr);

/// Keeps a handle on a new connection, for the requests that come over it.
pub(crate) fn remember(stream: &dyn Any, data: &mut Extensions) {
    let local = stream.downcast_ref::<TcpStream>().map(TcpStream::local_addr);
    if let Some(Ok(local)) = local {
        // Where one socket listens for both families, IPv4 comes in disguise.
        data.insert(Local(local.ip().to_canonical()));
    }
    let handle = stream.downcast_ref::<TcpStream>().map(|stream| SockRef::from(stream).try_clone());
    if let Some(Ok(handle)) = handle {
        data.insert(Connection(handle));
    }
}

/// The address of ours that this request came in on.
pub(crate) fn local_address(request: &HttpRequest) -> Option<IpAddr> {
    request.conn_data::<Local>().map(|local| local.0)
}

/// Makes the connection of this request end in RST, not FIN, when the server drops it.
pub(crate) fn reset_when_dropped(request: &HttpRequest) {
    if let Some(Connection(socket)) = request.conn_data::<Connection>() {
        // Fails only on a socket that is closed already; then there is nothing left to reset.
        let _ = socket.set_linger(Some(Duration::ZERO));
    }
}
