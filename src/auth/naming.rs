//! Users by the names that their tokens have for them.

use super::verifier::Verifier;
use crate::kernel::user::{BadName, User};

/// Why a name means nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSuchUser {
    /// The issuer has to be said.
    #[error(
        "say whose user it is: `issuer` is the `iss` of their tokens, empty where they have none{}",
        listed(known)
    )]
    WhichIssuer {
        /// The issuers that have a name.
        known: Vec<String>,
    },
    /// Nobody's tokens are believed under this name.
    #[error("no tokens of this issuer are believed{}", listed(known))]
    UnknownIssuer {
        /// The issuers that have a name.
        known: Vec<String>,
    },
    /// No token can have such a name in it.
    #[error(transparent)]
    BadName(#[from] BadName),
}

fn listed(known: &[String]) -> String {
    if known.is_empty() { String::new() } else { format!("; there are: {}", known.join(", ")) }
}

impl Verifier {
    /// The user whom tokens of this issuer call so. Where there is one issuer and it has a name, it need not be said.
    pub fn user(&self, issuer: Option<&str>, subject: &str) -> Result<User, NoSuchUser> {
        let names: Vec<Option<&str>> = self.issuers().collect();
        let known = || names.iter().flatten().map(|&name| name.to_owned()).collect();
        let issuer = match (issuer, names.as_slice()) {
            (None, [Some(only)]) => *only,
            (None, _) => return Err(NoSuchUser::WhichIssuer { known: known() }),
            // An issuer without a name takes whatever its tokens say.
            (Some(given), [None]) => given,
            (Some(given), _) if names.contains(&Some(given)) => given,
            (Some(_), _) => return Err(NoSuchUser::UnknownIssuer { known: known() }),
        };
        let user =
            if names.len() > 1 { User::qualified(issuer, subject) } else { User::new(issuer, subject) };
        Ok(user?)
    }
}
