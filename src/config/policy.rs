//! The policy, from the operator's file or built in.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::identity::Identity;
use super::reader::Reader;
use crate::policy::{Mistake, Policy};

pub(super) fn read(reader: &mut Reader<'_>) -> Option<Policy> {
    read_with_text(reader).map(|(_, policy)| policy)
}

/// The policy and the text that it was read from.
pub(super) fn read_with_text(reader: &mut Reader<'_>) -> Option<(String, Policy)> {
    let Some(path) = reader.text("POLICY_FILE") else {
        return load(reader, "policy.toml", Policy::BUILT_IN.to_owned());
    };
    match std::fs::read_to_string(path) {
        Ok(text) => load(reader, path, text),
        Err(error) => {
            let mend = "name a policy file that can be read, or unset it for the built-in policy";
            reader.wrong("POLICY_FILE", format!("{path}: {error}"), mend)
        }
    }
}

fn load(reader: &mut Reader<'_>, path: &str, text: String) -> Option<(String, Policy)> {
    match Policy::load_with(&text, &|name| reader.policy_secret(name)) {
        Ok(policy) => Some((text, policy)),
        Err(mistakes) => {
            reader.add(mistakes.into_iter().map(|mistake| in_file(path, mistake)));
            None
        }
    }
}

/// The operator's policy file, which may change while the service runs.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    path: PathBuf,
    /// What else a policy is checked against: secrets that it names, and the settings that name its roles.
    environment: Environment,
}

impl PolicyFile {
    pub(super) fn read(reader: &Reader<'_>) -> Option<Self> {
        let path = reader.text("POLICY_FILE")?;
        Some(Self { path: PathBuf::from(path), environment: reader.environment().clone() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The policy in its new text, checked as at the start.
    pub fn load(&self, text: &str) -> Result<Policy, Vec<Mistake>> {
        let mut reader = Reader::new(&self.environment);
        let path = self.path.display().to_string();
        let policy = load(&mut reader, &path, text.to_owned()).map(|(_, policy)| policy);
        Identity::read(&mut reader, policy.as_ref());
        match policy {
            Some(policy) if reader.is_clean() => Ok(policy),
            _ => Err(reader.into_mistakes()),
        }
    }
}

fn in_file(path: &str, mistake: Mistake) -> Mistake {
    Mistake { at: format!("{path}: {}", mistake.at), ..mistake }
}
