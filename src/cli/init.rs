//! `ephemint init`: a `.env` to start from.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use crate::cli::report;
use crate::kernel::secret;

const EXAMPLE: &str = include_str!("../../.env.example");

/// Settings that get a secret of their own.
const SECRETS: [&str; 3] = ["JWT_SECRET", "SAFETY_ID_SECRET", "ADMIN_TOKEN"];

const HEAD: &str = "\
# Settings of Ephemint, written by `ephemint init`. The environment goes before this file. Whatever is commented out shows
# its default. The secrets in here are fresh: keep the file to yourself and out of version control.
#
# Where it says \"or …_FILE\", a file that holds the secret may be named instead: JWT_SECRET_FILE=/run/secrets/jwt.
# `ephemint check` says what is wrong and how to mend it.
";

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Where to write. A file that is there already is never touched
    #[arg(long, default_value = ".env")]
    path: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let path = &arguments.path;
    let text = settings(secret::fresh)?;
    let mut file = match create(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!(
                "{} is there already, and was not touched; move it away, or name another --path",
                path.display()
            )
        }
        Err(error) => return Err(error).with_context(|| format!("--path: can't make {}", path.display())),
    };
    if let Err(error) = file.write_all(text.as_bytes()).and_then(|()| file.sync_all()) {
        // Half a file would stand in the way of the next try.
        let _ = std::fs::remove_file(path);
        return Err(error).with_context(|| format!("writing {}", path.display()));
    }
    report::say(next_steps(path));
    Ok(())
}

/// Makes the file, for its owner only from the first moment.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The example, with fresh secrets, and with everything else that would have to be replaced commented out.
fn settings<E>(fresh: impl Fn() -> Result<SecretString, E>) -> Result<String, E> {
    let body = EXAMPLE.find("# ----").and_then(|start| EXAMPLE.get(start..)).unwrap_or(EXAMPLE);
    let mut text = format!("{HEAD}\n\n");
    for line in body.lines() {
        let setting = line.strip_prefix("# ").unwrap_or(line).split_once('=').map(|(name, _)| name);
        let _ = match setting {
            Some(name) if SECRETS.contains(&name) => {
                writeln!(text, "{name}={}", fresh()?.expose_secret())
            }
            Some(name) if !line.starts_with('#') => writeln!(text, "# {name}="),
            _ => writeln!(text, "{line}"),
        };
    }
    Ok(text)
}

fn next_steps(path: &Path) -> String {
    let path = path.display();
    format!(
        "\
wrote {path}, with fresh secrets, for your eyes only

Next:
  1. Put your provider key into {path}, as OPENAI_API_KEY. Without it the service runs, and refuses every mint.
  2. Let your sign-in sign its JWTs with the JWT_SECRET there, or put the secret that it has in its place.
  3. Run `ephemint check`, and then `ephemint serve`. `ephemint token --sub ana` signs a token to try it with."
    )
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::config::{Config, Environment};

    #[test]
    fn every_secret_stands_there_once_and_nothing_else_is_set() {
        let text = settings(|| Ok::<_, Infallible>("0123456789abcdef0123456789abcdef".into())).unwrap();
        let set: Vec<_> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        let expected = SECRETS.map(|name| format!("{name}=0123456789abcdef0123456789abcdef"));
        assert_eq!(set, expected);
        let named =
            |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        let environment: Environment = set.into_iter().filter_map(named).collect();
        assert!(Config::read(&environment).is_ok());
    }
}
