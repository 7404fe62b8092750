//! The policy, from the operator's file or built in.

use super::identity::check_admin_roles;
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
    match Policy::load(&text) {
        Ok(policy) => Some((text, policy)),
        Err(mistakes) => {
            reader.add(mistakes.into_iter().map(|mistake| in_file(path, mistake)));
            None
        }
    }
}

/// The policy in a file's new text, checked together with the settings that name its roles.
pub fn reload(path: &str, text: &str, admin_roles: &[String]) -> Result<Policy, Vec<Mistake>> {
    let policy = Policy::load(text)
        .map_err(|mistakes| mistakes.into_iter().map(|mistake| in_file(path, mistake)).collect::<Vec<_>>())?;
    match check_admin_roles(admin_roles.iter().map(String::as_str), Some(&policy)) {
        Some(mistake) => Err(vec![mistake]),
        None => Ok(policy),
    }
}

fn in_file(path: &str, mistake: Mistake) -> Mistake {
    Mistake { at: format!("{path}: {}", mistake.at), ..mistake }
}
