//! `ephemint services`: credentials of the operator's own backends. The API does the same at `/v1/admin/services`.

use std::sync::Arc;
use std::time::Duration;

use clap::Subcommand;
use secrecy::ExposeSecret;

use super::table::{Column, Table};
use crate::admin::{Administration, Credential};
use crate::app::open_store;
use crate::cli::report;
use crate::config::{Database, Environment, Storage, read_one, read_policy};
use crate::kernel::clock::{SystemClock, rfc3339, rfc3339_seconds};
use crate::kernel::service::{Service, ServiceName};
use crate::policy::CurrentPolicy;
use crate::store::sqlite::SqliteStore;
use crate::store::{Actor, OpenError, Origin, ServiceRecord, Store, StoreClock};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Gives a backend a credential, and prints its secret: this once, and nothing else on standard output
    Add {
        /// The backend's name: 1 to 64 of a-z, 0-9, _ and -, a letter first
        name: String,
        /// What it may do, with commas between: keys:read, mint
        #[arg(long, required = true, value_delimiter = ',')]
        scopes: Vec<String>,
        /// The providers whose keys it may read, with commas between: openai,gemini
        #[arg(long, value_delimiter = ',')]
        providers: Vec<String>,
    },
    /// Lists the backends, without their secrets
    List,
    /// Gives a backend another secret, and prints it as `add` does
    Rotate {
        /// The backend's name
        name: ServiceName,
        /// For how many seconds the old secret holds beside the new one
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=604_800))]
        grace: u32,
    },
    /// Takes a backend's credential away, with its next request at the latest
    Revoke {
        /// The backend's name
        name: ServiceName,
    },
}

pub(super) async fn run(command: &Command, environment: &Environment) -> anyhow::Result<()> {
    let storage = read_one(environment, Storage::read).map_err(report::mistakes)?;
    let (_, policy) = read_policy(environment).map_err(report::mistakes)?;
    let (policy, store) = (CurrentPolicy::new(Arc::new(policy)), open(&storage).await?);
    let administration = Administration::new(store, policy, Vec::new(), Arc::new(SystemClock));
    let origin = Origin { actor: Actor::Command, address: None, request_id: None };
    match command {
        Command::Add { name, scopes, providers } => {
            let service = Service::parse(name, scopes, providers)?;
            tell(&administration.add_service(&origin, &service).await?);
        }
        Command::List => report::say(table(&administration.services().await?)),
        Command::Rotate { name, grace } => {
            let grace = Duration::from_secs((*grace).into());
            tell(&administration.rotate_service(&origin, name, grace).await?);
        }
        Command::Revoke { name } => {
            administration.revoke_service(&origin, name).await?;
            report::say(format_args!("revoked {name}"));
        }
    }
    Ok(())
}

async fn open(storage: &Storage) -> Result<Arc<dyn Store>, OpenError> {
    // Where no server has been yet, there is nothing to be beside.
    if let Database::Sqlite(directory) = &storage.database
        && let Ok(store) = SqliteStore::open_beside(directory)
    {
        return Ok(Arc::new(store));
    }
    open_store(storage, StoreClock::Own).await
}

/// The secret alone goes where programs read.
fn tell(Credential { record, secret }: &Credential) {
    let name = &record.service.name;
    report::remark(format_args!(
        "The secret of {name}. Nobody can show it again; `ephemint services rotate {name}` makes another."
    ));
    if let Some(until) = record.previous_until {
        report::remark(format_args!("The one before holds until {}.", rfc3339(until)));
    }
    report::say(secret.expose_secret());
}

fn table(services: &[ServiceRecord]) -> String {
    let mut table = Table::new(
        ["NAME", "SCOPES", "PROVIDERS", "SECRET SINCE", "OLD ONE UNTIL", "LAST USED"].map(Column::Left),
    );
    for record in services {
        let Service { name, scopes, providers } = &record.service;
        table.add([
            name.to_string(),
            scopes.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
            providers.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
            rfc3339_seconds(&record.rotated_at),
            record.previous_until.map(|at| rfc3339_seconds(&at)).unwrap_or_default(),
            record.last_used_at.map(|at| rfc3339_seconds(&at)).unwrap_or_default(),
        ]);
    }
    std::iter::once(table.headings()).chain(table.take()).collect::<Vec<_>>().join("\n")
}
