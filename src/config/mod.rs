//! Floor 5: settings, read from the environment and `.env`. One struct for each concern.
//!
//! Every mistake is reported at once, with its mend; nothing starts on a configuration that has one.

mod alerts;
mod collector;
mod deployment;
mod environment;
mod identity;
mod issuers;
mod limits;
mod policy;
mod provider;
mod reader;
mod secrets;
mod server;
mod service_keys;
mod storage;
mod variables;
mod vault;

pub use alerts::Alerting;
pub use collector::Collector;
pub use deployment::{Contradiction, Deployment, Mode, Reached};
pub use environment::Environment;
pub use identity::Identity;
pub use limits::Limits;
pub use policy::PolicyFile;
pub use provider::Upstream;
pub use reader::Reader;
pub use server::{LogFormat, Logging, Server};
pub use service_keys::local_only;
pub use storage::{Database, Storage};
pub use variables::{Kind, VARIABLES};
pub use vault::Sealing;

use std::sync::Arc;

use crate::keys::ServiceKeys;
use crate::policy::{Mistake, Policy};

/// Everything that `serve` needs.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where and for whom to listen.
    pub server: Server,
    /// The database.
    pub storage: Storage,
    /// Tokens of users, and operators.
    pub identity: Identity,
    /// The upstream.
    pub upstream: Upstream,
    /// Rights, instructions and limits.
    pub policy: Arc<Policy>,
    /// `POLICY_FILE`, which may change while the service runs.
    pub policy_file: Option<PolicyFile>,
    /// Bursts, and what happens without the store.
    pub limits: Limits,
    /// What seals keys of users.
    pub sealing: Sealing,
    /// Who is told when something is wrong.
    pub alerting: Alerting,
    /// Whom it is for.
    pub deployment: Deployment,
    /// What backends may read.
    pub service_keys: ServiceKeys,
}

impl Config {
    /// Reads everything, or reports every mistake.
    pub fn read(environment: &Environment) -> Result<Self, Vec<Mistake>> {
        let mut reader = Reader::new(environment);
        let server = Server::read(&mut reader);
        let storage = Storage::read(&mut reader);
        let limits = Limits::read(&mut reader);
        let alerting = Alerting::read(&mut reader);
        let policy_file = PolicyFile::read(&reader);
        let policy = policy::read(&mut reader);
        let identity = Identity::read(&mut reader, policy.as_ref());
        let upstream = Upstream::read(&mut reader, identity.as_ref());
        let place = place(&mut reader, server.as_ref(), limits.as_ref(), upstream.as_ref());
        let sealing = Sealing::read(&mut reader);
        match (server, storage, identity, upstream, policy, limits, place, alerting, sealing) {
            (
                Some(server),
                Some(storage),
                Some(identity),
                Some(upstream),
                Some(policy),
                Some(limits),
                Some((deployment, service_keys)),
                Some(alerting),
                Some(sealing),
            ) if reader.is_clean() => Ok(Self {
                server,
                storage,
                identity,
                upstream,
                policy: Arc::new(policy),
                policy_file,
                limits,
                deployment,
                service_keys,
                alerting,
                sealing,
            }),
            _ => Err(reader.into_mistakes()),
        }
    }
}

/// Reads whom it is for, and what backends may read there.
fn place(
    reader: &mut Reader<'_>,
    server: Option<&Server>,
    limits: Option<&Limits>,
    upstream: Option<&Upstream>,
) -> Option<(Deployment, ServiceKeys)> {
    let deployment = Deployment::read(reader, server?, limits?)?;
    let openai = upstream?.provider.api_key.as_ref();
    let service_keys = service_keys::read(reader, &deployment, openai)?;
    Some((deployment, service_keys))
}

/// Reads the policy alone: all that `policy show` and its kin need.
pub fn read_policy(environment: &Environment) -> Result<(String, Policy), Vec<Mistake>> {
    let mut reader = Reader::new(environment);
    match policy::read_with_text(&mut reader) {
        Some(found) if reader.is_clean() => Ok(found),
        _ => Err(reader.into_mistakes()),
    }
}

/// Reads who is believed, and who is an operator.
pub fn read_identity(environment: &Environment) -> Result<Identity, Vec<Mistake>> {
    read_one(environment, |reader| {
        let policy = policy::read(reader)?;
        Identity::read(reader, Some(&policy))
    })
}

/// Reads a policy that stands in this file, whatever POLICY_FILE says.
pub fn read_policy_text(environment: &Environment, text: &str) -> Result<Policy, Vec<Mistake>> {
    let reader = Reader::new(environment);
    Policy::load_with(text, &|name| reader.policy_secret(name))
}

/// Reads what one concern needs, or reports every mistake in it.
pub fn read_one<T>(
    environment: &Environment,
    read: impl FnOnce(&mut Reader<'_>) -> Option<T>,
) -> Result<T, Vec<Mistake>> {
    let mut reader = Reader::new(environment);
    match read(&mut reader) {
        Some(found) if reader.is_clean() => Ok(found),
        _ => Err(reader.into_mistakes()),
    }
}
