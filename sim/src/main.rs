//! The simulated provider as a program.

use std::{
    io::IsTerminal as _,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use anyhow::Context;
use clap::Parser;
use ephemint_sim::{DEMO_API_KEY, Settings, Simulator};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// A local stand-in for the voice provider.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:9090")]
    bind: SocketAddr,

    /// The API key to accept.
    #[arg(long, default_value = DEMO_API_KEY)]
    api_key: String,

    /// The address of this machine that browsers can reach calls at; by default the one that the request came in on.
    #[arg(long, value_name = "ADDRESS")]
    media_address: Option<IpAddr>,

    /// How long a session lasts at most.
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    session_life: u64,

    /// How many threads serve requests.
    #[arg(long, default_value_t = 1)]
    workers: usize,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { bind, api_key, media_address, session_life, workers } = Arguments::parse();
    log_to_stdout();

    let session_life = Duration::from_secs(session_life);
    let settings = Settings { bind, api_key, media_address, session_life, workers, ..Settings::default() };
    let simulator = Simulator::start(settings).await.with_context(|| format!("cannot listen on {bind}"))?;
    tracing::info!(base_url = simulator.base_url(), "the simulated provider is ready");

    asked_to_stop().await.context("cannot listen for signals")?;
    simulator.stop().await;
    Ok(())
}

/// One line for the start and one for each request. What the web server says about itself is left out, as most of it
/// would be about faults that are meant.
fn log_to_stdout() {
    let lines = tracing_subscriber::fmt::layer().with_ansi(std::io::stdout().is_terminal());
    let levels = Targets::new().with_default(LevelFilter::OFF).with_target("ephemint_sim", LevelFilter::INFO);
    tracing_subscriber::registry().with(lines).with(levels).init();
}

/// Waits for Ctrl-C or, where there is such a thing, SIGTERM.
async fn asked_to_stop() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupt = tokio::signal::ctrl_c() => interrupt,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
