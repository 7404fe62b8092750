//! Keys of their own: everybody in the demo has an account with the simulated provider, and two have brought their keys along.

use std::path::Path;
use std::sync::Arc;

use ephemint_sim::{Simulator, Standing};

use super::issuer::{ISSUER, PEOPLE, Person};
use crate::kernel::clock::SystemClock;
use crate::kernel::provider_name::ProviderName;
use crate::kernel::user::User;
use crate::keys::{GivenKey, Import, OlderEntry};
use crate::store::sqlite::SqliteStore;
use crate::vault::Vault;

impl Person {
    /// The key of their account. It is good nowhere but in the demo.
    pub(super) fn key(&self) -> String {
        format!("sk-demo-0123456789-{}", self.id)
    }
}

/// Stores the keys of those who have brought them, beside the service that runs on this directory.
pub(super) async fn bring(simulator: &Simulator, directory: &Path, vault: Arc<Vault>) -> anyhow::Result<()> {
    let store = Arc::new(SqliteStore::open_beside(directory)?);
    let import = Import::new(store, vault, Arc::new(SystemClock));
    for person in &PEOPLE {
        simulator.put_account(person.id, &person.key(), Standing::Good);
        if person.has_brought_key {
            let user = Arc::new(User::new(ISSUER, person.id)?);
            let key = Arc::new(GivenKey::parse(person.key().into())?);
            import.store(&OlderEntry { user, provider: ProviderName::OPENAI, key }).await?;
        }
    }
    Ok(())
}
