//! Who can reach the service, and from which pages.

use reqwest::Url;

use super::finding::Findings;
use super::hosts::is_loopback;
use crate::config::{Environment, Server, read_one};

pub(super) fn check(environment: &Environment) -> Findings {
    let mut findings = Findings::of("listening");
    let Ok(server) = read_one(environment, Server::read) else {
        return findings;
    };
    if server.bind.ip().to_canonical().is_loopback() {
        findings.ok("BIND_ADDR", format!("{} is reached from this machine only", server.bind));
    } else {
        let how =
            format!("{} is reached from elsewhere, without TLS: put a proxy with TLS before it", server.bind);
        findings.info("BIND_ADDR", how);
    }
    if let Some(metrics) = server.metrics.filter(|metrics| !metrics.ip().to_canonical().is_loopback()) {
        let how =
            format!("whoever reaches {metrics} reads the metrics: see that it is a private network only");
        findings.info("METRICS_ADDR", how);
    }
    for origin in server.origins.iter().filter(|origin| in_the_clear(origin)) {
        let problem = format!("{origin} is without TLS: whoever stands between can take its users' tokens");
        findings.warning("ALLOWED_ORIGINS", problem, "serve the pages over https, and name them so");
    }
    if server.origins.is_empty() {
        findings.info("ALLOWED_ORIGINS", "not set, so no page of another origin can call");
    }
    findings
}

fn in_the_clear(origin: &str) -> bool {
    let url = Url::parse(origin).ok().filter(|url| url.scheme() == "http");
    url.is_some_and(|url| !url.host_str().is_some_and(is_loopback))
}
