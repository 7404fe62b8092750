//! Whose provider key a role's mints use, and the providers that users may have keys of.

use reqwest::Url;

use super::reader::Section;
use crate::kernel::provider_name::ProviderName;
use crate::net::{is_loopback, is_public};

/// When the operator's key is used for a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorKey {
    /// Where the user has none of their own.
    Fallback,
    /// Never: who has none gets nothing.
    Never,
    /// Always, whatever users have.
    Always,
}

/// Whose key pays for a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRules {
    /// When it is the operator's.
    pub operator_key: OperatorKey,
    /// Whether it is the operator's as well where the provider refuses the user's own; never with [`OperatorKey::Never`].
    pub fallback_on_refusal: bool,
}

impl KeyRules {
    pub(super) const BUILT_IN: Self =
        Self { operator_key: OperatorKey::Fallback, fallback_on_refusal: false };

    pub(super) fn read(section: &mut Section<'_>, base: Self) -> Self {
        let words = [
            ("fallback", OperatorKey::Fallback),
            ("never", OperatorKey::Never),
            ("always", OperatorKey::Always),
        ];
        Self {
            operator_key: section.word("operator_key", &words).unwrap_or(base.operator_key),
            fallback_on_refusal: section.boolean("fallback_on_refusal").unwrap_or(base.fallback_on_refusal),
        }
    }
}

/// A provider that users may have a key of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyProvider {
    /// Its name.
    pub name: ProviderName,
    /// How its keys are checked.
    pub check: KeyCheck,
}

/// How a key is checked before it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyCheck {
    /// By a mint of the shortest life.
    Mint,
    /// By a request that succeeds with a good key only.
    Request(CheckRequest),
    /// Not at all: no request is known that tells a good key from a bad one and costs nothing.
    None,
}

/// A request that checks a key. Nothing in it comes from users but the key, in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRequest {
    /// Where to. Public, or on this machine.
    pub url: Url,
    /// The header that carries the key.
    pub header: String,
    /// What stands before the key there, such as `Bearer `.
    pub prefix: String,
}

const GEMINI_MODELS: &str = "https://generativelanguage.googleapis.com/v1beta/models?pageSize=1";

/// The providers that are known without being named, and then those that the file names.
pub(super) fn providers(root: &mut Section<'_>) -> Vec<KeyProvider> {
    let mut providers = known();
    let Some(mut section) = root.section("providers") else {
        return providers;
    };
    for (name, value) in section.entries() {
        let own = section.entry(&name, value).map(check);
        match ProviderName::parse(&name) {
            Err(error) => section.report(&name, "is no name for a provider", error.to_string()),
            Ok(name) if name == ProviderName::OPENAI => {
                section.report(
                    name.as_str(),
                    "has a check of its own",
                    "take it out: its keys are checked by a mint",
                );
            }
            Ok(name) => {
                providers.retain(|known| known.name != name);
                providers.push(KeyProvider {
                    name,
                    check: own.flatten().map_or(KeyCheck::None, KeyCheck::Request),
                });
            }
        }
    }
    providers.sort_by(|a, b| a.name.cmp(&b.name));
    providers
}

fn known() -> Vec<KeyProvider> {
    let none = |name| KeyProvider { name: ProviderName::known(name), check: KeyCheck::None };
    let models = Url::parse(GEMINI_MODELS).map_or(KeyCheck::None, |url| {
        KeyCheck::Request(CheckRequest { url, header: "x-goog-api-key".to_owned(), prefix: String::new() })
    });
    vec![
        none("copilotkit"),
        none("exa"),
        KeyProvider { name: ProviderName::known("gemini"), check: models },
        KeyProvider { name: ProviderName::OPENAI, check: KeyCheck::Mint },
    ]
}

/// `[providers.<name>]`: where it is asked and how the key is sent; without `check_url` its keys are not checked.
fn check(mut section: Section<'_>) -> Option<CheckRequest> {
    let url = check_url(&mut section);
    let header = section.text("key_header").unwrap_or_else(|| "authorization".to_owned());
    if header.is_empty() || !header.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        section.report("key_header", "is no name for a header", "use A-Z, a-z, 0-9 and -");
    }
    let usual = if header.eq_ignore_ascii_case("authorization") { "Bearer " } else { "" };
    let prefix = section.text("key_prefix").unwrap_or_else(|| usual.to_owned());
    if !prefix.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
        section.report("key_prefix", "has characters that a header can't carry", "use plain ASCII");
    }
    section.finish(|_| None);
    Some(CheckRequest { url: url?, header, prefix })
}

fn check_url(section: &mut Section<'_>) -> Option<Url> {
    const MEND: &str = "write https:// and a public address, or http:// and an address of this machine";
    let url = Url::parse(&section.text("check_url")?).ok();
    // Not repeated: an address may have a password in it.
    let Some(url) = url.filter(|url| url.has_host() && url.username().is_empty() && url.password().is_none())
    else {
        section.report("check_url", "is not a plain address", MEND);
        return None;
    };
    let fits = match url.scheme() {
        "https" => is_loopback(&url) || is_public(&url),
        "http" => is_loopback(&url),
        _ => false,
    };
    if !fits {
        section.report("check_url", "is private, or not https", MEND);
    }
    fits.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::super::Policy;
    use super::*;

    fn load(rest: &str) -> Result<Policy, Vec<String>> {
        let text = format!(
            "{rest}\ndefaults.default_role = 'r'\ndefaults.instructions.en = 'Speak.'\nroles.r.token_ttl_seconds = 60\n"
        );
        Policy::load(&text).map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn providers_are_those_that_are_known_and_those_of_the_file() {
        let policy = load(
            "providers.mine = { check_url = 'https://api.example.com/me' }
             providers.exa = { check_url = 'http://127.0.0.1:1/check', key_header = 'x-api-key' }",
        )
        .unwrap();
        let names: Vec<_> =
            policy.key_providers().iter().map(|known| known.name.as_str().to_owned()).collect();
        assert_eq!(names, ["copilotkit", "exa", "gemini", "mine", "openai"]);
        let check = |name: &str| policy.key_provider(name).unwrap().check.clone();
        assert_eq!((check("openai"), check("copilotkit")), (KeyCheck::Mint, KeyCheck::None));
        let KeyCheck::Request(mine) = check("mine") else { panic!() };
        assert_eq!((mine.header.as_str(), mine.prefix.as_str()), ("authorization", "Bearer "));
        let KeyCheck::Request(exa) = check("exa") else { panic!() };
        assert_eq!((exa.header.as_str(), exa.prefix.as_str()), ("x-api-key", ""));
    }

    #[test]
    fn mistakes_in_providers_are_named() {
        for (written, place) in [
            ("providers.Mine = {}", "providers.Mine"),
            ("providers.openai = {}", "providers.openai"),
            ("providers.m = { check_url = 'ftp://example.com' }", "providers.m.check_url"),
            ("providers.m = { check_url = 'http://example.com' }", "providers.m.check_url"),
            ("providers.m = { check_url = 'https://10.0.0.1/x' }", "providers.m.check_url"),
            ("providers.m = { check_url = 'https://[fd00::1]/x' }", "providers.m.check_url"),
            ("providers.m = { check_url = 'https://169.254.169.254/' }", "providers.m.check_url"),
            ("providers.m = { check_url = 'https://a:b@example.com' }", "providers.m.check_url"),
            ("providers.m = { check_url = 'https://e.com', key_header = 'a b' }", "providers.m.key_header"),
            (
                "providers.m = { check_url = 'https://e.com', key_prefix = \"a\\n\" }",
                "providers.m.key_prefix",
            ),
            ("providers.m = { url = 'https://e.com' }", "providers.m.url"),
            ("defaults.operator_key = 'sometimes'", "defaults.operator_key"),
            ("defaults.fallback_on_refusal = 'yes'", "defaults.fallback_on_refusal"),
            ("defaults.allow_unvalidated_keys = 1", "defaults.allow_unvalidated_keys"),
        ] {
            let mistakes = load(written).err().unwrap_or_else(|| panic!("{written} was taken"));
            assert!(mistakes.iter().any(|mistake| mistake.starts_with(place)), "{written}: {mistakes:?}");
        }
    }
}
