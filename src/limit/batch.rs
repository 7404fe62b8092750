//! Who goes into the next round trip.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use tokio::sync::oneshot;

use super::limiter::Verdict;
use crate::store::{Ask, StoreError};

/// Asks in one round trip at most. Larger ones gain nothing and hold row locks for longer.
pub const MAX_BATCH: usize = 256;

/// Somebody who waits for an answer.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) ask: Ask,
    pub(super) answer: oneshot::Sender<Result<Verdict, Arc<StoreError>>>,
}

/// Takes the next batch of `most` at most out of the queue, in order of arrival.
///
/// All of a user's asks in a batch must be under one limit; who asks under another one waits for the next batch. Those who
/// have given up waiting are passed over: after an outage they would stand in the way of those who have not.
pub(super) fn take(queue: &mut VecDeque<Waiting>, most: usize) -> Vec<Waiting> {
    let mut limits = HashMap::new();
    let (mut batch, mut later) = (Vec::new(), VecDeque::new());
    while batch.len() < most
        && let Some(waiting) = queue.pop_front()
    {
        if waiting.answer.is_closed() {
            continue;
        }
        let limit = *limits.entry(waiting.ask.user.key).or_insert(waiting.ask.hourly_limit);
        if limit == waiting.ask.hourly_limit {
            batch.push(waiting);
        } else {
            later.push_back(waiting);
        }
    }
    later.append(queue);
    *queue = later;
    batch
}

#[cfg(test)]
mod tests {
    use super::super::sample::ask;
    use super::*;

    /// Somebody who waits for as long as the other end of their answer is kept.
    fn asking(user: &str, hourly_limit: u16) -> (Waiting, oneshot::Receiver<Answered>) {
        let (answer, result) = oneshot::channel();
        (Waiting { ask: ask(user, hourly_limit), answer }, result)
    }

    type Answered = Result<Verdict, Arc<StoreError>>;

    fn names(batch: &[Waiting]) -> Vec<(String, u16)> {
        batch.iter().map(|waiting| (waiting.ask.user.id.clone(), waiting.ask.hourly_limit)).collect()
    }

    #[test]
    fn a_second_limit_for_one_user_waits_for_the_next_batch() {
        let (mut queue, _results): (VecDeque<_>, Vec<_>) =
            [asking("a", 10), asking("b", 5), asking("a", 3), asking("a", 10)].into_iter().unzip();
        let named = |list: &[(&str, u16)]| {
            list.iter().map(|(user, limit)| ((*user).to_owned(), *limit)).collect::<Vec<_>>()
        };
        assert_eq!(names(&take(&mut queue, MAX_BATCH)), named(&[("a", 10), ("b", 5), ("a", 10)]));
        assert_eq!(names(&take(&mut queue, MAX_BATCH)), named(&[("a", 3)]));
        assert!(take(&mut queue, MAX_BATCH).is_empty());
    }

    #[test]
    fn batches_are_bounded_and_lose_nobody() {
        let (mut queue, _results): (VecDeque<_>, Vec<_>) =
            (0..MAX_BATCH + 1).map(|n| asking(&format!("u{n}"), 10)).unzip();
        assert_eq!(take(&mut queue, MAX_BATCH).len(), MAX_BATCH);
        assert_eq!(take(&mut queue, MAX_BATCH).len(), 1);
    }

    #[test]
    fn whoever_no_longer_waits_is_passed_over() {
        let (gone, stays) = (asking("a", 10), asking("b", 10));
        drop(gone.1);
        let mut queue = VecDeque::from([gone.0, stays.0]);
        assert_eq!(names(&take(&mut queue, MAX_BATCH)), [("b".to_owned(), 10)]);
        assert!(queue.is_empty());
    }
}
