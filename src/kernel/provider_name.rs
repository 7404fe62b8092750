//! Names of providers: of those that users have keys of.

use std::borrow::Cow;
use std::fmt;

/// The longest name, in bytes.
const MOST_BYTES: usize = 32;

/// A provider's name: 1 to 32 of a-z, 0-9, _ and -, a letter first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderName(Cow<'static, str>);

/// A text that can't be a provider's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a provider's name is 1 to 32 of a-z, 0-9, _ and -, a letter first")]
pub struct BadProviderName;

impl ProviderName {
    /// The provider of voice sessions: the key of this name is the one that mints.
    pub const OPENAI: Self = Self(Cow::Borrowed("openai"));

    /// A name of the program's own.
    pub const fn known(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A name from outside.
    pub fn parse(text: &str) -> Result<Self, BadProviderName> {
        let fit = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
        let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
        if begins && text.len() <= MOST_BYTES && text.bytes().all(fit) {
            Ok(Self(Cow::Owned(text.to_owned())))
        } else {
            Err(BadProviderName)
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_names() {
        for good in ["openai", "a", "my-own_2", &"x".repeat(32)] {
            assert_eq!(ProviderName::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "2nd", "-a", "OpenAI", "a b", "a/b", "é", &"x".repeat(33)] {
            assert_eq!(ProviderName::parse(bad), Err(BadProviderName), "{bad:?}");
        }
    }
}
