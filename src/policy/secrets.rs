//! Secrets that a policy needs. The file only names them: it is shown to people, copied and kept in repositories.

use secrecy::SecretString;

use super::reader::Section;

/// Looks a secret up by the name that the policy has for it.
pub type Secrets<'a> = &'a dyn Fn(&str) -> Result<SecretString, NoSecret>;

/// A secret that can't be had, said as in a [`super::Mistake`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSecret {
    /// What is wrong with it.
    pub problem: String,
    /// What to do about it.
    pub mend: String,
}

/// What the meaning of a file depends on besides its text.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    /// Whether names that this version has never heard of pass.
    pub(super) allow_unknown: bool,
    /// Where its secrets come from.
    pub(super) secrets: Secrets<'a>,
}

impl Given<'_> {
    /// The secret of this name, which stands at a key of the section.
    pub(super) fn secret(&self, section: &Section<'_>, key: &str, name: &str) -> Option<SecretString> {
        if !is_variable(name) {
            // The name itself is not repeated: somebody may have put the secret there.
            section.report(
                key,
                "is not the name of a variable",
                "write the name that the secret has in the environment, in capitals",
            );
            return None;
        }
        match (self.secrets)(name) {
            Ok(secret) => Some(secret),
            Err(NoSecret { problem, mend }) => {
                section.report(key, problem, mend);
                None
            }
        }
    }
}

/// Capitals, digits and underscores, a capital first.
fn is_variable(name: &str) -> bool {
    let fit = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.len() <= 64 && name.bytes().all(fit)
}

/// Where there are no secrets at all.
pub(super) fn none(name: &str) -> Result<SecretString, NoSecret> {
    let mend = format!("set {name}, or {name}_FILE to a file that holds it");
    Err(NoSecret { problem: format!("{name} is not set"), mend })
}
