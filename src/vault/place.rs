//! Where something sealed belongs.

use crate::kernel::provider_name::ProviderName;
use crate::kernel::user::UserKey;

/// The place of a sealed value: it opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    table: &'static str,
    user: &'a UserKey,
    provider: &'a ProviderName,
}

impl<'a> Place<'a> {
    /// A user's key of a provider, in the table `provider_keys`.
    pub fn provider_key(user: &'a UserKey, provider: &'a ProviderName) -> Self {
        Self { table: "provider_keys", user, provider }
    }

    /// What is authenticated: each part with its length before it, so that no two places read alike.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let parts = [self.table.as_bytes(), self.user.as_bytes(), self.provider.as_str().as_bytes()];
        parts
            .iter()
            .flat_map(|part| (part.len() as u64).to_be_bytes().into_iter().chain(part.iter().copied()))
            .collect()
    }

    #[cfg(test)]
    pub(super) fn in_table(self, table: &'static str) -> Self {
        Self { table, ..self }
    }
}
