//! The end of the ledger, as it grows.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::kernel::ids::MintId;
use crate::store::{LedgerRow, Outcome, Store, StoreError};

/// Ids are made before their rows, by machines whose clocks differ: a row may come so much later than its place.
const LOOK_BACK: TimeDelta = TimeDelta::seconds(60);

/// A mint that is pending for longer was left behind by a server that is no more, and is shown as it is.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);

/// Rows that are read at once.
const PAGE: u32 = 1000;

/// What of the ledger was shown already.
#[derive(Debug)]
pub(super) struct Tail {
    /// Every row before this one was shown.
    from: MintId,
    /// Those from there on that were shown too.
    shown: BTreeSet<MintId>,
}

impl Tail {
    /// Begins with the newest mints, oldest first.
    pub(super) async fn start(
        store: &dyn Store,
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<(Self, Vec<LedgerRow>), StoreError> {
        let mut tail = Self { from: MintId::before(now - LOOK_BACK), shown: BTreeSet::new() };
        // What has ended by now is shown as one of the newest, or not at all.
        tail.ended(store, now).await?;
        let mut newest = store.newest(limit).await?;
        newest.retain(|row| has_ended(row, now));
        newest.reverse();
        tail.shown.extend(newest.iter().map(|row| row.id));
        Ok((tail, newest))
    }

    /// The mints that have ended and were not shown yet, each once.
    pub(super) async fn ended(
        &mut self,
        store: &dyn Store,
        now: DateTime<Utc>,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let mut fresh = Vec::new();
        let mut next = MintId::before(now - LOOK_BACK);
        let mut from = self.from;
        loop {
            let page = store.since(from, PAGE).await?;
            let last = page.last().map(|row| row.id);
            let whole = page.len() < PAGE as usize;
            for row in page {
                if !has_ended(&row, now) {
                    next = next.min(row.id);
                } else if self.shown.insert(row.id) {
                    fresh.push(row);
                }
            }
            match last {
                Some(last) if !whole => from = last,
                _ => break,
            }
        }
        self.from = next;
        self.shown = self.shown.split_off(&next);
        Ok(fresh)
    }
}

fn has_ended(row: &LedgerRow, now: DateTime<Utc>) -> bool {
    row.outcome != Outcome::Pending.as_str() || now - row.created_at > PATIENCE
}
