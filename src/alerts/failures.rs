//! Refused credentials, by address and minute. They wait here until they are written, so that a guess costs the store nothing.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use crate::kernel::clock::minute;
use crate::limit::network;
use crate::store;

/// Addresses and minutes that are kept at most. Whoever has more addresses than that is no longer told apart by them.
const MOST: usize = 5_000;

/// What waits to be written.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<HashMap<(IpAddr, DateTime<Utc>), u32>>);

impl Failures {
    /// One more.
    pub(super) fn count(&self, address: IpAddr, at: DateTime<Utc>) {
        self.add(network(address), minute(at), 1);
    }

    fn add(&self, address: IpAddr, minute: DateTime<Utc>, count: u32) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (address, minute);
        if counts.len() < MOST || counts.contains_key(&key) {
            let known = counts.entry(key).or_default();
            *known = known.saturating_add(count);
        }
    }

    /// All that waits; nothing waits after that.
    pub(super) fn take(&self) -> Taken<'_> {
        let counts = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        Taken { failures: self, counts }
    }
}

/// What is being written.
pub(super) struct Taken<'f> {
    failures: &'f Failures,
    counts: HashMap<(IpAddr, DateTime<Utc>), u32>,
}

impl Taken<'_> {
    pub(super) fn rows(&self) -> Vec<store::Failures> {
        let row = |(&(address, minute), &count): (&(IpAddr, DateTime<Utc>), &u32)| store::Failures {
            address: name(address),
            minute,
            count,
        };
        self.counts.iter().map(row).collect()
    }

    /// It could not be written, and waits again.
    pub(super) fn put_back(self) {
        for ((address, minute), count) in self.counts {
            self.failures.add(address, minute, count);
        }
    }
}

/// IPv4 whole, IPv6 by its network.
fn name(network: IpAddr) -> String {
    match network {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{address}/64"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(failures: &Failures) -> Vec<(String, String, u32)> {
        let rows = failures.take().rows();
        let mut rows: Vec<_> =
            rows.into_iter().map(|row| (row.address, row.minute.to_rfc3339(), row.count)).collect();
        rows.sort();
        rows
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_is_counted_by_the_minute() {
        let failures = Failures::default();
        let home: IpAddr = "2001:db8::1".parse().unwrap();
        let neighbour: IpAddr = "2001:db8::ffff:2".parse().unwrap();
        failures.count(home, at("2026-11-20T12:00:00.5Z"));
        failures.count(neighbour, at("2026-11-20T12:00:59.9Z"));
        failures.count("192.0.2.1".parse().unwrap(), at("2026-11-20T12:01:00Z"));
        let row = |address: &str, minute: &str, count| (address.to_owned(), minute.to_owned(), count);
        let expected = [
            row("192.0.2.1", "2026-11-20T12:01:00+00:00", 1),
            row("2001:db8::/64", "2026-11-20T12:00:00+00:00", 2),
        ];
        failures.take().put_back();
        assert_eq!(rows(&failures), expected);
        assert_eq!(rows(&failures), []);
    }

    #[test]
    fn no_flood_takes_more_memory_than_there_is_room() {
        let failures = Failures::default();
        for n in 0..2 * MOST as u32 {
            failures.count(IpAddr::from(n.to_be_bytes()), at("2026-11-20T12:00:00Z"));
        }
        failures.count(IpAddr::from(0_u32.to_be_bytes()), at("2026-11-20T12:00:30Z"));
        let rows = rows(&failures);
        assert_eq!(rows.len(), MOST);
        assert!(rows.contains(&("0.0.0.0".to_owned(), "2026-11-20T12:00:00+00:00".to_owned(), 2)));
    }
}
