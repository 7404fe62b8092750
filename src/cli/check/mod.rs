//! `ephemint check`: everything that is wrong with the settings and the surroundings, and how to mend it.
//!
//! One file for each check. A check reads the settings that it is about and says nothing where they can't be understood:
//! [`settings`] says that for all. Nothing is changed, nothing is minted, and every wait has a bound.

mod alerts;
mod certificates;
mod clocks;
mod database;
mod files;
mod finding;
mod hosts;
mod identity;
mod key_sets;
mod keys;
mod limits;
mod listening;
mod mode;
mod policy;
mod postgres;
mod provider;
mod settings;
mod show;
mod sqlite;

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use self::finding::{Finding, Findings};
use crate::cli::report;
use crate::config::Environment;
use crate::kernel::clock::{Clock, SystemClock};
use crate::policy::Mistake;

/// What a check over the network may take. All of them run at the same time.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 when nothing is wrong (warnings are allowed), 1 when something is.")]
pub(super) struct Arguments {
    /// Print JSON: {"ok": …, "findings": [{"check", "severity", "at", "problem", "mend"}]}
    #[arg(long)]
    json: bool,
    /// Leave out whatever needs the network: key sets, the provider and PostgreSQL
    #[arg(long)]
    offline: bool,
}

pub(super) async fn run(arguments: &Arguments, environment: &Environment) -> anyhow::Result<ExitCode> {
    let findings = look(environment, !arguments.offline, &SystemClock).await;
    tell(arguments, &findings)
}

/// What there is to say where the settings can't even be read.
pub(super) fn unreadable(arguments: &Arguments, mistake: Mistake) -> anyhow::Result<ExitCode> {
    tell(arguments, &settings::mistakes(vec![mistake]).into_vec())
}

async fn look(environment: &Environment, online: bool, clock: &dyn Clock) -> Vec<Finding> {
    let at_once = [
        settings::check(environment),
        files::check(environment),
        policy::check(environment),
        identity::check(environment),
        listening::check(environment),
        mode::check(environment),
        limits::check(environment),
        alerts::check(environment),
        certificates::check(environment),
    ];
    let over_the_network = tokio::join!(
        key_sets::check(environment, online),
        provider::check(environment, online, clock),
        database::check(environment, online, clock),
        keys::check(environment, online, clock)
    );
    at_once.into_iter().chain(<[_; 4]>::from(over_the_network)).flat_map(Findings::into_vec).collect()
}

fn tell(arguments: &Arguments, findings: &[Finding]) -> anyhow::Result<ExitCode> {
    report::say(if arguments.json { show::json(findings)? } else { show::text(findings) });
    Ok(if finding::all_well(findings) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
