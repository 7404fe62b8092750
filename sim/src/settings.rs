//! What a simulator is started with.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use crate::Clock;

/// The key that tests and the demo use. It opens nothing but a simulator.
pub const DEMO_API_KEY: &str = "sk-sim-demo";

/// What a simulator is started with. The default takes a free port of the loopback interface.
#[derive(Clone)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    /// An API key that is accepted, of the account [`DEFAULT_ACCOUNT`](crate::DEFAULT_ACCOUNT).
    pub api_key: String,
    /// How many threads serve requests; at least one.
    pub workers: usize,
    /// How many requests are remembered; the oldest go first.
    pub keep_requests: usize,
    /// What `expires_at` and the times of recorded requests are read from.
    pub clock: Clock,
    /// Where calls send and receive sound: an address of this machine that browsers can reach. None: the one that the
    /// request for the call came in on. Who comes over loopback may always use that, too.
    pub media_address: Option<IpAddr>,
    /// How long a session lasts at most, be it a call or a WebSocket.
    pub session_life: Duration,
    /// How long after a call was answered its sideband is still 404 `call_id_not_found`.
    pub sideband_after: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            api_key: DEMO_API_KEY.to_owned(),
            workers: 1,
            keep_requests: 1_000,
            clock: Clock::system(),
            media_address: None,
            session_life: Duration::from_secs(3_600),
            sideband_after: Duration::from_millis(200),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("bind", &self.bind)
            .field("workers", &self.workers)
            .field("keep_requests", &self.keep_requests)
            .field("media_address", &self.media_address)
            .field("session_life", &self.session_life)
            .finish_non_exhaustive()
    }
}
