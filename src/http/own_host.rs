//! For a service that nobody but this machine's own browser is to talk to: other names than its own are refused.
//!
//! Without it, any web site could reach a server on loopback by pointing a name of its own at 127.0.0.1.

use actix_web::http::header::{HOST, HeaderMap, HeaderName, ORIGIN};

use super::problem::Problem;
use crate::kernel::code::Code;

/// The names that a service on loopback goes by.
#[derive(Debug, Clone)]
pub struct OwnHost {
    hosts: Vec<String>,
}

impl OwnHost {
    /// `localhost` and the loopback addresses, at this port.
    pub fn loopback(port: u16) -> Self {
        let hosts = ["localhost", "127.0.0.1", "[::1]"];
        Self { hosts: hosts.iter().map(|host| format!("{host}:{port}")).collect() }
    }

    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let known = |host: &str| self.hosts.iter().any(|own| own == host);
        if !text(HOST).is_some_and(known) {
            return Err(refusal("Host"));
        }
        match text(ORIGIN) {
            Some(origin) if !origin.strip_prefix("http://").is_some_and(known) => Err(refusal("Origin")),
            _ => Ok(()),
        }
    }
}

fn refusal(header: &'static str) -> Problem {
    Problem::new(Code::NotAllowed, "The demo answers to its own address on this machine only.").at(header)
}
