//! The client secrets that were minted, and what each opens.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use serde_json::Value;

/// How many are remembered; then the oldest is forgotten, expired or not.
const LIMIT: usize = 100_000;

/// What a client secret opens.
#[derive(Debug)]
pub(crate) struct Secret {
    /// The account that minted it and pays.
    pub(crate) account: String,
    /// The session it was minted for, as it was told back.
    pub(crate) session: Value,
    /// When it opens nothing more.
    pub(crate) expires: DateTime<Utc>,
}

impl Secret {
    /// The session that it opens, under an id of its own.
    pub(crate) fn session_as(&self, id: &str) -> Value {
        let mut session = self.session.clone();
        if let Some(own) = session.get_mut("id") {
            *own = id.into();
        }
        session
    }

    /// Whether it opens translations, and nothing else.
    pub(crate) fn translates(&self) -> bool {
        self.session.get("type").is_some_and(|kind| kind == "translation")
    }
}

/// The client secrets that have not expired, by their values.
#[derive(Debug, Default)]
pub(crate) struct Secrets(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    by_value: HashMap<String, Arc<Secret>>,
    /// The values in the order of their minting. Lives differ, so an expired one may wait behind others.
    order: VecDeque<String>,
}

impl Secrets {
    /// Remembers a secret.
    pub(crate) fn put(&self, value: String, secret: Secret, now: DateTime<Utc>) {
        let mut kept = self.kept();
        kept.order.push_back(value.clone());
        kept.by_value.insert(value, Arc::new(secret));
        while let Some(oldest) = kept.order.front() {
            let stays = kept.by_value.get(oldest).is_some_and(|secret| secret.expires > now);
            if stays && kept.order.len() <= LIMIT {
                break;
            }
            if let Some(value) = kept.order.pop_front() {
                kept.by_value.remove(&value);
            }
        }
    }

    /// What a secret opens, unless it has expired.
    pub(crate) fn of(&self, value: &str, now: DateTime<Utc>) -> Option<Arc<Secret>> {
        self.kept().by_value.get(value).filter(|secret| secret.expires > now).cloned()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use serde_json::json;

    use super::{LIMIT, Secret, Secrets};

    #[test]
    fn a_secret_is_known_until_it_expires_and_forgotten_then() {
        let start = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let at = |seconds| start + TimeDelta::seconds(seconds);
        let secrets = Secrets::default();
        let put = |value: &str, now, expires| {
            let secret = Secret { account: "ana".into(), session: json!({}), expires };
            secrets.put(value.into(), secret, now);
        };
        let sizes = || {
            let kept = secrets.kept();
            (kept.by_value.len(), kept.order.len())
        };
        put("ek_long", at(0), at(100));
        put("ek_short", at(0), at(10));
        assert!(secrets.of("ek_long", at(99)).is_some() && secrets.of("ek_short", at(9)).is_some());
        assert!(secrets.of("ek_long", at(100)).is_none() && secrets.of("ek_short", at(10)).is_none());
        assert!(secrets.of("ek_other", at(0)).is_none());

        put("ek_next", at(100), at(200));
        assert_eq!(sizes(), (1, 1));

        for number in 0..LIMIT {
            put(&format!("ek_{number}"), at(100), at(200));
        }
        assert_eq!(sizes(), (LIMIT, LIMIT));
        assert!(secrets.of("ek_next", at(100)).is_none() && secrets.of("ek_0", at(100)).is_some());
    }
}
