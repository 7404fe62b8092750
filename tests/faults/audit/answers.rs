//! Every request is answered, in time, out of the table of errors; and all is well soon after the cause has ended.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ephemint::http::table;
use ephemint::kernel::clock::{Clock, SystemClock};
use ephemint::kernel::code::Code;

use crate::load::Shot;

/// What an answer may take beyond the fault's bound, and recovery beyond the end of the cause.
pub(crate) const GRACE: Duration = Duration::from_secs(2);

/// Looks at each answer: a token, a spent hour, or one of `explained`, and none later than [`GRACE`] after `bound`.
pub(crate) fn expect_answers(shots: &[Shot], bound: Duration, explained: &[Code]) {
    let wrong: Vec<_> = shots.iter().filter_map(|shot| wrong(shot, bound, explained)).collect();
    let first: Vec<_> = wrong.iter().take(5).collect();
    assert!(wrong.is_empty(), "{} of {} answers: {first:#?}", wrong.len(), shots.len());
}

fn wrong(shot: &Shot, bound: Duration, explained: &[Code]) -> Option<String> {
    let Shot { request_id, took, .. } = shot;
    if *took > bound + GRACE {
        return Some(format!("{request_id} took {took:?}: {:?}", shot.answer));
    }
    let answer = match &shot.answer {
        Err(error) => return Some(format!("{request_id} has no answer: {error}")),
        Ok(answer) if answer.status == 200 => {
            return shot.token().is_none().then(|| format!("{request_id}: 200 without a token"));
        }
        Ok(answer) => answer,
    };
    let known = [Code::RateLimitExceeded]
        .iter()
        .chain(explained)
        .any(|&code| code.as_str() == answer.code() && table::row(code).status.as_u16() == answer.status);
    (!known).then(|| format!("{request_id} is not explained: {} {}", answer.status, answer.text))
}

/// Looks at what was asked later than [`GRACE`] after the end of the cause: tokens and spent hours only, and some tokens.
pub(crate) fn expect_recovery(shots: &[Shot], end: Instant) {
    expect_recovery_until(shots, end, SystemClock.instant());
}

/// The same where the next cause begins soon after `until`.
pub(crate) fn expect_recovery_until(shots: &[Shot], end: Instant, until: Instant) {
    let later = shots.iter().filter(|shot| shot.begun > end + GRACE && shot.begun < until);
    let mut statuses = BTreeMap::<u16, usize>::new();
    later.for_each(|shot| *statuses.entry(shot.status()).or_default() += 1);
    assert!(statuses.contains_key(&200), "nobody got a token after the cause had ended: {statuses:?}");
    assert!(
        statuses.keys().all(|status| [200, 429].contains(status)),
        "after the cause had ended: {statuses:?}"
    );
}

#[cfg(test)]
mod tests {
    use ephemint_test_support::Answer;
    use serde_json::json;

    use super::*;

    fn shot(status: u16, code: &str, seconds: u64) -> Shot {
        let body = json!({"code": code, "value": if status == 200 { json!("ek_1") } else { json!(null) }});
        let answer = Answer { status, headers: Default::default(), text: body.to_string() };
        Shot {
            user: "u".to_owned(),
            request_id: "r".to_owned(),
            begun: SystemClock.instant(),
            took: Duration::from_secs(seconds),
            answer: Ok(answer),
        }
    }

    #[test]
    fn what_is_wrong_with_an_answer_is_found() {
        let wrong = |shot: Shot| wrong(&shot, Duration::from_secs(5), &[Code::StoreUnavailable]).is_some();
        assert!(!wrong(shot(200, "", 6)));
        assert!(!wrong(shot(429, "rate_limit_exceeded", 0)));
        assert!(!wrong(shot(503, "store_unavailable", 0)));
        assert!(wrong(shot(200, "", 8)), "too late");
        assert!(wrong(shot(500, "internal", 0)), "not explained");
        assert!(wrong(shot(500, "store_unavailable", 0)), "not in the table");
        assert!(wrong(shot(204, "", 0)), "no answer of ours");
        assert!(wrong(Shot { answer: Err("reset".to_owned()), ..shot(200, "", 0) }), "no answer");
    }

    #[test]
    #[should_panic(expected = "after the cause had ended: {200: 1, 503: 1}")]
    fn a_late_recovery_is_found() {
        let end = SystemClock.instant() - Duration::from_secs(10);
        let later = |status| Shot { begun: end + Duration::from_secs(3), ..shot(status, "", 0) };
        expect_recovery(&[later(200), later(503)], end);
    }

    #[test]
    fn what_was_asked_before_the_end_says_nothing_about_recovery() {
        let end = SystemClock.instant() - Duration::from_secs(10);
        let at = |status, seconds| Shot { begun: end + Duration::from_secs(seconds), ..shot(status, "", 0) };
        expect_recovery(&[at(503, 0), at(503, 1), at(200, 3), at(429, 3)], end);
    }
}
