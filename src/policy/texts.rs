//! The texts of a role in all its languages.

use super::instructions::Text;
use super::language::{fallbacks, language_tag};
use super::mistake::Mistakes;
use super::reader::Section;
use super::values::as_text;

/// A template as a file has it.
pub(super) struct Source {
    language: String,
    at: String,
    text: String,
}

/// Reads the `instructions` of a section.
pub(super) fn sources(section: &mut Section<'_>) -> Vec<Source> {
    let Some(mut table) = section.section("instructions") else {
        return Vec::new();
    };
    let mut sources: Vec<Source> = Vec::new();
    for (key, value) in table.entries() {
        let Some(language) = language_tag(&key) else {
            table.report(&key, "is not a language", "write a tag such as en, es or pt-BR");
            continue;
        };
        if sources.iter().any(|other| same(&other.language, &language)) {
            table.report(&key, "stands there twice", "keep one text for each language");
            continue;
        }
        match as_text(value) {
            Ok(text) => sources.push(Source { language, at: table.path(&key), text }),
            Err(other) => table.report_type(&key, &other, "a string in quotes"),
        }
    }
    sources
}

/// A role's texts.
pub(super) struct Texts {
    /// The one in the policy's default language.
    default: Text,
    others: Vec<Text>,
}

impl Texts {
    /// The role's own texts and, in languages that it has none for, the shared ones.
    pub(super) fn compile(
        role: &Section<'_>,
        name: &str,
        [own, shared]: [&[Source]; 2],
        default_language: Option<&str>,
        mistakes: &Mistakes,
    ) -> Option<Self> {
        let mut others: Vec<Text> = Vec::new();
        for source in own.iter().chain(shared) {
            let text = Text::compile(name, &source.language, &source.at, &source.text, mistakes);
            let new = !others.iter().any(|other| same(other.language(), &source.language));
            others.extend(text.filter(|_| new));
        }
        let language = default_language?;
        if !own.iter().chain(shared).any(|source| same(&source.language, language)) {
            let problem = format!("has no text in the default language, {language:?}");
            let mend = "write one there, or for all roles under [defaults.instructions]";
            role.report("instructions", problem, mend);
        }
        let default = others.iter().position(|text| same(text.language(), language))?;
        Some(Self { default: others.remove(default), others })
    }

    /// All of them, the default language's first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Text> {
        std::iter::once(&self.default).chain(&self.others)
    }

    /// The text for a language: exact, or by dropping subtags from the right.
    pub(super) fn find(&self, wanted: &str) -> Option<&Text> {
        fallbacks(wanted).find_map(|tag| self.iter().find(|text| same(text.language(), tag)))
    }

    /// The text in the policy's default language.
    pub(super) fn default(&self) -> &Text {
        &self.default
    }
}

/// Language tags don't mind case.
fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}
