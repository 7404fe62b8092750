//! Where a request comes from. `X-Forwarded-For` is the client's to write, so it is believed only as far as trusted
//! proxies have written it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, X_FORWARDED_FOR};
use ipnet::IpNet;

/// Proxies whose word on where a request comes from is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// Neither an address nor a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is neither an address nor a network")]
pub struct NoNetwork;

impl TrustedProxies {
    /// One more: an address (`10.0.0.7`) or a network (`10.0.0.0/8`).
    pub fn add(&mut self, written: &str) -> Result<(), NoNetwork> {
        let network = IpNet::from_str(written)
            .or_else(|_| IpAddr::from_str(written).map(|address| IpNet::from(address.to_canonical())));
        self.0.push(network.map_err(|_| NoNetwork)?.trunc());
        Ok(())
    }

    /// Whether nobody is trusted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The address that a request comes from, as far as that can be known.
    pub(super) fn client(&self, request: &HttpRequest) -> IpAddr {
        let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        let peer = peer.to_canonical();
        if self.trust(peer) { self.walk(peer, &forwarded(request.headers())) } else { peer }
    }

    /// From the nearest hop outwards, over trusted ones, to the first that is not. What can't be read ends the walk:
    /// whatever stands before it may be invented.
    fn walk(&self, peer: IpAddr, forwarded: &str) -> IpAddr {
        let mut last = peer;
        for hop in forwarded.rsplit(',') {
            let Some(address) = address(hop.trim()) else { break };
            last = address;
            if !self.trust(address) {
                break;
            }
        }
        last
    }
}

/// All that was forwarded: several headers are one list, in their order.
fn forwarded(headers: &HeaderMap) -> String {
    // A value that is no text is a hop that can't be read.
    let values = headers.get_all(X_FORWARDED_FOR).map(|value| value.to_str().unwrap_or("?"));
    values.collect::<Vec<_>>().join(",")
}

/// An address, with or without a port; some proxies add one.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let address = IpAddr::from_str(bare).or_else(|_| SocketAddr::from_str(hop).map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn proxies(written: &[&str]) -> TrustedProxies {
        let mut proxies = TrustedProxies::default();
        written.iter().for_each(|one| proxies.add(one).unwrap());
        proxies
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_that_is_not_trusted_is_the_client() {
        let proxies = proxies(&["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"]);
        for (forwarded, client) in [
            ("", "10.0.0.1"),
            ("203.0.113.9", "203.0.113.9"),
            ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
            ("198.51.100.1, 203.0.113.9, 192.0.2.7 ,10.9.9.9", "203.0.113.9"),
            ("192.0.2.7, 10.2.2.2", "192.0.2.7"),
            ("203.0.113.9:4711, 10.2.2.2", "203.0.113.9"),
            ("[2001:db9::1]:443, [2001:db8::1]", "2001:db9::1"),
            ("::ffff:203.0.113.9, ::ffff:10.0.0.2", "203.0.113.9"),
            ("203.0.113.9, unknown, 10.2.2.2", "10.2.2.2"),
            ("203.0.113.9, , 10.2.2.2", "10.2.2.2"),
            ("203.0.113.9,", "10.0.0.1"),
        ] {
            assert_eq!(proxies.walk(ip("10.0.0.1"), forwarded), ip(client), "{forwarded:?}");
        }
    }

    #[test]
    fn networks_are_read_as_they_are_written() {
        let proxies = proxies(&["10.1.2.3/8", "::ffff:192.0.2.7"]);
        assert!(proxies.trust(ip("10.200.0.1")) && proxies.trust(ip("192.0.2.7")));
        assert!(!proxies.trust(ip("11.0.0.1")));
        for bad in ["", "10.0.0.0/33", "proxy.example", "10.0.0.1:80", "*"] {
            assert_eq!(TrustedProxies::default().add(bad), Err(NoNetwork), "{bad}");
        }
    }

    proptest! {
        /// Whatever a client writes before them, the hops that trusted proxies wrote decide.
        #[test]
        fn what_the_client_writes_changes_nothing(
            lies in "[ -~]{0,60}",
            client in 0x0b00_0000_u32..0x7f00_0000,
            hops in prop::collection::vec(0x0a00_0000_u32..0x0aff_ffff, 0..4),
        ) {
            let proxies = proxies(&["10.0.0.0/8"]);
            let client = IpAddr::from(client.to_be_bytes());
            let honest = hops.iter().map(|hop| IpAddr::from(hop.to_be_bytes()).to_string());
            let list: Vec<String> = [lies, client.to_string()].into_iter().chain(honest).collect();
            prop_assert_eq!(proxies.walk(ip("10.0.0.1"), &list.join(", ")), client);
        }

        /// The walk ends at the peer, or at something that was forwarded, and never panics.
        #[test]
        fn the_client_is_somebody_who_was_named(forwarded in "[0-9a-f.:, \\[\\]]{0,80}") {
            let proxies = proxies(&["0.0.0.0/0", "::/0"]);
            let found = proxies.walk(ip("10.0.0.1"), &forwarded);
            let mut named = forwarded.split(',').filter_map(|hop| address(hop.trim()));
            prop_assert!(found == ip("10.0.0.1") || named.any(|address| address == found));
        }
    }
}
