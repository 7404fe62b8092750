//! Floor 7: the command line. One file for each command.

mod alerts;
mod check;
#[cfg(feature = "demo")]
mod demo;
mod hangup;
mod health;
mod init;
mod keys;
mod migrate;
mod paint;
mod policy;
mod report;
mod serve;
mod sparkline;
mod stop;
mod table;
mod token;
mod usage;

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
    /// Asks the service on this machine whether it is ready
    Health(health::Arguments),
    /// Says everything that is wrong with the settings and the surroundings, and how to mend it
    Check(check::Arguments),
    /// Writes a .env with fresh secrets to start from
    Init(init::Arguments),
    /// Makes and changes the keys that seal what users bring
    #[command(subcommand)]
    Keys(keys::Command),
    /// Brings the database's schema up to date
    Migrate,
    /// Shows, checks or renders the policy
    #[command(subcommand)]
    Policy(policy::Command),
    /// Signs a development JWT with JWT_SECRET
    Token(token::Arguments),
    /// Shows who uses the service, how much, and what goes wrong; also beside a running service
    Usage(usage::Arguments),
    /// Lists the alerts that were raised, also beside a running service; `alerts test` tries the webhook
    Alerts(alerts::Arguments),
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match (Environment::of_process(), &cli.command) {
        (Ok(environment), _) => carry_out(cli.command, &environment),
        (Err(mistake), Command::Check(arguments)) => check::unreadable(arguments, mistake),
        (Err(mistake), _) => Err(report::mistakes(vec![mistake])),
    };
    done.unwrap_or_else(|error| report::failed(&error))
}

fn carry_out(command: Command, environment: &Environment) -> anyhow::Result<ExitCode> {
    let done = match command {
        Command::Check(arguments) => return on_runtime(check::run(&arguments, environment)),
        Command::Serve => on_runtime(serve::run(environment)),
        #[cfg(feature = "demo")]
        Command::Demo(arguments) => on_runtime(demo::run(&arguments, environment)),
        Command::Health(arguments) => health::run(&arguments, environment),
        Command::Init(arguments) => init::run(&arguments),
        Command::Keys(command) => on_runtime(keys::run(&command, environment)),
        Command::Migrate => on_runtime(migrate::run(environment)),
        Command::Policy(command) => policy::run(&command, environment),
        Command::Token(arguments) => token::run(&arguments, environment),
        Command::Alerts(arguments) => on_runtime(alerts::run(&arguments, environment)),
        Command::Usage(arguments) => on_runtime(usage::run(&arguments, environment)),
    };
    done.map(|()| ExitCode::SUCCESS)
}

fn on_runtime<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(work);
    // Whatever still blocks a thread, such as a name that does not resolve, is not waited for.
    runtime.shutdown_background();
    done
}
