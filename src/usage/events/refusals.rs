//! Refusals, as their counts grow.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::Refused;
use crate::kernel::clock::minute;
use crate::store::{RefusalRow, Store, StoreError};

/// Counts of minutes that are further back don't grow any more, as a rule.
const LOOK_BACK: TimeDelta = TimeDelta::minutes(2);

/// Rows that are looked at, the newest minutes first. Beyond, refusals are in the reports only.
const MOST_ROWS: u32 = 10_000;

/// Who was refused, and why: issuer, user and code.
type Who = (String, String, String);

/// How often each user was refused for each reason, as far as it was told.
#[derive(Debug)]
pub(super) struct RefusalCounts {
    from: DateTime<Utc>,
    told: HashMap<(Who, DateTime<Utc>), i64>,
}

impl RefusalCounts {
    /// Begins at `now`: what was counted by then counts as told.
    pub(super) async fn start(store: &dyn Store, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let mut counts = Self { from: first_minute(now), told: HashMap::new() };
        counts.look(store, now).await?;
        Ok(counts)
    }

    /// What has come to the counts since the last look, by user and code.
    pub(super) async fn grown(
        &mut self,
        store: &dyn Store,
        now: DateTime<Utc>,
    ) -> Result<Vec<Refused>, StoreError> {
        if self.from > now {
            // The clock was put back, by minutes: what is counted from now on comes before all that was told.
            *self = Self::start(store, now).await?;
            return Ok(Vec::new());
        }
        self.look(store, now).await
    }

    async fn look(&mut self, store: &dyn Store, now: DateTime<Utc>) -> Result<Vec<Refused>, StoreError> {
        // Never back, where the clock was put back a little: what is before was told.
        let from = first_minute(now).max(self.from);
        let rows = store.refusals_since(from, MOST_ROWS).await?;
        self.from = from;
        self.told.retain(|(_, minute), _| *minute >= from);
        let mut grown: BTreeMap<Who, i64> = BTreeMap::new();
        for RefusalRow { issuer, user_id, code, minute, count } in rows {
            let name = (issuer, user_id, code);
            let told = self.told.entry((name.clone(), minute)).or_default();
            // Less than before: the user was erased in between, and counting has begun again.
            let more = if count >= *told { count - *told } else { count };
            *told = count;
            if more > 0 {
                *grown.entry(name).or_default() += more;
            }
        }
        let refused = |((issuer, user_id, code), count)| Refused { at: now, issuer, user_id, code, count };
        Ok(grown.into_iter().map(refused).collect())
    }
}

/// The first minute that is looked at.
fn first_minute(now: DateTime<Utc>) -> DateTime<Utc> {
    minute(now - LOOK_BACK)
}
