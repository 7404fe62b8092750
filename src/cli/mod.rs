//! Floor 7: the command line. One file for each command.

#[cfg(feature = "demo")]
mod demo;
mod hangup;
mod migrate;
mod policy;
mod report;
mod serve;
mod stop;
mod token;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Environment;

/// Hands browsers short-lived tokens for voice models, by user, role and hourly allowance.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the service, by the settings in the environment and .env
    Serve,
    /// Runs everything on this machine, without any setting: the service, a simulated provider and a page to try it on
    #[cfg(feature = "demo")]
    Demo(demo::Arguments),
    /// Brings the database's schema up to date
    Migrate,
    /// Shows, checks or renders the policy
    #[command(subcommand)]
    Policy(policy::Command),
    /// Signs a development JWT with JWT_SECRET
    Token(token::Arguments),
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let environment = match Environment::of_process() {
        Ok(environment) => environment,
        Err(mistake) => return report::failed(&report::mistakes(vec![mistake])),
    };
    match carry_out(cli.command, &environment) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report::failed(&error),
    }
}

fn carry_out(command: Command, environment: &Environment) -> anyhow::Result<()> {
    match command {
        Command::Serve => on_runtime(serve::run(environment)),
        #[cfg(feature = "demo")]
        Command::Demo(arguments) => on_runtime(demo::run(&arguments, environment)),
        Command::Migrate => on_runtime(migrate::run(environment)),
        Command::Policy(command) => policy::run(&command, environment),
        Command::Token(arguments) => token::run(&arguments, environment),
    }
}

fn on_runtime(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
