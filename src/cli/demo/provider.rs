//! Whom the demo asks: the simulated provider, or the real one.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use ephemint_sim::{DEMO_API_KEY, Settings, Simulator};
use reqwest::Url;

use super::report;
use crate::config::{self, Environment};
use crate::provider;

/// An address that is nobody's (RFC 5737).
const ELSEWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)), 9);

/// The simulator, or with `--live` the real provider.
pub(super) async fn choose(
    live: bool,
    environment: &Environment,
) -> anyhow::Result<(provider::Settings, Option<Arc<Simulator>>)> {
    if live {
        let settings = config::read_one(environment, config::Upstream::provider).map_err(report::mistakes)?;
        anyhow::ensure!(
            settings.api_key.is_some(),
            "--live needs OPENAI_API_KEY, in the environment or in .env"
        );
        return Ok((settings, None));
    }
    let simulator = Simulator::start(Settings { media_address: media_address(), ..Settings::default() })
        .await
        .context("starting the simulated provider")?;
    let settings = provider::Settings {
        base_url: Url::parse(simulator.base_url()).context("the simulator's address")?,
        api_key: Some(DEMO_API_KEY.to_owned().into()),
        timeout: Duration::from_secs(10),
        organization: None,
        project: None,
    };
    Ok((settings, Some(Arc::new(simulator))))
}

/// This machine's address in its network, where it is in one: not every browser connects to a loopback address by WebRTC
/// (Firefox doesn't). What is sent to it stays on the machine.
fn media_address() -> Option<IpAddr> {
    // Nothing is sent: connecting a datagram socket only looks up the way.
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(ELSEWHERE).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_goes_to_an_address_that_every_browser_connects_to() {
        let is_good = |address: IpAddr| !address.is_loopback() && !address.is_unspecified();
        assert!(media_address().is_none_or(is_good), "{:?}", media_address());
    }
}
