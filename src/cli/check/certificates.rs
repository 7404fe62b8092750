//! The certificates that servers are checked against are on this machine.

use super::finding::Findings;
use crate::config::{Environment, Upstream, read_one};

pub(super) fn check(environment: &Environment) -> Findings {
    let mut findings = Findings::of("certificates");
    let plain =
        read_one(environment, Upstream::provider).is_ok_and(|settings| settings.base_url.scheme() == "http");
    match rustls_native_certs::load_native_certs().certs.len() {
        0 if plain => {
            findings.info("CA certificates", "none on this machine; a provider without TLS needs none")
        }
        0 => findings.error(
            "CA certificates",
            "none on this machine, so no server's certificate can be checked and the service does not start",
            "install the package ca-certificates",
        ),
        count => findings.ok("CA certificates", format!("{count} on this machine")),
    }
    findings
}
