//! A key as somebody enters it.

use secrecy::{ExposeSecret, SecretString};

/// The shortest key, in bytes: four of them are shown.
const LEAST_BYTES: usize = 20;

/// The longest key, in bytes.
const MOST_BYTES: usize = 512;

/// A key that may be stored and sent in a header: 20 to 512 bytes of printable ASCII without spaces.
#[derive(Debug)]
pub struct GivenKey(SecretString);

/// A text that is no key. Never quotes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key is 20 to 512 letters, digits and signs, without spaces; copy it from the provider as it is")]
pub struct BadKeyText;

impl GivenKey {
    /// A key, as it was typed or pasted; blanks around it are no part of it.
    pub fn parse(text: SecretString) -> Result<Self, BadKeyText> {
        let trimmed = text.expose_secret().trim();
        let fits = (LEAST_BYTES..=MOST_BYTES).contains(&trimmed.len())
            && trimmed.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(trimmed.to_owned().into())).ok_or(BadKeyText)
    }

    /// The key.
    pub fn text(&self) -> &SecretString {
        &self.0
    }

    /// As people may see it: the sign by which keys of its kind begin, where that is short, and its last four characters.
    pub fn mask(&self) -> String {
        let text = self.0.expose_secret();
        let kind = text.find(['-', '_']).filter(|end| *end <= 3).and_then(|end| text.get(..=end));
        let last = text.get(text.len().saturating_sub(4)..);
        format!("{}…{}", kind.unwrap_or_default(), last.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(text: &str) -> Result<GivenKey, BadKeyText> {
        GivenKey::parse(text.to_owned().into())
    }

    #[test]
    fn keys_are_shown_by_their_ends() {
        for (key, mask) in [
            ("sk-proj-0123456789abcd", "sk-…abcd"),
            ("AIzaSy0123456789-abcdefgh", "…efgh"),
            ("ck_pub_0123456789abcdef", "ck_…cdef"),
            ("8c5b1f2e-0123-4567-89ab-0123456789ab", "…89ab"),
            (" sk-0123456789abcdefghij\n", "sk-…ghij"),
        ] {
            assert_eq!(given(key).unwrap().mask(), mask);
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for bad in [
            "",
            "sk-short",
            "sk-0123456789 abcdefghij",
            "sk-0123456789é0123456789",
            "sk-0123456789\n0123456789",
            &"x".repeat(513),
        ] {
            assert_eq!(given(bad).err(), Some(BadKeyText), "{bad:?}");
        }
        assert!(given(&"x".repeat(512)).is_ok() && given(&"x".repeat(20)).is_ok());
        assert!(!format!("{:?}", given("sk-0123456789abcdefghij").unwrap()).contains("0123"));
    }
}
