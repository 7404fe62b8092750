//! `ephemint health`: whether the service on this machine is ready, for container health checks.
//!
//! It runs every few seconds in images that have no shell and no curl. One plain GET to loopback wants no TLS, no pool and
//! no runtime, so it is written out here: milliseconds, where a client would first read the CA certificates.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::Args;
use reqwest::Url;

use crate::cli::report;
use crate::config::{Environment, Server, read_one};

/// How long connecting may take, and then the answer: a database may have its time, the image's check has a second more.
const PATIENCE: Duration = Duration::from_secs(4);

/// The most that is read of the answer's first line.
const MAX_STATUS_LINE: u64 = 256;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// What to ask; without it, /readyz at the port of BIND_ADDR and PORT
    #[arg(long)]
    url: Option<Url>,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> anyhow::Result<()> {
    let url = match &arguments.url {
        Some(url) => url.clone(),
        None => {
            let server = read_one(environment, Server::read).map_err(report::mistakes)?;
            Url::parse(&format!("http://{}/readyz", reachable(server.bind)))?
        }
    };
    let status = get(&url).with_context(|| url.to_string())?;
    ensure!((200..300).contains(&status), "{url}: answered {status}; the service's log says why");
    report::say(format_args!("{url}: {status}"));
    Ok(())
}

/// Where a service is reached from its own machine that listens here: every address is no address to connect to.
fn reachable(bind: SocketAddr) -> SocketAddr {
    let ip = match bind.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, bind.port())
}

/// The status of the answer to a GET.
fn get(url: &Url) -> anyhow::Result<u16> {
    if url.scheme() != "http" {
        bail!("only http:// can be asked; --url names the service itself, behind whatever ends TLS");
    }
    let address = *url.socket_addrs(|| None)?.first().context("the host has no address")?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let host = url.host_str().unwrap_or_default();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let (path, port) = (url.path(), address.port());
    // One write, one packet.
    stream.write_all(format!("GET {path}{query} HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n").as_bytes())?;
    let mut line = String::new();
    BufReader::new(stream.take(MAX_STATUS_LINE)).read_line(&mut line).context("no answer")?;
    status(&line).context("the answer is not HTTP")
}

/// The status in `HTTP/1.0 200 OK`.
fn status(line: &str) -> Option<u16> {
    let (_, rest) = line.strip_prefix("HTTP/1.")?.split_once(' ')?;
    rest.get(..3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_on_every_address_is_asked_on_loopback() {
        for (bind, asked) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:9000", "[::1]:9000"),
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("10.1.2.3:80", "10.1.2.3:80"),
        ] {
            assert_eq!(reachable(bind.parse().unwrap()), asked.parse().unwrap(), "{bind}");
        }
    }

    #[test]
    fn a_status_line_is_read_or_refused() {
        assert_eq!(status("HTTP/1.1 503 Service Unavailable\r\n"), Some(503));
        assert_eq!(status("HTTP/1.0 200\r\n"), Some(200));
        for bad in ["", "HTTP/1.1", "HTTP/1.1 ok", "HTTP/1.1 2", "SSH-2.0-OpenSSH", "HTTP/1.1 \u{2713}"] {
            assert_eq!(status(bad), None, "{bad}");
        }
    }
}
