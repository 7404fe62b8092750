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
