//! Whose key pays.

use bytes::Bytes;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use crate::net::header::HeaderValue;

/// Who pays for a token.
#[derive(Debug, Clone, Copy)]
pub enum Account<'k> {
    /// The operator, with the key, organization and project of the settings.
    Operator,
    /// A user, with a key of their own.
    User(&'k ApiKey),
}

/// A key, ready to be sent. It is wiped when the last request that carries it is over; what the connection has written by then
/// is out of our hands.
#[derive(Debug, Clone)]
pub struct ApiKey(HeaderValue);

impl ApiKey {
    /// A key in its own words; none where a header can't carry it.
    pub fn new(key: &SecretString) -> Option<Self> {
        let key = key.expose_secret();
        let mut value = Zeroizing::new(Vec::with_capacity("Bearer ".len() + key.len()));
        value.extend_from_slice(b"Bearer ");
        value.extend_from_slice(key.as_bytes());
        let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(value)).ok()?;
        value.set_sensitive(true);
        Some(Self(value))
    }

    pub(super) fn bearer(&self) -> HeaderValue {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_sent_and_not_shown() {
        let key = ApiKey::new(&"sk-of-somebody".to_owned().into()).unwrap();
        assert_eq!(key.bearer(), "Bearer sk-of-somebody");
        assert!(!format!("{key:?}").contains("somebody"));
        assert!(ApiKey::new(&"sk-\nHost: elsewhere".to_owned().into()).is_none());
    }
}
