//! What one listener is sent.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{Bytes, Data};
use futures_util::StreamExt;
use futures_util::stream::{once, unfold};
use serde::Serialize;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::super::super::Edge;
use super::super::super::operator::Credential;
use super::super::mints::Mint;
use crate::kernel::clock::rfc3339;
use crate::kernel::code::Code;
use crate::kernel::user::User;
use crate::store::LedgerRow;
use crate::usage::events::{Event, Heard, Listener, Refused};

/// Nothing at all, so often: it keeps proxies from hanging up, and shows who is gone. That takes two of them: the first is sent
/// into the void, and comes back.
const BREATHE_EVERY: Duration = Duration::from_secs(5);

/// How often it is asked whether the credential is still good.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// A comment, which clients pass over.
const BREATH: Bytes = Bytes::from_static(b":\n\n");

/// Whose events are wanted.
pub(super) struct Filter {
    pub(super) user: Option<Arc<User>>,
    /// Of mints; refusals have no role, so with one there are none.
    pub(super) role: Option<String>,
}

impl Filter {
    fn wants(&self, event: &Event) -> bool {
        let (issuer, user_id, role) = match event {
            Event::Mint { row, .. } => (&row.issuer, &row.user_id, Some(&row.role)),
            Event::Refused(refused) => (&refused.issuer, &refused.user_id, None),
        };
        self.user.as_ref().is_none_or(|user| user.issuer == *issuer && user.id == *user_id)
            && self.role.as_ref().is_none_or(|wanted| role == Some(wanted))
    }
}

pub(super) struct Stream {
    listener: Listener,
    filter: Filter,
    credential: Credential,
    edge: Data<Edge>,
    breaths: Interval,
    checks: Interval,
    is_over: bool,
}

impl Stream {
    pub(super) fn new(listener: Listener, filter: Filter, credential: Credential, edge: Data<Edge>) -> Self {
        let (breaths, checks) = (every(BREATHE_EVERY), every(CHECK_EVERY));
        Self { listener, filter, credential, edge, breaths, checks, is_over: false }
    }

    /// What is sent, until the end. A breath comes at once, so that whoever listens knows that they are heard.
    pub(super) fn pieces(self) -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> {
        let rest = unfold(self, |mut stream| async move {
            let piece = stream.next().await?;
            Some((piece, stream))
        });
        once(async { BREATH }).chain(rest).map(Ok)
    }

    async fn next(&mut self) -> Option<Bytes> {
        while !self.is_over {
            tokio::select! {
                // A listener who is always behind is asked for their credential all the same.
                biased;
                _ = self.checks.tick() => {
                    if let Err(problem) = self.credential.check(&self.edge).await {
                        return Some(self.end(problem.code()));
                    }
                }
                _ = self.breaths.tick() => return Some(BREATH),
                heard = self.listener.next() => match heard {
                    Heard::Event(event) if self.filter.wants(&event) => return Some(told(&event)),
                    Heard::Event(_) => {}
                    Heard::Lost(count) => return Some(written("lost", None, &Lost { count })),
                    Heard::Over => return Some(self.end(Code::StoreUnavailable)),
                },
            }
        }
        None
    }

    /// The last event, which says why.
    fn end(&mut self, code: Code) -> Bytes {
        self.is_over = true;
        written("end", None, &End { code: code.as_str() })
    }
}

/// The first time after that time.
fn every(period: Duration) -> Interval {
    let mut ticks = interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

#[derive(Serialize)]
struct Refusal<'a> {
    at: String,
    code: &'a str,
    user_id: &'a str,
    issuer: &'a str,
    count: i64,
}

#[derive(Serialize)]
struct Lost {
    count: Option<u64>,
}

#[derive(Serialize)]
struct End {
    code: &'static str,
}

fn told(event: &Event) -> Bytes {
    match event {
        Event::Mint { row, told_until } => {
            written("mint", Some(&told_until.0.to_string()), &Mint::from(LedgerRow::clone(row)))
        }
        Event::Refused(Refused { at, issuer, user_id, code, count }) => {
            let refusal = Refusal { at: rfc3339(*at), code, user_id, issuer, count: *count };
            written("refusal", None, &refusal)
        }
    }
}

/// An event as it is written. JSON has no line breaks of its own.
fn written(name: &str, id: Option<&str>, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_default();
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    format!("event: {name}\n{id}data: {data}\n\n").into()
}
