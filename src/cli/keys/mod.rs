//! `ephemint keys`: what seals the keys of users, and keys from elsewhere.

mod import;

use clap::Subcommand;

use crate::config::Environment;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Takes over the keys that an older system kept, and seals them anew
    Import(Box<import::Arguments>),
}

pub(super) async fn run(command: &Command, environment: &Environment) -> anyhow::Result<()> {
    match command {
        Command::Import(arguments) => import::run(arguments, environment).await,
    }
}
