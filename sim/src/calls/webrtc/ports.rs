//! The UDP ports of one connection.

use std::{
    future::poll_fn,
    io,
    net::{IpAddr, SocketAddr},
    task::{Context, Poll, ready},
};

use str0m::net::Transmit;
use tokio::{io::ReadBuf, net::UdpSocket};

/// The largest datagram that is read.
const DATAGRAM: usize = 2_048;

/// One port on each address that a client may use; at least one.
pub(super) struct Ports(Vec<Port>);

struct Port {
    socket: UdpSocket,
    address: SocketAddr,
}

/// What came, from where, and at which of our addresses.
pub(super) struct Datagram {
    pub(super) source: SocketAddr,
    pub(super) destination: SocketAddr,
    bytes: [u8; DATAGRAM],
    length: usize,
}

impl Ports {
    /// Takes a port on each of these addresses that this machine has at the moment.
    ///
    /// # Errors
    /// When it has none of them.
    pub(super) async fn bind(addresses: &[IpAddr]) -> io::Result<Self> {
        let (mut ports, mut failure) = (Vec::new(), io::ErrorKind::AddrNotAvailable.into());
        for address in addresses {
            match Port::bind(*address).await {
                Ok(port) => ports.push(port),
                Err(error) => failure = error,
            }
        }
        if ports.is_empty() { Err(failure) } else { Ok(Self(ports)) }
    }

    /// Where they are.
    pub(super) fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.0.iter().map(|port| port.address)
    }

    /// Sends a packet if that is possible now. If not it is as good as lost on its way; what matters is sent again.
    pub(super) fn send(&self, packet: &Transmit) {
        if let Some(port) = self.0.iter().find(|port| port.address == packet.source) {
            let _ = port.socket.try_send_to(&packet.contents, packet.destination);
        }
    }

    /// The next datagram. Safe to cancel.
    pub(super) async fn receive(&self) -> Datagram {
        poll_fn(|context| {
            let mut received = self.0.iter().filter_map(|port| match port.poll_receive(context) {
                Poll::Ready(datagram) => Some(datagram),
                Poll::Pending => None,
            });
            received.next().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

impl Port {
    async fn bind(address: IpAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind((address, 0)).await?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address })
    }

    fn poll_receive(&self, context: &mut Context<'_>) -> Poll<Datagram> {
        let mut bytes = [0; DATAGRAM];
        let mut buffer = ReadBuf::new(&mut bytes);
        loop {
            // An error here is about an earlier datagram that nobody took.
            if let Ok(source) = ready!(self.socket.poll_recv_from(context, &mut buffer)) {
                let length = buffer.filled().len();
                return Poll::Ready(Datagram { source, destination: self.address, bytes, length });
            }
        }
    }
}

impl Datagram {
    /// What is in it.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}
