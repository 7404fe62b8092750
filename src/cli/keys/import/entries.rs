//! What the older system's rows hold.

use std::sync::Arc;

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};

use super::users::Users;
use super::{Arguments, source};
use crate::auth::Verifier;
use crate::config::Config;
use crate::kernel::clock::SystemClock;
use crate::kernel::user::User;
use crate::keys::{GivenKey, OlderEntry};
use crate::policy::Policy;
use crate::store::ForeignRow;
use crate::vault::older::{OlderError, OlderKey, looks_sealed};

/// Something that might be a key.
pub(super) struct Found {
    /// The row, from 1 on, in the order in which they were read.
    pub(super) row: usize,
    /// Whose it is, as far as that is known and may be shown.
    pub(super) user: String,
    /// The provider's name, as it is there.
    pub(super) provider: String,
    /// What it is.
    pub(super) entry: Result<OlderEntry, Skipped>,
}

/// Why something is not taken over. Never quotes a key, nor a token.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Skipped {
    #[error("the row has no user")]
    NoUser,
    #[error("the file of --users has no such user")]
    NotTranslated,
    #[error("a user can't have this name")]
    BadName,
    #[error("no keys of this provider are kept here")]
    UnknownProvider,
    #[error("{0}")]
    Older(#[from] OlderError),
    #[error("it is sealed; say --old-key-file")]
    Sealed,
    #[error("it is no key: 20 to 512 signs without spaces")]
    NoKey,
}

/// Reads rows.
pub(super) struct Reading {
    users: Users,
    opens: Option<OlderKey>,
    policy: Arc<Policy>,
}

impl Reading {
    pub(super) fn prepare(arguments: &Arguments, config: &Config) -> anyhow::Result<Self> {
        let verifier = Verifier::new(config.identity.tokens.clone(), Arc::new(SystemClock))?;
        let users = Users::new(verifier, arguments.issuer.clone(), arguments.users.as_deref())?;
        let opens = arguments.old_key_file.as_deref().map(|file| {
            let hex = source::secret(file)?;
            OlderKey::parse(hex.expose_secret()).with_context(|| file.display().to_string())
        });
        Ok(Self { users, opens: opens.transpose()?, policy: config.policy.clone() })
    }

    pub(super) async fn read(&self, arguments: &Arguments, config: &Config) -> anyhow::Result<Vec<Found>> {
        let first = [Some(&arguments.user_column), arguments.provider_column.as_ref()];
        let keys = arguments.key.iter().map(|(column, _)| column).chain(&arguments.key_column);
        let columns = first.into_iter().flatten().chain(keys).cloned().collect();
        let rows = source::read(arguments, config, columns).await?;
        let found = rows.iter().zip(1..).flat_map(|(row, number)| self.row(arguments, row, number));
        Ok(found.collect())
    }

    /// The keys of a row. Where there is none, there is nothing to say.
    fn row(&self, arguments: &Arguments, row: &ForeignRow, number: usize) -> Vec<Found> {
        let mut cells = row.iter().map(|cell| cell.as_ref().map(text).filter(|text| !text.is_empty()));
        let name = cells.next().flatten();
        let user = name.ok_or(Skipped::NoUser).and_then(|name| self.users.find(name));
        let shown = user.as_ref().ok().map(|user| user.id.clone());
        let shown = shown.or_else(|| self.users.shown(name?)).unwrap_or_default();
        let named = arguments.provider_column.is_some().then(|| cells.next().flatten().unwrap_or_default());
        let providers = arguments.key.iter().map(|(_, provider)| provider.as_str()).chain(named);
        let found = |(provider, value): (&str, Option<&str>)| {
            let provider = provider.to_lowercase();
            let value = value?;
            let entry = user.clone().and_then(|user| self.entry(user, &provider, value));
            Some(Found { row: number, user: shown.clone(), provider, entry })
        };
        providers.zip(cells).filter_map(found).collect()
    }

    fn entry(&self, user: Arc<User>, provider: &str, value: &str) -> Result<OlderEntry, Skipped> {
        let known = self.policy.key_provider(provider).ok_or(Skipped::UnknownProvider)?;
        let key = match &self.opens {
            Some(key) => key.open(value)?,
            None if looks_sealed(value) => return Err(Skipped::Sealed),
            None => value.into(),
        };
        let key = GivenKey::parse(key).map_err(|_| Skipped::NoKey)?;
        Ok(OlderEntry { user, provider: known.name.clone(), key: Arc::new(key) })
    }
}

fn text(cell: &SecretString) -> &str {
    cell.expose_secret().trim()
}
