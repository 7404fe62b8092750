//! Where to listen, which web sites may call, and how to log.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::Url;

use super::collector::Collector;
use super::reader::Reader;

/// The server library tells of its threads at `info`, which is no news to anybody.
const FILTER: &str = "info,actix_server=warn";

/// Long enough for a mint that the provider keeps waiting, and shorter than what Kubernetes leaves of its 30 seconds.
const SHUTDOWN_TIMEOUT_MS: u64 = 20_000;

/// Where and for whom to listen, and how long stopping may take.
#[derive(Debug, Clone)]
pub struct Server {
    /// `BIND_ADDR`, with the port of `PORT` where that is set.
    pub bind: SocketAddr,
    /// `ALLOWED_ORIGINS`: web sites whose pages may call, to the letter.
    pub origins: Vec<String>,
    /// `METRICS_ADDR`: where the metrics are open to everybody; none where only operators get them.
    pub metrics: Option<SocketAddr>,
    /// `SHUTDOWN_TIMEOUT_MS`: from being asked to stop to the end, whatever hangs.
    pub shutdown_timeout: Duration,
}

/// How to log.
#[derive(Debug, Clone)]
pub struct Logging {
    /// `LOG_FORMAT`.
    pub format: LogFormat,
    /// `RUST_LOG`: what is logged, by level and module.
    pub filter: String,
    /// The collector that traces go to, if they go anywhere.
    pub traces: Option<Collector>,
}

/// What log lines look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

impl Server {
    /// Reads where to listen, and for whom.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let bind =
            reader.parsed("BIND_ADDR", "write an address and a port, such as 127.0.0.1:8080 or [::]:8080");
        let port = reader.parsed::<u16>("PORT", "write a port number from 1 to 65535");
        let mend = "write an address of a private network and a port, such as 127.0.0.1:9464";
        let metrics = reader.parsed("METRICS_ADDR", mend);
        let origins = origins(reader);
        let shutdown_timeout = reader.number("SHUTDOWN_TIMEOUT_MS", 1_000..=600_000, SHUTDOWN_TIMEOUT_MS);
        let mut bind: SocketAddr = bind?.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        if let Some(port) = port? {
            bind.set_port(port);
        }
        let shutdown_timeout = Duration::from_millis(shutdown_timeout?);
        Some(Self { bind, origins: origins?, metrics: metrics?, shutdown_timeout })
    }
}

impl Logging {
    /// For a person who watches: without the lines of the simulator, which say the same once more, and of its WebRTC.
    pub fn for_people() -> Self {
        let filter = format!("{FILTER},ephemint_sim=warn,dimpl=off,sctp_proto=off,str0m=off");
        Self { format: LogFormat::Text, filter, traces: None }
    }

    /// Reads how to log.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let format = reader.choice("LOG_FORMAT", &[("json", LogFormat::Json), ("text", LogFormat::Text)]);
        let traces = Collector::read(reader);
        let filter = reader.text("RUST_LOG").unwrap_or(FILTER);
        if tracing_subscriber::EnvFilter::try_new(filter).is_err() {
            return reader.wrong(
                "RUST_LOG",
                format!("`{filter}` is not a log filter"),
                "write a level such as `info`",
            );
        }
        Some(Self { format: format?, filter: filter.to_owned(), traces: traces? })
    }
}

fn origins(reader: &mut Reader<'_>) -> Option<Vec<String>> {
    let mut all = Some(Vec::new());
    for written in reader.list("ALLOWED_ORIGINS") {
        match origin(written) {
            Ok(()) => all.iter_mut().for_each(|origins| origins.push(written.to_owned())),
            Err(mend) => all = reader.wrong("ALLOWED_ORIGINS", format!("`{written}` is not an origin"), mend),
        }
    }
    all
}

/// Checks that an origin is written as browsers write it.
fn origin(written: &str) -> Result<(), String> {
    let plain = "write https://app.example.com: scheme, host and port, nothing after them; list every origin, `*` is not taken";
    let url = Url::parse(written).map_err(|_| plain.to_owned())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(plain.to_owned());
    }
    match url.origin().ascii_serialization() {
        same if same == written => Ok(()),
        as_browsers_do => Err(format!("write {as_browsers_do}, as browsers do")),
    }
}
