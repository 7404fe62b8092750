//! Acts that wait to be written down.
//!
//! Refusals are counted by the minute, and only so many kinds of them are told apart: strangers can ask as often as they
//! like, and the audit trail grows by so many rows a minute at most.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::kernel::code::Code;
use crate::kernel::service::ServiceName;
use crate::kernel::user::{User, UserKey};
use crate::store::{Act, Action, Actor, Origin};

/// Kinds of refusals that are told apart in a minute. Beyond, nobody is named any more.
const MOST_KINDS: usize = 100;

/// Acts that wait at most while they can't be written. Beyond, the new ones are only in the log.
const MOST_WAITING: usize = 10_000;

/// What refusals are counted by.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Kind {
    actor: &'static str,
    user: Option<UserKey>,
    backend: Option<ServiceName>,
    action: Action,
    target: Option<UserKey>,
    /// Bounded, as the rest is: of requests it has the pattern of their address, of decisions it is left out.
    request: Option<String>,
    code: Option<Code>,
}

impl Kind {
    fn of(act: &Act) -> Self {
        Self {
            actor: act.origin.actor.as_str(),
            user: act.origin.actor.user().map(|user| user.key),
            backend: act.origin.actor.backend().cloned(),
            action: act.action,
            target: act.target.as_ref().map(|user| user.key),
            request: act.detail.clone().filter(|_| act.action == Action::Request),
            code: act.refused,
        }
    }
}

/// Filled by requests, emptied by a job. Nobody waits for either.
#[derive(Debug, Default)]
pub struct Journal(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    /// To be written as they are.
    ready: Vec<Act>,
    /// Refusals of the current minute, by kind; each with the first of its kind.
    counting: HashMap<Kind, Act>,
}

impl Journal {
    /// Takes an act that is to be written as it is.
    pub(super) fn note(&self, act: Act) {
        self.waiting().add(act);
    }

    /// Takes a refusal, to be counted with its like.
    pub(super) fn count(&self, act: Act) {
        let mut waiting = self.waiting();
        let is_new = !waiting.counting.contains_key(&Kind::of(&act));
        let act = if is_new && waiting.counting.len() >= MOST_KINDS { unnamed(act) } else { act };
        let first = waiting.counting.entry(Kind::of(&act)).or_insert(Act { count: 0, ..act });
        first.count = first.count.saturating_add(1);
    }

    /// What can be written at this time: refusals when a minute is over since the first of their kind. Without a time,
    /// everything.
    pub(super) fn take(&self, now: Option<DateTime<Utc>>) -> Taken<'_> {
        let mut waiting = self.waiting();
        let is_over = |act: &Act| now.is_none_or(|now| now - act.at >= TimeDelta::minutes(1));
        let over: Vec<Act> = waiting.counting.extract_if(|_, act| is_over(act)).map(|(_, act)| act).collect();
        over.into_iter().for_each(|act| waiting.add(act));
        Taken { journal: self, acts: std::mem::take(&mut waiting.ready) }
    }

    /// Forgets who it was, where it was this user.
    pub(super) fn forget(&self, user: &User) {
        let mut waiting = self.waiting();
        let is_theirs = |act: &Act| {
            act.origin.actor.user().is_some_and(|actor| actor.key == user.key)
                || act.target.as_ref().is_some_and(|target| target.key == user.key)
        };
        let counted: Vec<Act> =
            waiting.counting.extract_if(|_, act| is_theirs(act)).map(|(_, act)| act).collect();
        let noted: Vec<Act> = waiting.ready.extract_if(.., |act| is_theirs(act)).collect();
        counted.into_iter().chain(noted).for_each(|act| waiting.add(unnamed(act)));
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn add(&mut self, act: Act) {
        if self.ready.len() < MOST_WAITING {
            self.ready.push(act);
        } else {
            let (action, result) = (act.action.as_str(), act.result());
            tracing::error!(action, result, "too many acts wait for the store; the audit trail lacks one");
        }
    }
}

/// Acts that are being written. Those that are not by the time this goes away, for whatever reason, wait again.
pub(super) struct Taken<'a> {
    journal: &'a Journal,
    pub(super) acts: Vec<Act>,
}

impl Taken<'_> {
    /// They are written.
    pub(super) fn done(mut self) {
        self.acts.clear();
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if !self.acts.is_empty() {
            let mut waiting = self.journal.waiting();
            self.acts.drain(..).for_each(|act| waiting.add(act));
        }
    }
}

/// The same without saying who, to whom and from where.
fn unnamed(act: Act) -> Act {
    let actor = match act.origin.actor {
        Actor::User(_) => Actor::Stranger,
        other => other,
    };
    Act { origin: Origin { actor, address: None, request_id: None }, target: None, ..act }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::kernel::ids::ActId;

    /// All that there is at this time, taken for good.
    fn take(journal: &Journal, now: Option<DateTime<Utc>>) -> Vec<Act> {
        let taken = journal.take(now);
        let acts = taken.acts.clone();
        taken.done();
        acts
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    fn refusal(user: &str, seconds: i64) -> Act {
        let actor = Actor::User(Arc::new(User::new("", user).unwrap()));
        Act {
            id: ActId::new(at(seconds)),
            at: at(seconds),
            origin: Origin { actor, address: None, request_id: None },
            action: Action::Request,
            target: None,
            detail: Some("{}".to_owned()),
            refused: Some(Code::NotAllowed),
            count: 1,
        }
    }

    #[test]
    fn refusals_are_counted_for_a_minute() {
        let journal = Journal::default();
        for (user, seconds) in [("ana", 0), ("ana", 30), ("bea", 59), ("ana", 59)] {
            journal.count(refusal(user, seconds));
        }
        assert!(take(&journal, Some(at(59))).is_empty());
        let first = journal.take(Some(at(60)));
        assert_eq!(first.acts.iter().map(|act| (act.at, act.count)).collect::<Vec<_>>(), [(at(0), 3)]);
        assert!(take(&journal, Some(at(60))).is_empty(), "they are being written");
        drop(first);
        assert_eq!(take(&journal, None).iter().map(|act| act.count).sum::<u32>(), 4);
        assert!(take(&journal, None).is_empty());
    }

    #[test]
    fn strangers_can_not_fill_it() {
        let journal = Journal::default();
        for user in 0..10 * MOST_KINDS {
            journal.count(refusal(&user.to_string(), 0));
        }
        let acts = take(&journal, None);
        assert_eq!(acts.len(), MOST_KINDS + 1);
        assert_eq!(acts.iter().map(|act| act.count as usize).sum::<usize>(), 10 * MOST_KINDS);
        let unnamed: Vec<_> = acts.iter().filter(|act| act.origin.actor == Actor::Stranger).collect();
        assert_eq!((unnamed.len(), unnamed[0].count as usize), (1, 9 * MOST_KINDS));
    }

    #[test]
    fn whoever_is_erased_is_named_no_more() {
        let journal = Journal::default();
        journal.count(refusal("ana", 0));
        journal.note(refusal("ana", 0));
        journal.note(refusal("bea", 0));
        let ana = refusal("ana", 0).origin.actor.user().unwrap().clone();
        journal.forget(&ana);
        let acts = take(&journal, None);
        let named = acts.iter().filter_map(|act| act.origin.actor.user()).map(|user| user.id.as_str());
        assert_eq!((acts.len(), named.collect::<Vec<_>>()), (3, vec!["bea"]));
    }
}
