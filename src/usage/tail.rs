//! The end of the ledger, as it grows: each mint once, when it has ended.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::kernel::ids::MintId;
use crate::store::{LedgerRow, Outcome, Store, StoreError};

/// Ids are made before their rows, by machines whose clocks differ: a row may come so much later than its place.
const LOOK_BACK: TimeDelta = TimeDelta::seconds(60);

/// A mint that is pending for longer was left behind by a server that is no more, and is told as it is.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);

/// Rows that are read at once.
const PAGE: u32 = 1000;

/// What of the ledger was told already.
#[derive(Debug)]
pub struct Tail {
    /// Every row before this one was told.
    from: MintId,
    /// Those from there on that were told too.
    told: BTreeSet<MintId>,
}

impl Tail {
    /// Begins at `now`: what has ended by then counts as told.
    pub async fn start(store: &dyn Store, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let mut tail = Self { from: MintId::before(now - LOOK_BACK), told: BTreeSet::new() };
        tail.look(store, now).await?;
        Ok(tail)
    }

    /// Begins with the newest mints, oldest first, at most `limit` of them.
    pub async fn start_with_newest(
        store: &dyn Store,
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<(Self, Vec<LedgerRow>), StoreError> {
        // What has ended by now is told as one of the newest, or not at all.
        let mut tail = Self::start(store, now).await?;
        let mut newest = store.newest(limit).await?;
        newest.retain(|row| has_ended(row, now));
        newest.reverse();
        tail.told.extend(newest.iter().map(|row| row.id));
        Ok((tail, newest))
    }

    /// Every mint before this one was told, and none of them is told again.
    pub fn told_until(&self) -> MintId {
        self.from
    }

    /// The mints that have ended and were not told yet, in the order of their ids. After an error none of them counts as told.
    pub async fn ended(
        &mut self,
        store: &dyn Store,
        now: DateTime<Utc>,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        if self.from > MintId::before(now) {
            // The clock was put back, by minutes: what is made from now on comes before all that was told.
            *self = Self::start(store, now).await?;
            return Ok(Vec::new());
        }
        self.look(store, now).await
    }

    async fn look(&mut self, store: &dyn Store, now: DateTime<Utc>) -> Result<Vec<LedgerRow>, StoreError> {
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
                } else if !self.told.contains(&row.id) {
                    fresh.push(row);
                }
            }
            match last {
                // The last row comes again, as the first of the next page.
                Some(last) if !whole => from = last,
                _ => break,
            }
        }
        fresh.dedup_by_key(|row| row.id);
        self.told.extend(fresh.iter().map(|row| row.id));
        // Never back, where the clock was put back a little: those before were told.
        self.from = self.from.max(next);
        self.told = self.told.split_off(&self.from);
        Ok(fresh)
    }
}

/// The mints from an id on that have ended, oldest first, and whether there may be more than were read.
pub(super) async fn ended_since(
    store: &dyn Store,
    from: MintId,
    now: DateTime<Utc>,
) -> Result<(Vec<LedgerRow>, bool), StoreError> {
    let mut page = store.since(from, PAGE).await?;
    let is_full = page.len() == PAGE as usize;
    page.retain(|row| has_ended(row, now));
    Ok((page, is_full))
}

fn has_ended(row: &LedgerRow, now: DateTime<Utc>) -> bool {
    row.outcome != Outcome::Pending.as_str() || now - row.created_at > PATIENCE
}
