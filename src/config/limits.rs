//! Bursts, whose word on a request's origin is believed, and what happens without the store.

use std::num::NonZeroU32;

use super::reader::Reader;
use crate::http::TrustedProxies;
use crate::limit::{BurstSettings, MAX_BATCH, OnStoreError, Settings};

const PER_USER: u64 = 5;
const PER_ADDRESS: u64 = 50;
const PER_SERVICE: u64 = 20;
const MOST: u64 = 100_000;

/// What holds requests back beside the policy.
#[derive(Debug, Clone)]
pub struct Limits {
    /// `BURST_PER_USER`, `BURST_PER_IP` and `BURST_PER_SERVICE`
    pub bursts: BurstSettings,
    /// `TRUSTED_PROXIES`
    pub proxies: TrustedProxies,
    /// `STORE_MAX_BATCH` and `RATE_LIMIT_ON_STORE_ERROR`
    pub store: Settings,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bursts: BurstSettings {
                per_user: per_second(PER_USER),
                per_address: per_second(PER_ADDRESS),
                per_service: per_second(PER_SERVICE),
            },
            proxies: TrustedProxies::default(),
            store: Settings::default(),
        }
    }
}

impl Limits {
    /// Reads them.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let per_user = reader.number("BURST_PER_USER", 0..=MOST, PER_USER);
        let per_address = reader.number("BURST_PER_IP", 0..=MOST, PER_ADDRESS);
        let per_service = reader.number("BURST_PER_SERVICE", 0..=MOST, PER_SERVICE);
        let proxies = proxies(reader);
        let words = [("deny", OnStoreError::Deny), ("allow", OnStoreError::Allow)];
        let max_batch = reader.number("STORE_MAX_BATCH", 1..=MAX_BATCH as u64, MAX_BATCH as u64);
        let on_store_error = reader.choice("RATE_LIMIT_ON_STORE_ERROR", &words);
        Some(Self {
            bursts: BurstSettings {
                per_user: per_second(per_user?),
                per_address: per_second(per_address?),
                per_service: per_second(per_service?),
            },
            proxies: proxies?,
            store: Settings { max_batch: max_batch? as usize, on_store_error: on_store_error? },
        })
    }
}

/// 0 means: no limit.
fn per_second(number: u64) -> Option<NonZeroU32> {
    u32::try_from(number).ok().and_then(NonZeroU32::new)
}

fn proxies(reader: &mut Reader<'_>) -> Option<TrustedProxies> {
    let mut proxies = TrustedProxies::default();
    let mut good = true;
    for written in reader.list("TRUSTED_PROXIES") {
        if let Err(error) = proxies.add(written) {
            let mend = "write addresses and networks with commas between them, such as 10.0.0.0/8, 192.0.2.7";
            let _: Option<()> = reader.wrong("TRUSTED_PROXIES", format!("`{written}`: {error}"), mend);
            good = false;
        }
    }
    good.then_some(proxies)
}
