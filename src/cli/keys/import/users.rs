//! Whose a row is.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;

use crate::auth::Verifier;
use crate::kernel::user::User;

use super::entries::Skipped;

/// Finds users by what the user column has.
pub(super) struct Users {
    verifier: Verifier,
    issuer: Option<String>,
    /// From what the column has to the `sub`; none where it has the `sub` itself.
    subjects: Option<HashMap<String, String>>,
}

impl Users {
    pub(super) fn new(
        verifier: Verifier,
        issuer: Option<String>,
        file: Option<&Path>,
    ) -> anyhow::Result<Self> {
        // What would be wrong for everybody is said at once.
        verifier.user(issuer.as_deref(), "anybody").context("--issuer")?;
        let subjects = file.map(translations).transpose()?;
        Ok(Self { verifier, issuer, subjects })
    }

    /// What the column has may be shown where it names the user, and not where it is a token.
    pub(super) fn shown(&self, name: &str) -> Option<String> {
        self.subjects.is_none().then(|| name.to_owned())
    }

    pub(super) fn find(&self, name: &str) -> Result<Arc<User>, Skipped> {
        let subject = match &self.subjects {
            Some(subjects) => subjects.get(name).ok_or(Skipped::NotTranslated)?,
            None => name,
        };
        let user = self.verifier.user(self.issuer.as_deref(), subject);
        user.map(Arc::new).map_err(|_| Skipped::BadName)
    }
}

fn translations(file: &Path) -> anyhow::Result<HashMap<String, String>> {
    let named = || format!("--users {}", file.display());
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(file).with_context(named)?;
    let pairs = reader.deserialize::<(String, String)>();
    // The library's message would quote the line, and with it a token.
    pairs
        .enumerate()
        .map(|(at, pair)| {
            let pair =
                pair.ok().with_context(|| format!("{}: line {} is not `token,sub`", named(), at + 1))?;
            Ok((pair.0, pair.1.trim().to_owned()))
        })
        .collect()
}
