//! A network that fails on command: it stands between a service and a server, and can be switched while connections live.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::Url;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// What the network does with what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// Carries it.
    Pass,
    /// Carries it on connections that are there; new ones are refused.
    Refuse,
    /// Resets connections in the middle of a statement's request: half of it has arrived. One in so many statements.
    CutRequests(usize),
    /// Resets connections when the server has carried a statement out and answers. One in so many statements.
    CutAnswers(usize),
    /// Takes everything, also new connections, and loses it. Nobody is told, and no connection that met this comes back to
    /// life when it is over, not even an idle one: as with a host that is gone, or a firewall that has forgotten them.
    BlackHole,
    /// Keeps back each piece of so many bytes for a while.
    Slow {
        /// The longest piece.
        bytes: usize,
        /// For how long.
        delay: Duration,
    },
}

/// A proxy in front of a server. It and its connections end with this value.
#[derive(Debug)]
pub struct ChaosProxy {
    url: String,
    network: watch::Sender<Network>,
    cuts: watch::Sender<u64>,
    /// Keeps the port while nobody listens on it. Never listens itself.
    _port: TcpSocket,
    accepting: JoinHandle<()>,
}

impl ChaosProxy {
    /// A proxy in front of the server of this URL.
    pub async fn before(url: &str) -> Self {
        let mut url = Url::parse(url).unwrap();
        let server = format!("{}:{}", url.host_str().unwrap(), url.port_or_known_default().unwrap());
        let port = reusable(SocketAddr::from(([127, 0, 0, 1], 0)));
        let address = port.local_addr().unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(address.port())).unwrap();
        let (network, cuts) = (watch::Sender::new(Network::Pass), watch::Sender::new(0));
        let wire =
            Wire { server, network: network.subscribe(), cuts: cuts.subscribe(), statements: Arc::default() };
        let listener = reusable(address).listen(1024).unwrap();
        let accepting = tokio::spawn(accept(address, listener, wire));
        Self { url: url.to_string(), network, cuts, _port: port, accepting }
    }

    /// The URL that leads through it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Behaves like this from now on.
    pub fn set(&self, network: Network) {
        self.network.send_replace(network);
    }

    /// Resets all connections there are.
    pub fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

impl Drop for ChaosProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// A socket on this address that others may share, as long as only one of them listens.
fn reusable(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(address).unwrap();
    socket
}

async fn accept(address: SocketAddr, first: TcpListener, mut wire: Wire) {
    let mut connections = JoinSet::new();
    let mut listener = Some(first);
    loop {
        let now = *wire.network.borrow_and_update();
        if now == Network::Refuse {
            listener = None;
        } else if listener.is_none() {
            listener = Some(reusable(address).listen(1024).unwrap());
        }
        tokio::select! {
            client = accepted(listener.as_ref()) => drop(connections.spawn(wire.clone().carry(client))),
            changed = wire.network.changed() => if changed.is_err() { return },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn accepted(listener: Option<&TcpListener>) -> TcpStream {
    match listener {
        Some(listener) => listener.accept().await.unwrap().0,
        None => std::future::pending().await,
    }
}

/// What each connection knows.
#[derive(Debug, Clone)]
struct Wire {
    server: String,
    network: watch::Receiver<Network>,
    cuts: watch::Receiver<u64>,
    /// Statements so far, of all connections.
    statements: Arc<AtomicUsize>,
}

/// The state of one connection.
#[derive(Debug, Default)]
struct Line {
    /// Something was lost on it.
    dead: AtomicBool,
    /// The next answer is that of a statement that is to be cut.
    armed: AtomicBool,
}

impl Wire {
    async fn carry(mut self, mut client: TcpStream) {
        self.cuts.mark_unchanged();
        if self.is(Network::BlackHole) {
            return self.swallow(&mut client.split().0).await;
        }
        let Ok(mut server) = TcpStream::connect(&self.server).await else { return };
        // What is closed is reset, as by a host or a firewall that has forgotten the connection.
        client.set_zero_linger().unwrap();
        server.set_zero_linger().unwrap();
        let line = Line::default();
        let ((from_client, to_client), (from_server, to_server)) = (client.split(), server.split());
        let mut cuts = self.cuts.clone();
        tokio::select! {
            () = self.requests(&line, from_client, to_server) => {}
            () = self.answers(&line, from_server, to_client) => {}
            () = self.lose(&line) => {}
            _ = cuts.changed() => {}
        }
    }

    fn is(&self, network: Network) -> bool {
        *self.network.borrow() == network
    }

    /// Marks the connection as dead when the network becomes a black hole. Never ends.
    async fn lose(&self, line: &Line) {
        let mut network = self.network.clone();
        let _ = network.wait_for(|&network| network == Network::BlackHole).await;
        line.dead.store(true, Ordering::Relaxed);
        std::future::pending().await
    }

    /// Ends when the connection has to.
    async fn requests(&self, line: &Line, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            let piece = &buffer[..length];
            let network = *self.network.borrow();
            match network {
                Network::CutRequests(one_in) if self.is_due(piece, one_in) => {
                    let _ = to.write_all(&piece[..length / 2]).await;
                    return;
                }
                Network::CutAnswers(one_in) if self.is_due(piece, one_in) => {
                    line.armed.store(true, Ordering::Relaxed);
                }
                _ => {}
            }
            if self.is_dead(line) {
                return self.swallow(&mut from).await;
            }
            if self.pass(piece, &mut to).await.is_err() {
                return;
            }
        }
        self.while_nobody_hears().await;
    }

    async fn answers(&self, line: &Line, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            if self.is_dead(line) {
                continue;
            }
            if line.armed.load(Ordering::Relaxed) || self.pass(&buffer[..length], &mut to).await.is_err() {
                return;
            }
        }
        if self.is_dead(line) {
            // The client is not told that the server has left.
            std::future::pending::<()>().await;
        }
        self.while_nobody_hears().await;
    }

    fn is_dead(&self, line: &Line) -> bool {
        self.is(Network::BlackHole) || line.dead.load(Ordering::Relaxed)
    }

    /// Whether this begins a statement with its parameters (PostgreSQL's `Bind`) that is to be cut.
    fn is_due(&self, piece: &[u8], one_in: usize) -> bool {
        piece.first() == Some(&b'B') && self.statements.fetch_add(1, Ordering::Relaxed).is_multiple_of(one_in)
    }

    /// Slowly, for as long as the network is slow.
    async fn pass(&self, mut piece: &[u8], to: &mut WriteHalf<'_>) -> std::io::Result<()> {
        while !piece.is_empty() {
            let now = *self.network.borrow();
            let Network::Slow { bytes, delay } = now else { break };
            tokio::time::sleep(delay).await;
            let (part, rest) = piece.split_at(bytes.min(piece.len()));
            to.write_all(part).await?;
            piece = rest;
        }
        to.write_all(piece).await
    }

    /// Takes everything and says nothing, until the client goes away.
    async fn swallow(&self, from: &mut ReadHalf<'_>) {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(1..) = from.read(&mut buffer).await {}
        self.while_nobody_hears().await;
    }

    /// In a black hole nobody hears either that a connection was closed.
    async fn while_nobody_hears(&self) {
        let mut network = self.network.clone();
        let _ = network.wait_for(|&network| network != Network::BlackHole).await;
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use ephemint::kernel::clock::{Clock as _, SystemClock};

    use super::*;

    const SOON: Duration = Duration::from_millis(300);

    /// A server that says everything back, and a proxy in front of it.
    async fn echo() -> (ChaosProxy, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let echoing = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        (ChaosProxy::before(&url).await, echoing)
    }

    async fn connect(proxy: &ChaosProxy) -> std::io::Result<TcpStream> {
        let url = Url::parse(proxy.url()).unwrap();
        TcpStream::connect(("127.0.0.1", url.port().unwrap())).await
    }

    /// What comes back of a text; nothing where nothing comes soon.
    async fn said(stream: &mut TcpStream, text: &str) -> Option<std::io::Result<String>> {
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = vec![0; text.len()];
        let read = tokio::time::timeout(SOON, stream.read_exact(&mut answer)).await.ok()?;
        Some(read.map(|_| String::from_utf8(answer).unwrap()))
    }

    async fn connection_lost(stream: &mut TcpStream, text: &str) -> bool {
        let error = said(stream, text).await.unwrap().unwrap_err();
        matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof)
    }

    #[tokio::test]
    async fn what_is_refused_is_refused_by_the_system_and_comes_back() {
        let (proxy, _server) = echo().await;
        let mut old = connect(&proxy).await.unwrap();
        assert_eq!(said(&mut old, "one").await.unwrap().unwrap(), "one");
        proxy.set(Network::Refuse);
        while connect(&proxy).await.is_ok() {
            tokio::task::yield_now().await;
        }
        assert_eq!(connect(&proxy).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
        assert_eq!(said(&mut old, "two").await.unwrap().unwrap(), "two", "what is there stays");
        proxy.set(Network::Pass);
        while connect(&proxy).await.is_err() {
            tokio::task::yield_now().await;
        }
        assert_eq!(said(&mut connect(&proxy).await.unwrap(), "three").await.unwrap().unwrap(), "three");
    }

    #[tokio::test]
    async fn a_cut_resets_what_is_there() {
        let (proxy, _server) = echo().await;
        let mut old = connect(&proxy).await.unwrap();
        assert_eq!(said(&mut old, "one").await.unwrap().unwrap(), "one");
        proxy.cut();
        assert_eq!(old.read(&mut [0; 1]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
        assert_eq!(said(&mut connect(&proxy).await.unwrap(), "two").await.unwrap().unwrap(), "two");
    }

    #[tokio::test]
    async fn one_statement_in_so_many_is_cut() {
        for network in [Network::CutRequests(2), Network::CutAnswers(2)] {
            let (proxy, _server) = echo().await;
            proxy.set(network);
            let (mut first, mut second) = (connect(&proxy).await.unwrap(), connect(&proxy).await.unwrap());
            assert_eq!(said(&mut first, "Parse").await.unwrap().unwrap(), "Parse", "{network:?}");
            assert!(connection_lost(&mut first, "Bind1").await, "{network:?}");
            assert_eq!(said(&mut second, "Bind2").await.unwrap().unwrap(), "Bind2", "{network:?}");
            assert!(connection_lost(&mut second, "Bind3").await, "{network:?}");
        }
    }

    #[tokio::test]
    async fn a_black_hole_tells_nobody_and_forgets_for_ever() {
        let (proxy, _server) = echo().await;
        let mut old = connect(&proxy).await.unwrap();
        assert_eq!(said(&mut old, "one").await.unwrap().unwrap(), "one");
        let mut idle = connect(&proxy).await.unwrap();
        assert_eq!(said(&mut idle, "one").await.unwrap().unwrap(), "one");
        proxy.set(Network::BlackHole);
        let mut new = connect(&proxy).await.unwrap();
        assert!(said(&mut old, "two").await.is_none());
        assert!(said(&mut new, "two").await.is_none());
        proxy.set(Network::Pass);
        assert!(said(&mut old, "three").await.is_none(), "what was lost stays lost");
        assert!(said(&mut new, "three").await.is_none());
        assert!(said(&mut idle, "three").await.is_none(), "nobody knows this connection any more");
        assert_eq!(said(&mut connect(&proxy).await.unwrap(), "four").await.unwrap().unwrap(), "four");
    }

    #[tokio::test]
    async fn what_is_slow_arrives_whole() {
        let (proxy, _server) = echo().await;
        proxy.set(Network::Slow { bytes: 2, delay: Duration::from_millis(10) });
        let mut stream = connect(&proxy).await.unwrap();
        let begun = SystemClock.instant();
        assert_eq!(said(&mut stream, "slowly").await.unwrap().unwrap(), "slowly");
        assert!(
            begun.elapsed() >= Duration::from_millis(40),
            "three pieces there, and the last of three back"
        );
    }
}
