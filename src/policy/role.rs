//! A role, and what a request may take from it.

use super::settings::Settings;
use super::texts::Texts;
use super::{KeyRules, Policy};

/// A role of the policy.
pub struct Role {
    pub(super) name: String,
    pub(super) self_assignable: bool,
    pub(super) settings: Settings,
    pub(super) texts: Texts,
}

impl Role {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Tokens for each user in any sixty minutes, 0 to 1,000.
    pub fn hourly_limit(&self) -> u16 {
        self.settings.hourly_tokens
    }

    /// How long a token lives unless less is asked for.
    pub fn ttl_seconds(&self) -> u32 {
        self.settings.ttl_seconds
    }

    /// How long one of its calls may last by the page's own watch, 10 to 3,600 seconds.
    pub fn max_call_seconds(&self) -> Option<u16> {
        self.settings.max_call_seconds
    }

    /// Whose provider key pays.
    pub fn keys(&self) -> KeyRules {
        self.settings.keys
    }

    /// Whether users without a role may ask for this one.
    pub fn self_assignable(&self) -> bool {
        self.self_assignable
    }

    /// The languages it has texts for, the policy's default first.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(super::instructions::Text::language)
    }

    /// The models of its conversations, its own first.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        self.settings.realtime.models()
    }

    /// The voices of its conversations, its own first.
    pub fn voices(&self) -> impl Iterator<Item = &str> {
        self.settings.realtime.voices()
    }

    /// The first language wanted that it has a text for (`es-MX` finds `es`), else the policy's default.
    pub fn language<'a>(&self, wanted: impl IntoIterator<Item = &'a str>) -> &str {
        let found = wanted.into_iter().find_map(|tag| self.texts.find(tag));
        found.unwrap_or_else(|| self.texts.default()).language()
    }
}

// Written by hand: texts have no place in logs.
impl std::fmt::Debug for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Role({})", self.name)
    }
}

impl std::fmt::Debug for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.roles()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::session::Session;

    fn policy() -> Policy {
        Policy::load(
            "defaults.default_role = 'r'
             defaults.instructions = { en = 'Speak.', pt-BR = 'Fale.' }
             roles.r.instructions = { es = 'Habla.', zh-Hant = '說。', EN = 'Own.' }",
        )
        .unwrap()
    }

    #[test]
    fn languages_are_negotiated() {
        let policy = policy();
        let role = policy.find("r").unwrap();
        for (wanted, found) in [
            (vec!["es"], "es"),
            (vec!["es-MX"], "es"),
            (vec!["ES-mx-x-y"], "es"),
            (vec!["zh-Hant-TW"], "zh-Hant"),
            (vec!["zh"], "EN"),
            (vec!["pt"], "EN"),
            (vec!["pt-br"], "pt-BR"),
            (vec!["fr", "es-AR", "pt-BR"], "es"),
            (vec!["fr"], "EN"),
            (vec!["en-GB", "es"], "EN"),
            (vec![], "EN"),
            (vec!["", "-"], "EN"),
        ] {
            assert_eq!(role.language(wanted.iter().copied()), found, "{wanted:?}");
        }
    }

    #[test]
    fn own_texts_come_before_shared_ones() {
        let policy = policy();
        let role = policy.find("r").unwrap();
        assert_eq!(role.languages().collect::<Vec<_>>(), ["EN", "es", "zh-Hant", "pt-BR"]);
        let grant = role.grant("EN", None, &Default::default()).unwrap();
        let Session::Realtime(session) = grant.session else { panic!("{grant:?}") };
        assert_eq!(session.instructions, "Own.");
    }

    #[test]
    fn texts_stay_out_of_debug_output() {
        assert_eq!(format!("{:?}", policy()), "{Role(r)}");
    }
}
