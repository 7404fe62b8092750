//! Who somebody is: the issuer and subject of a verified token, and the digest that the tables are keyed by.

use aws_lc_rs::digest;

/// The longest issuer or subject, in bytes.
pub const MAX_NAME_BYTES: usize = 255;

/// A person, named by the issuer and the subject of a verified JWT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// What the hot tables are keyed by.
    pub key: UserKey,
    /// The `iss` of the token; empty where it had none.
    pub issuer: String,
    /// The `sub` as it came, 1 to 255 bytes without control characters; `issuer|sub` where there are several issuers.
    pub id: String,
}

/// A name that is not fit to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an issuer or subject is empty, longer than 255 bytes or has control characters")]
pub struct BadName;

impl User {
    /// A user by issuer (may be empty) and subject (may not).
    pub fn new(issuer: &str, subject: &str) -> Result<Self, BadName> {
        if subject.is_empty() || !storable(issuer) || !storable(subject) {
            return Err(BadName);
        }
        Ok(Self { key: UserKey::of(issuer, subject), issuer: issuer.to_owned(), id: subject.to_owned() })
    }

    /// The same user under a name that tells them from their namesakes at other issuers.
    pub fn qualified(issuer: &str, subject: &str) -> Result<Self, BadName> {
        Self::new(issuer, subject).map(|user| Self { id: format!("{issuer}|{subject}"), ..user })
    }
}

impl User {
    /// The `sub` of the user's tokens, whether or not their id has the issuer before it.
    pub fn subject(&self) -> &str {
        let rest = self.id.strip_prefix(&self.issuer).and_then(|rest| rest.strip_prefix('|'));
        let is_theirs = |subject: &&str| UserKey::of(&self.issuer, subject) == self.key;
        rest.filter(is_theirs).unwrap_or(&self.id)
    }
}

fn storable(name: &str) -> bool {
    name.len() <= MAX_NAME_BYTES && !name.chars().any(char::is_control)
}

/// SHA-256 of the length-prefixed issuer and subject: fixed in size, and no two users share one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserKey([u8; 32]);

impl UserKey {
    fn of(issuer: &str, subject: &str) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in [issuer, subject] {
            // The prefix keeps ("ab", "c") apart from ("a", "bc").
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut key = [0; 32];
        key.copy_from_slice(context.finish().as_ref());
        Self(key)
    }

    /// A key that was read from a database or a cursor.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().map(Self).ok()
    }

    /// The digest's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for UserKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UserKey({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_border_between_issuer_and_subject_counts() {
        assert_ne!(User::new("ab", "c").unwrap().key, User::new("a", "bc").unwrap().key);
        assert_eq!(User::new("ab", "c").unwrap().key, User::new("ab", "c").unwrap().key);
    }

    #[test]
    fn a_qualified_name_is_the_same_user() {
        let (plain, qualified) =
            (User::new("https://a", "ana").unwrap(), User::qualified("https://a", "ana").unwrap());
        assert_eq!((plain.key, plain.id.as_str()), (qualified.key, "ana"));
        assert_eq!(qualified.id, "https://a|ana");
        assert_eq!((plain.subject(), qualified.subject()), ("ana", "ana"));
        assert_eq!(User::new("a", "a|b").unwrap().subject(), "a|b");
    }

    #[test]
    fn names_that_would_poison_a_batch_are_refused() {
        let long = "é".repeat(128);
        for bad in ["", "a\0b", "a\nb", "a\u{85}b", &long] {
            assert_eq!(User::new("https://issuer.example", bad), Err(BadName), "{bad:?}");
        }
        assert!(User::new("", &"x".repeat(255)).is_ok());
    }
}
