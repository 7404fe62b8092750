//! The rolling hours as far as this process has seen them: what decides while the store can't.
//!
//! It knows what this process granted in the last hour, through the store or by itself. It doesn't know what others granted.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::WINDOW_SECONDS;
use crate::kernel::clock::Clock;
use crate::kernel::ids::MintId;
use crate::kernel::user::UserKey;
use crate::store::{Ask, Hour, Spent};

/// Users remembered at most. One more is not remembered while the store answers, and is refused while it doesn't.
const MOST_USERS: usize = 100_000;

const WINDOW_MS: i64 = WINDOW_SECONDS as i64 * 1000;

/// What each user spent here within the last hour.
#[derive(Debug)]
pub(super) struct Memory {
    users: Mutex<HashMap<UserKey, Stamps>>,
    clock: Arc<dyn Clock>,
    /// The latest time that anything was decided at. The clock may be set back; what has left an hour must not come back
    /// into it, for it is forgotten.
    latest: AtomicI64,
}

/// Mints that count, oldest first.
#[derive(Debug, Default)]
struct Stamps(Vec<Stamp>);

#[derive(Debug, Clone, Copy)]
struct Stamp {
    at: i64,
    id: MintId,
}

impl Memory {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { users: Mutex::default(), clock, latest: AtomicI64::new(i64::MIN) }
    }

    /// Remembers a mint that the store granted.
    pub(super) fn saw(&self, user: &UserKey, id: MintId) {
        let now = self.now();
        let mut users = self.users();
        if let Some(stamps) = stamps(&mut users, user) {
            let mut window = stamps.at(now);
            self.latest.fetch_max(window.now, Ordering::Relaxed);
            window.push(id);
        }
    }

    /// Takes one from the hour, or refuses to; none where there is no room for another user.
    pub(super) fn spend(&self, ask: &Ask) -> Option<Spent> {
        let now = self.now();
        let mut users = self.users();
        let mut window = stamps(&mut users, &ask.user.key)?.at(now);
        self.latest.fetch_max(window.now, Ordering::Relaxed);
        let limit = usize::from(ask.hourly_limit);
        if window.stamps.len() >= limit {
            return window.hour(limit).map(Spent::Refused);
        }
        window.push(ask.id);
        window.hour(limit).map(Spent::Granted)
    }

    /// Forgets a mint of which surely nothing was handed out. Done twice it does nothing more.
    pub(super) fn give_back(&self, user: &UserKey, id: MintId) {
        if let Some(stamps) = self.users().get_mut(user) {
            stamps.0.retain(|stamp| stamp.id != id);
        }
    }

    /// Forgets users who spent nothing in the last hour.
    pub(super) fn forget_idle(&self) {
        let now = self.now();
        let mut users = self.users();
        users.retain(|_, stamps| stamps.0.last().is_some_and(|last| last.at > now - WINDOW_MS));
        users.shrink_to_fit();
    }

    fn now(&self) -> i64 {
        let clock = self.clock.now().timestamp_millis();
        self.latest.fetch_max(clock, Ordering::Relaxed).max(clock)
    }

    fn users(&self) -> MutexGuard<'_, HashMap<UserKey, Stamps>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stamps<'a>(users: &'a mut HashMap<UserKey, Stamps>, user: &UserKey) -> Option<&'a mut Stamps> {
    let full = users.len() >= MOST_USERS;
    match users.entry(*user) {
        Entry::Occupied(known) => Some(known.into_mut()),
        Entry::Vacant(free) => (!full).then(|| free.insert(Stamps::default())),
    }
}

impl Stamps {
    /// The hour that ends now. As in the stores, each mint of a user has a stamp of its own.
    fn at(&mut self, clock: i64) -> Window<'_> {
        let now = self.0.last().map_or(clock, |last| clock.max(last.at + 1));
        self.0.retain(|stamp| stamp.at > now - WINDOW_MS);
        Window { now, stamps: &mut self.0 }
    }
}

struct Window<'a> {
    now: i64,
    stamps: &'a mut Vec<Stamp>,
}

impl Window<'_> {
    fn push(&mut self, id: MintId) {
        self.stamps.push(Stamp { at: self.now, id });
    }

    fn hour(&self, limit: usize) -> Option<Hour> {
        let time = DateTime::<Utc>::from_timestamp_millis;
        let frees = self.stamps.get(self.stamps.len().saturating_sub(limit));
        Some(Hour {
            at: time(self.now)?,
            used: u32::try_from(self.stamps.len()).unwrap_or(u32::MAX),
            next_free: frees.and_then(|stamp| time(stamp.at + WINDOW_MS)),
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::super::sample::ask;
    use super::*;
    use crate::kernel::clock::ManualClock;
    use crate::kernel::user::User;

    fn memory() -> (Memory, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_790_000_000, 0).unwrap()));
        (Memory::new(clock.clone()), clock)
    }

    #[test]
    fn no_more_users_are_remembered_than_there_is_room_for() {
        let (memory, clock) = memory();
        for n in 0..MOST_USERS {
            memory.saw(&User::new("", &n.to_string()).unwrap().key, MintId::FIRST);
        }
        let late = ask("late", 10);
        memory.saw(&late.user.key, late.id);
        assert_eq!(memory.spend(&late), None, "who can't be remembered gets nothing");
        assert!(matches!(memory.spend(&ask("7", 10)), Some(Spent::Granted(hour)) if hour.used == 2));
        clock.advance(TimeDelta::hours(1));
        memory.forget_idle();
        assert_eq!(memory.users().len(), 1);
        assert!(matches!(memory.spend(&late), Some(Spent::Granted(hour)) if hour.used == 1));
    }

    #[derive(Debug, Clone)]
    enum Step {
        Spend(u16),
        Saw,
        Forward(i64),
        Back(i64),
        GiveBack(prop::sample::Index),
        Forget,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            8 => (0_u16..6).prop_map(Step::Spend),
            2 => Just(Step::Saw),
            4 => prop_oneof![0_i64..5, 1_000_i64..600_000, 3_599_990_i64..3_600_010].prop_map(Step::Forward),
            1 => (0_i64..1_800_000).prop_map(Step::Back),
            2 => any::<prop::sample::Index>().prop_map(Step::GiveBack),
            1 => Just(Step::Forget),
        ]
    }

    proptest! {
        /// Against every grant ever made, slow and obvious.
        #[test]
        fn there_is_never_one_more_in_any_hour(steps in prop::collection::vec(step(), 1..80)) {
            let (memory, clock) = memory();
            let mut counting: Vec<(MintId, DateTime<Utc>)> = Vec::new();
            for step in steps {
                match step {
                    Step::Spend(limit) => {
                        let ask = ask("ana", limit);
                        let (granted, hour) = match memory.spend(&ask).unwrap() {
                            Spent::Granted(hour) => (true, hour),
                            Spent::Refused(hour) => (false, hour),
                            Spent::Otherwise(held) => panic!("memory looks nothing up: {held:?}"),
                        };
                        let live = counting.iter().filter(|(_, at)| *at > hour.at - TimeDelta::hours(1)).count();
                        prop_assert_eq!(granted, live < usize::from(limit));
                        prop_assert_eq!(hour.used as usize, live + usize::from(granted));
                        if granted {
                            counting.push((ask.id, hour.at));
                        }
                    }
                    Step::Saw => {
                        let ask = ask("ana", 0);
                        memory.saw(&ask.user.key, ask.id);
                        let at = memory.users()[&ask.user.key].0.last().unwrap().at;
                        counting.push((ask.id, DateTime::from_timestamp_millis(at).unwrap()));
                    }
                    Step::Forward(millis) => clock.advance(TimeDelta::milliseconds(millis)),
                    Step::Back(millis) => clock.advance(TimeDelta::milliseconds(-millis)),
                    Step::GiveBack(which) if !counting.is_empty() => {
                        let (id, _) = counting.remove(which.index(counting.len()));
                        memory.give_back(&ask("ana", 0).user.key, id);
                    }
                    Step::GiveBack(_) => {}
                    Step::Forget => memory.forget_idle(),
                }
            }
        }
    }
}
