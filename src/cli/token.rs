//! `ephemint token`: a JWT such as the sign-in would give, for development.

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use serde_json::{Value, json};

use crate::auth::{Issuer, sign};
use crate::cli::report;
use crate::config::{Environment, Identity, read_one};
use crate::kernel::clock::{Clock, SystemClock};
use crate::kernel::user::User;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The user: the token's `sub`
    #[arg(long)]
    sub: String,
    /// A role, put where JWT_ROLE_CLAIM points
    #[arg(long)]
    role: Option<String>,
    /// A name, put where JWT_NAME_CLAIM points
    #[arg(long)]
    name: Option<String>,
    /// A language, put where JWT_LANGUAGE_CLAIM points
    #[arg(long)]
    language: Option<String>,
    /// Seconds until it expires
    #[arg(long, default_value_t = 3600, value_parser = clap::value_parser!(u32).range(1..=31_536_000))]
    expires_in: u32,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> anyhow::Result<()> {
    let (issuer, secret) = read_one(environment, Identity::of_development).map_err(report::mistakes)?;
    report::say(sign(&claims(arguments, &issuer, SystemClock.now())?, &secret)?);
    Ok(())
}

fn claims(arguments: &Arguments, issuer: &Issuer, now: DateTime<Utc>) -> anyhow::Result<Value> {
    let user = User::new(issuer.name.as_deref().unwrap_or_default(), &arguments.sub)?;
    let expires = now + TimeDelta::seconds(i64::from(arguments.expires_in));
    let mut claims = json!({ "sub": user.id, "iat": now.timestamp(), "exp": expires.timestamp() });
    for (name, value) in [
        ("iss", issuer.name.as_ref()),
        ("aud", issuer.audiences.first()),
        ("azp", issuer.authorized_parties.first()),
    ] {
        if let Some(value) = value {
            put(&mut claims, name, value);
        }
    }
    for (path, value) in [
        (Some(&issuer.role_claim), &arguments.role),
        (Some(&issuer.name_claim), &arguments.name),
        (issuer.language_claim.as_ref(), &arguments.language),
    ] {
        match (path, value) {
            (Some(path), Some(value)) => path.put(&mut claims, value),
            (None, Some(_)) => {
                anyhow::bail!("--language: set JWT_LANGUAGE_CLAIM first, so that it is known where to put it")
            }
            _ => {}
        }
    }
    Ok(claims)
}

fn put(claims: &mut Value, name: &str, value: &str) {
    if let Some(members) = claims.as_object_mut() {
        members.insert(name.to_owned(), json!(value));
    }
}
