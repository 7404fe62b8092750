//! What the service is measured against. Everything here does the least that it can.

mod hello;
mod pass_through;
mod server;
mod upstream;

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Parser, Subcommand};
use reqwest::Url;

#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:0")]
    bind: SocketAddr,
    #[command(subcommand)]
    part: Part,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Answers every mint with the same token, as fast as can be
    Upstream {
        /// How long each answer waits, in milliseconds
        #[arg(long, default_value_t = 0)]
        delay_ms: u64,
    },
    /// Asks the upstream once for each request and hands on the answer: no user, no limit, no ledger
    PassThrough {
        /// The upstream's address, with the version: http://127.0.0.1:4000/v1
        #[arg(long)]
        upstream: Url,
    },
    /// Answers every request with a few words
    Hello,
}

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let Cli { bind, part } = Cli::parse();
    match part {
        Part::Upstream { delay_ms } => upstream::serve(bind, Duration::from_millis(delay_ms)).await,
        Part::PassThrough { upstream } => pass_through::serve(bind, &upstream).await,
        Part::Hello => hello::serve(bind).await,
    }
}
