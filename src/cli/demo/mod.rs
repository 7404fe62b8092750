//! `ephemint demo`: everything on this machine, without any setting.
//!
//! The service is the real one, on an embedded store in a temporary folder. Beside it run the simulated provider and a
//! development issuer, and at `/` is a page to talk on, which shows what each side sees.

mod issuer;
mod keys;
mod page;
mod provider;
mod upstream;

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::TimeDelta;
use clap::Args;
use ephemint_sim::Simulator;
use secrecy::{ExposeSecret, SecretString};

use self::issuer::Issuer;
use self::page::Page;
use self::upstream::Upstream;
use super::{report, stop};
use crate::app::{self, Options};
use crate::auth;
use crate::config::{
    self, Config, Database, Deployment, Environment, Identity, Limits, Logging, Sealing, Server, Storage,
};
use crate::kernel::secret::{self, SafetyIds};
use crate::keys::ServiceKeys;
use crate::limit::BurstSettings;
use crate::policy::{Mistake, Policy};
use crate::vault::{Reminders, SealingKey, Vault};

const USUAL_PORT: u16 = 8080;

/// Where the demo differs from the built-in policy: users may set something, for them to try, and what they say is written down.
const DIFFERENCES: [(&str, &str); 2] = [
    ("user_may_set = []", r#"user_may_set = ["system_prompt", "greeting", "voice", "language", "speed"]"#),
    ("transcription = \"none\"\n", "transcription = { model = \"gpt-live-transcribe\" }\n"),
];

/// Whoever presses Ctrl-C wants an end soon.
const STOP: Duration = Duration::from_secs(5);

/// What `demo` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The port to listen on; without it 8080, or a free one where that is taken
    #[arg(long)]
    port: Option<u16>,
    /// Ask the real provider, with OPENAI_API_KEY. Sessions that are opened with the tokens cost money
    #[arg(long)]
    live: bool,
}

pub(super) async fn run(arguments: &Arguments, environment: &Environment) -> anyhow::Result<()> {
    let policy = Arc::new(policy(environment).map_err(report::mistakes)?);
    let (provider, simulator) = provider::choose(arguments.live, environment).await?;
    let folder = tempfile::tempdir().context("making a temporary folder")?;
    // Nobody knows the one, and only who reads the terminal or the page the other; both end with the process.
    let (secret, admin_token) = (secret::fresh()?, secret::fresh()?);
    let vault = vault()?;
    let page = Page::new(&policy, &provider.base_url, simulator.is_some(), &admin_token);
    let config = Config {
        server: Server {
            bind: bind(arguments.port)?,
            origins: Vec::new(),
            metrics: None,
            shutdown_timeout: STOP,
        },
        storage: Storage {
            database: Database::Sqlite(folder.path().to_owned()),
            migrate: true,
            keep_days: None,
        },
        identity: identity(&secret, &admin_token)?,
        upstream: config::Upstream { provider, safety_ids: Arc::new(SafetyIds::derived_from(&secret)) },
        policy: policy.clone(),
        policy_file: None,
        limits: limits(),
        sealing: sealing(vault.clone()),
        alerting: config::Alerting::default(),
        deployment: Deployment::local(),
        service_keys: ServiceKeys::default(),
    };
    app::log_to_stdout(&Logging::for_people())?;
    let options =
        Options { own_host_only: true, extra: routes(simulator.clone(), page, secret), ..Options::default() };
    let mut stop = stop::Requests::listen()?;
    let running = app::start(config, options).await?;
    if let Some(simulator) = &simulator {
        keys::bring(simulator, folder.path(), vault).await.context("bringing keys along")?;
    }
    report::say(welcome(running.address(), arguments.live, &admin_token));
    stop.come().await;
    running.stop().await
}

/// The operator's own policy; else the built-in one with its [`DIFFERENCES`].
fn policy(environment: &Environment) -> Result<Policy, Vec<Mistake>> {
    let (text, policy) = config::read_policy(environment)?;
    if text != Policy::BUILT_IN {
        return Ok(policy);
    }
    let text = DIFFERENCES.iter().fold(text, |text, (built_in, here)| text.replacen(built_in, here, 1));
    Policy::load(&text)
}

fn identity(secret: &SecretString, admin_token: &SecretString) -> anyhow::Result<Identity> {
    let issuer = auth::Issuer {
        name: Some(issuer::ISSUER.to_owned()),
        keys: auth::KeySource::Secret(secret.clone()),
        algorithms: Vec::new(),
        audiences: Vec::new(),
        authorized_parties: Vec::new(),
        role_claim: issuer::ROLE_CLAIM.parse()?,
        name_claim: issuer::NAME_CLAIM.parse()?,
        language_claim: None,
        leeway: TimeDelta::zero(),
    };
    let tokens = auth::Settings { issuers: vec![issuer], max_stale: Duration::ZERO };
    let admin_token = Some(admin_token.clone());
    Ok(Identity { tokens, shared_secret: None, admin_token, admin_roles: Vec::new() })
}

/// A key that nobody knows and that ends with the process, like everything else here.
fn vault() -> anyhow::Result<Arc<Vault>> {
    Ok(Arc::new(Vault::new(SealingKey::alone(secret::fresh()?.expose_secret())?, Vec::new())))
}

fn sealing(vault: Arc<Vault>) -> Sealing {
    Sealing { vault: Some(vault), reminders: Reminders::default() }
}

/// One clicks as fast as one likes: it is the hourly limit that is to be seen.
fn limits() -> Limits {
    let bursts = BurstSettings { per_user: None, per_address: None, per_service: None };
    Limits { bursts, ..Limits::default() }
}

fn bind(port: Option<u16>) -> anyhow::Result<SocketAddr> {
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    if let Some(port) = port {
        return Ok(at(port));
    }
    match TcpListener::bind(at(USUAL_PORT)) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => Ok(at(0)),
        // Whatever else is wrong, the server's own attempt will say.
        _ => Ok(at(USUAL_PORT)),
    }
}

fn routes(simulator: Option<Arc<Simulator>>, page: Page, secret: SecretString) -> app::Routes {
    let (issuer, upstream) = (Issuer::new(secret), Upstream::new(simulator));
    Arc::new(move |routes| {
        page.configure(routes);
        issuer.configure(routes);
        upstream.configure(routes);
    })
}

fn welcome(address: SocketAddr, live: bool, admin_token: &SecretString) -> String {
    let provider = if live { "the real provider: sessions cost money" } else { "a simulated provider" };
    let admin_token = admin_token.expose_secret();
    format!(
        "\n  Ephemint demo, with {provider}.\n\n  Open http://{address}\n\n  What operators see: http://{address}/dashboard\n  \
         Sign in with {admin_token}\n\n  Ctrl-C ends it and leaves nothing behind.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_in_the_built_in_policy_once() {
        for (built_in, _) in DIFFERENCES {
            assert_eq!(Policy::BUILT_IN.matches(built_in).count(), 1, "{built_in}");
        }
    }
}
