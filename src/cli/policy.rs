//! `ephemint policy …`

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Subcommand;

use crate::cli::report;
use crate::config::{self, Environment, Identity, read_policy, read_policy_text};
use crate::policy::{Asked, AskedSession, Grant, Policy, Role};
use crate::provider::mint_body;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Prints the policy that is in force, as TOML to start one's own from
    Show,
    /// Checks a policy file, or the one that is in force
    Check {
        /// The file; without it, POLICY_FILE or the built-in policy
        file: Option<PathBuf>,
    },
    /// Prints what would be sent to the provider for a role, a language and a name
    Render {
        /// A role of the policy; without it, the default role
        #[arg(long)]
        role: Option<String>,
        /// A language tag such as es or es-MX; without it, the default language
        #[arg(long)]
        language: Option<String>,
        /// The user's name
        #[arg(long)]
        name: Option<String>,
        /// The kind of session
        #[arg(long = "type", value_parser = ["realtime", "transcription", "translation"], default_value = "realtime")]
        kind: String,
    },
}

pub(super) fn run(command: &Command, environment: &Environment) -> anyhow::Result<()> {
    match command {
        Command::Show => {
            let (text, _) = read_policy(environment).map_err(report::mistakes)?;
            report::say(text.trim_end());
            Ok(())
        }
        Command::Check { file } => check(file.as_deref(), environment),
        Command::Render { role, language, name, kind } => {
            let (_, policy) = read_policy(environment).map_err(report::mistakes)?;
            let asked = Asked { session: asked(kind), ..Asked::default() };
            let grant = grant(&policy, role.as_deref(), language.as_deref(), name.as_deref(), &asked)?;
            report::say(serde_json::to_string_pretty(&mint_body(&grant.session, grant.ttl_seconds))?);
            if let Some(seconds) = grant.max_call_seconds {
                report::remark(format_args!(
                    "the page, not the provider, is told: max_call_seconds = {seconds}"
                ));
            }
            Ok(())
        }
    }
}

fn check(file: Option<&Path>, environment: &Environment) -> anyhow::Result<()> {
    let result = match file {
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
            read_policy_text(environment, &text)
        }
        None => read_policy(environment).map(|(_, policy)| policy),
    };
    let policy = result.map_err(report::mistakes)?;
    let name = file.map_or_else(|| "the policy".to_owned(), |path| path.display().to_string());
    config::read_one(environment, |reader| Identity::of_policy(reader, &name, &policy))
        .map_err(report::mistakes)?;
    for role in policy.roles() {
        report::say(in_short(role));
    }
    report::say("the policy is good");
    Ok(())
}

/// What a role has, in a line.
fn in_short(role: &Role) -> String {
    let languages = role.languages().collect::<Vec<_>>().join(", ");
    let end = role.max_call_seconds().map(|most| format!("; pages end calls after {most} seconds"));
    let own = role.choices().settings.iter().map(|setting| setting.as_str()).collect::<Vec<_>>().join(", ");
    let own = if own.is_empty() { own } else { format!("; users may set {own}") };
    let end = end.unwrap_or_default();
    format!("{}: {} tokens an hour, in {languages}{end}{own}", role.name(), role.hourly_limit())
}

/// A session of this kind, with nothing else asked for.
fn asked(kind: &str) -> AskedSession {
    match kind {
        "transcription" => AskedSession::Transcription(Default::default()),
        "translation" => AskedSession::Translation(Default::default()),
        _ => AskedSession::default(),
    }
}

fn grant(
    policy: &Policy,
    role: Option<&str>,
    language: Option<&str>,
    name: Option<&str>,
    asked: &Asked,
) -> anyhow::Result<Grant> {
    let known = || policy.roles().map(|role| role.name().to_owned()).collect::<Vec<_>>().join(", ");
    let role = match role {
        Some(role) => {
            policy.find(role).with_context(|| format!("--role: the policy has {}, no `{role}`", known()))?
        }
        None => policy.default_role(),
    };
    let language = role.language(language);
    Ok(role.grant(language, name, asked)?)
}
