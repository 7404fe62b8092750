//! The policy, from the operator's file or built in.

use super::reader::Reader;
use crate::policy::Policy;

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
            reader.add(mistakes.into_iter().map(|mut mistake| {
                mistake.at = format!("{path}: {}", mistake.at);
                mistake
            }));
            None
        }
    }
}
