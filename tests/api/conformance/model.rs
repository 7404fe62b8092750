//! The rolling hour, slow and obvious.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use ephemint::kernel::ids::MintId;
use ephemint::kernel::user::UserKey;
use ephemint::store::{Hour, Spent};

/// Asks in one batch at most.
pub(super) const MOST_IN_A_BATCH: i32 = 8;

/// Every mint that counts, by user.
#[derive(Debug)]
pub(super) struct Model {
    mints: HashMap<UserKey, Vec<(MintId, DateTime<Utc>)>>,
    latest: HashMap<UserKey, DateTime<Utc>>,
    /// What tells mints of one moment apart.
    tick: TimeDelta,
}

impl Model {
    pub(super) fn new(tick: TimeDelta) -> Self {
        Self { mints: HashMap::new(), latest: HashMap::new(), tick }
    }

    /// Checks an answer of the store against what has been answered before, and remembers it.
    pub(super) fn check(
        &mut self,
        user: UserKey,
        id: MintId,
        limit: u16,
        clock: DateTime<Utc>,
        spent: &Spent,
    ) -> Result<(), String> {
        let (granted, hour) = match spent {
            Spent::Granted(hour) => (true, hour),
            Spent::Refused(hour) => (false, hour),
            Spent::Otherwise(_) => return Err("the user was not known to stand otherwise".to_owned()),
        };
        self.check_time(user, clock, hour.at)?;
        let before = self.counting(user, hour.at);
        let room = before.len() < usize::from(limit);
        if granted != room {
            return Err(format!(
                "granted: {granted}, but {} of {limit} counted at {}",
                before.len(),
                hour.at
            ));
        }
        if granted {
            let mints = self.mints.entry(user).or_default();
            let stamp = mints.last().map_or(hour.at, |(_, last)| hour.at.max(*last + self.tick));
            mints.push((id, stamp));
        }
        let expected = self.hour(user, hour.at, limit);
        if *hour != expected {
            return Err(format!("{hour:?} instead of {expected:?}"));
        }
        Ok(())
    }

    pub(super) fn refund(&mut self, id: MintId) {
        self.mints.values_mut().for_each(|mints| mints.retain(|(known, _)| *known != id));
    }

    /// The stamps that count at `at`, oldest first.
    pub(super) fn counting(&self, user: UserKey, at: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let stamps = self.mints.get(&user).into_iter().flatten().map(|(_, stamp)| *stamp);
        stamps.filter(|stamp| *stamp > at - TimeDelta::hours(1)).collect()
    }

    /// For one user time never goes back behind a mint, and it goes on only as far as it must.
    fn check_time(&mut self, user: UserKey, clock: DateTime<Utc>, at: DateTime<Utc>) -> Result<(), String> {
        let mint =
            self.mints.get(&user).and_then(|mints| mints.last()).map(|(_, stamp)| *stamp).unwrap_or_default();
        // Refusals and refunded mints may hold time back, and may not.
        let latest = self.latest.entry(user).or_default();
        let most = clock.max(*latest).max(mint) + self.tick;
        *latest = at.max(*latest);
        // A batch may be decided at one moment, while its mints are a tick apart.
        let least = clock.max(mint - self.tick * MOST_IN_A_BATCH);
        if at < least || at > most {
            return Err(format!("decided at {at}, the clock being at {clock}, the last mint at {mint}"));
        }
        Ok(())
    }

    fn hour(&self, user: UserKey, at: DateTime<Utc>, limit: u16) -> Hour {
        let stamps = self.counting(user, at);
        // One more becomes possible than now when so many have left that the rest and one more fit.
        let leaving = (stamps.len() + 1).saturating_sub(usize::from(limit)).max(1);
        let next_free = stamps.get(leaving - 1).map(|stamp| *stamp + TimeDelta::hours(1));
        Hour { at, used: u32::try_from(stamps.len()).unwrap(), next_free }
    }
}
