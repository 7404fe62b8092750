//! Which hosts are this machine itself.

use std::net::IpAddr;

/// Whether what is sent to a host stays on this machine: a loopback address, or a name that always means one.
pub(super) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn loopback_is_known_by_all_its_names() {
        for own in
            ["localhost", "app.localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]", "::ffff:127.0.0.1"]
        {
            assert!(is_loopback(own), "{own}");
        }
        for other in ["localhost.example", "example.com", "10.0.0.1", "0.0.0.0", "[2001:db8::1]", ""] {
            assert!(!is_loopback(other), "{other}");
        }
    }
}
