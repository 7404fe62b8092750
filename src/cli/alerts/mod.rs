//! `ephemint alerts`: what was raised, and whether the webhook takes it. Reads only, also beside a running server.

mod sample;

use clap::{Args, Subcommand};

use super::table::{Column, Table};
use super::{report, usage};
use crate::alerts::ListedAlert;
use crate::config::{Environment, Storage, read_one};
use crate::kernel::ids::AlertId;
use crate::store::AlertRow;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// How many of the newest alerts to show
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    limit: u16,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sends a sample to ALERT_WEBHOOK_URL and says what came back
    Test,
}

pub(super) async fn run(arguments: &Arguments, environment: &Environment) -> anyhow::Result<()> {
    if let Some(Command::Test) = arguments.command {
        return sample::send(environment).await;
    }
    let storage = read_one(environment, Storage::read).map_err(report::mistakes)?;
    let store = usage::open(&storage).await?;
    let rows = store.alerts(AlertId::LAST, arguments.limit).await?;
    if arguments.json {
        let alerts: Vec<_> = rows.iter().map(ListedAlert::from).collect();
        report::say(serde_json::to_string_pretty(&serde_json::json!({ "alerts": alerts }))?);
    } else if rows.is_empty() {
        report::say("No alert was ever raised.");
    } else {
        report::say(table(&rows));
    }
    Ok(())
}

fn table(rows: &[AlertRow]) -> String {
    let mut table = Table::new([
        Column::Left("RAISED"),
        Column::Left("RULE"),
        Column::Left("KIND"),
        Column::Left("SUBJECT"),
        Column::Right("VALUE"),
        Column::Right("OVER"),
        Column::Left("DELIVERY"),
    ]);
    for row in rows {
        table.add([
            row.raised_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            row.rule.clone(),
            row.kind.clone(),
            row.subject.clone().unwrap_or_default(),
            rounded(row.value),
            rounded(row.threshold),
            row.delivery.clone(),
        ]);
    }
    let lines: Vec<_> = std::iter::once(table.headings()).chain(table.take()).collect();
    lines.join("\n")
}

/// Two digits behind the point, where they say something.
fn rounded(value: f64) -> String {
    format!("{}", (value * 100.0).round() / 100.0)
}
