//! Which settings are secret.

use ephemint::config::VARIABLES;
use reqwest::Url;

use super::{Kind, secret};

/// Remembers the secrets among these settings, given as they are or as files.
pub(crate) fn note_settings(settings: &[(&str, String)]) {
    for (name, value) in settings {
        match name.strip_suffix("_FILE") {
            Some(name) if is_secret(name) => {
                note(name, std::fs::read_to_string(value).unwrap_or_default().trim());
            }
            _ if is_secret(name) => note(name, value),
            _ => {}
        }
    }
}

fn note(name: &str, value: &str) {
    match Url::parse(value) {
        Ok(url) if name == "DATABASE_URL" => {
            url.password().into_iter().for_each(|password| secret(Kind::Password, password));
        }
        _ => secret(Kind::Setting, value),
    }
}

/// The service's own secrets, and what a policy may name as an MCP server's.
fn is_secret(name: &str) -> bool {
    let own = VARIABLES.iter().any(|(known, kind)| *known == name && *kind == ephemint::config::Kind::Secret);
    own || ["_TOKEN", "_KEY", "_SECRET"].iter().any(|end| name.ends_with(end))
}
