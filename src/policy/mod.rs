//! The policy: what each role may have, in which words, and who has which role.
//!
//! A file is read once, completely: every mistake in it is reported with its mend, and the texts are compiled and
//! tried. After that nothing fails but what a request asks too much of, and a grant only puts ready parts together.

mod alerts;
mod audio;
mod budget;
mod current;
mod file;
mod instructions;
mod issuers;
mod keys;
mod known;
mod language;
mod mcp;
mod mistake;
mod name;
mod narrow;
mod personal;
mod prices;
mod reader;
mod realtime;
mod request;
mod rights;
mod role;
mod secrets;
mod settings;
mod texts;
mod tools;
mod transcription;
mod translation;
mod values;

#[cfg(test)]
mod tests;

pub use alerts::{AlertRule, Condition, Per, Refused, Usual};
pub use budget::Budget;
pub use current::CurrentPolicy;
pub use issuers::IssuerEntry;
pub use keys::{CheckRequest, KeyCheck, KeyProvider, KeyRules, OperatorKey};
pub use language::{Languages, accept_language, language_tag};
pub use mistake::Mistake;
pub use personal::{Choices, Malformed, Setting, well_formed};
pub use prices::{Prices, Spent};
pub use request::{
    Asked, AskedRealtime, AskedSession, AskedTranscription, AskedTranslation, Grant, NotAllowed,
};
pub use rights::{Rights, RoleNotAllowed};
pub use role::Role;
pub use secrets::{NoSecret, Secrets};

use aws_lc_rs::digest;

use crate::kernel::hex::hex;

/// The operator's policy, checked and ready.
pub struct Policy {
    version: String,
    default_language: String,
    default: Role,
    others: Vec<Role>,
    issuers: Vec<IssuerEntry>,
    prices: Prices,
    allow_unvalidated_keys: bool,
    key_providers: Vec<KeyProvider>,
    budget: Budget,
    alerts: Vec<AlertRule>,
}

impl Policy {
    /// The policy that holds where the operator names no file.
    pub const BUILT_IN: &str = include_str!("../../policy.toml");

    /// Reads a policy file (TOML) that needs no secrets. The text is the whole policy: nothing is mixed in but default
    /// values.
    pub fn load(text: &str) -> Result<Self, Vec<Mistake>> {
        Self::load_with(text, &secrets::none)
    }

    /// Reads a policy file whose tools may need secrets.
    pub fn load_with(text: &str, secrets: Secrets<'_>) -> Result<Self, Vec<Mistake>> {
        let table = file::parse(text)?;
        let mistakes = mistake::Mistakes::default();
        let policy = file::read(table, secrets, &mistakes);
        let policy = policy.map(|policy| Self { version: version(text), ..policy });
        let mistakes = mistakes.into_vec();
        policy.filter(|_| mistakes.is_empty()).ok_or(mistakes)
    }

    /// Names this very text: the first digits of its SHA-256.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The role that holds for a user: assigned, else claimed, else asked for where that is free, else the default.
    pub fn role(&self, rights: &Rights<'_>) -> Result<&Role, RoleNotAllowed> {
        rights::role(self, rights)
    }

    /// The role that a user has been given, by an operator or by their token; none where neither did. What may be had by
    /// asking, and what everybody has, is not given.
    pub fn given_role(&self, rights: &Rights<'_>) -> Result<Option<&Role>, RoleNotAllowed> {
        rights::held(self, rights)
    }

    /// The language that is used where none that is wanted has a text.
    pub fn default_language(&self) -> &str {
        &self.default_language
    }

    /// The role of users whom nothing else gives one.
    pub fn default_role(&self) -> &Role {
        &self.default
    }

    /// A role by its name.
    pub fn find(&self, role: &str) -> Option<&Role> {
        self.roles().find(|known| known.name() == role)
    }

    /// Whose tokens the file wants to be believed.
    pub fn issuers(&self) -> &[IssuerEntry] {
        &self.issuers
    }

    /// What sessions are taken to cost.
    pub fn prices(&self) -> &Prices {
        &self.prices
    }

    /// Whether users may have keys stored that nobody has checked.
    pub fn allows_unvalidated_keys(&self) -> bool {
        self.allow_unvalidated_keys
    }

    /// The providers that users may have keys of, by name.
    pub fn key_providers(&self) -> &[KeyProvider] {
        &self.key_providers
    }

    /// One of them.
    pub fn key_provider(&self, name: &str) -> Option<&KeyProvider> {
        self.key_providers.iter().find(|provider| provider.name.as_str() == name)
    }

    /// What may be spent.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// What operators want to be told of.
    pub fn alerts(&self) -> &[AlertRule] {
        &self.alerts
    }

    /// All roles, the default first.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        std::iter::once(&self.default).chain(&self.others)
    }

    /// Each role with each model that its sessions may have, of whatever kind they are. Some may come twice.
    pub fn roles_and_models(&self) -> impl Iterator<Item = (&str, &str)> {
        self.roles().flat_map(|role| role.settings.models().map(|model| (role.name(), model)))
    }
}

/// The digits that tell one text from another, for people and metrics.
const VERSION_BYTES: usize = 6;

/// The version that a policy of this text has.
pub fn version(text: &str) -> String {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    hex(digest.as_ref().get(..VERSION_BYTES).unwrap_or_default())
}
