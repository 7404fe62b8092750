//! What is so at a moment, rather than counted as it happens.

use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Metrics, Reload};

impl Metrics {
    /// So many statements wait for their turn on this way to the database; its name is from a fixed list.
    pub fn store_waiting(&self, lane: &'static str, count: usize) {
        self.lane_waiting.get_or_create(&[("lane", lane)]).set(whole(count));
    }

    /// Of this way's connections so many are open, so many of those do nothing, and so many may be open.
    pub fn store_connections(&self, lane: &'static str, open: usize, idle: usize, most: usize) {
        let lane = ("lane", lane);
        for (state, count) in [("busy", open.saturating_sub(idle)), ("idle", idle)] {
            self.connections.get_or_create(&[lane, ("state", state)]).set(whole(count));
        }
        self.most_connections.get_or_create(&[lane]).set(whole(most));
    }

    /// Whether there is a key set to check this issuer's tokens by.
    pub fn key_set_usable(&self, issuer: &str, usable: bool) {
        self.key_set_usable.get_or_create(&[("issuer", issuer.to_owned())]).set(i64::from(usable));
    }

    /// How old this issuer's key set is, and how long it is good by its issuer.
    pub fn key_set_age(&self, issuer: &str, age: Duration, fresh_for: Duration) {
        let label = [("issuer", issuer.to_owned())];
        self.key_set_age.get_or_create(&label).set(age.as_secs_f64());
        self.key_set_fresh_for.get_or_create(&label).set(fresh_for.as_secs_f64());
    }

    /// So many bursts of this kind are kept in memory; `kind` is from a fixed list.
    pub fn burst_keys(&self, kind: &'static str, count: usize) {
        self.burst_keys.get_or_create(&[("kind", kind)]).set(whole(count));
    }

    /// The policy of this version is in force, with these roles and their models.
    pub fn policy_in_force<'n>(&self, version: &str, names: impl IntoIterator<Item = (&'n str, &'n str)>) {
        self.policy_version.clear();
        self.policy_version.get_or_create(&[("version", version.to_owned())]).set(1);
        self.mints.put_in_force(names);
    }

    /// A changed policy was looked at.
    pub fn policy_reload(&self, reload: Reload) {
        self.policy_reloads.get_or_create(&[("result", reload.as_str())]).inc();
        self.policy_refused.set(i64::from(reload == Reload::Refused));
    }

    /// When the process started.
    pub fn started(&self, at: DateTime<Utc>) {
        self.process.started_at.store(u64::try_from(at.timestamp()).unwrap_or_default(), Ordering::Relaxed);
    }

    /// Whether the store answered.
    pub fn store_answered(&self, answered: bool) {
        self.store_up.set(i64::from(answered));
    }

    /// So many mints wait to be entered in the ledger.
    pub fn unentered_mints(&self, count: usize) {
        self.unentered_mints.set(whole(count));
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
