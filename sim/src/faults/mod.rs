//! How the simulator misbehaves when told to.

mod answer;
mod broken_body;

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

pub(crate) use answer::meet;

/// A way to misbehave. In JSON an object whose `kind` is the variant in snake case.
///
/// `Slow`, `Cut` and `NoValue` spoil the answer the request would have had: a mint has taken place and is counted.
/// All others stand in for the answer, whatever was asked, and nothing is minted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Works as usual, but keeps the answer back for so many milliseconds.
    Slow {
        /// How long.
        millis: u64,
    },
    /// 401 `invalid_api_key`.
    Unauthorized,
    /// 403 `insufficient_permissions`.
    Forbidden,
    /// 429 `rate_limit_exceeded`, with `Retry-After`.
    RateLimited {
        /// The seconds `Retry-After` says; 20 where JSON leaves it out.
        #[serde(default = "default_retry_after")]
        retry_after: u64,
    },
    /// 429 `insufficient_quota`, without `Retry-After`.
    InsufficientQuota,
    /// 500.
    ServerError,
    /// 503.
    Unavailable,
    /// No answer, until the client leaves or the simulator stops.
    Hang,
    /// The connection is reset (RST) once the request has been read, without a byte of an answer.
    Reset,
    /// The answer breaks off in the middle of its body.
    Cut,
    /// 200 with a body that says it is JSON and is not.
    Garbage,
    /// The answer lacks its `value`.
    NoValue,
    /// 302.
    Redirect {
        /// Where to.
        location: String,
    },
    /// 200 with a client secret in a very large body, declared by its `Content-Length`.
    Oversized {
        /// How many bytes at least; ten million where JSON leaves it out.
        #[serde(default = "default_oversize")]
        bytes: usize,
    },
}

const fn default_retry_after() -> u64 {
    20
}

const fn default_oversize() -> usize {
    10_000_000
}

/// A fault, and for how many requests: all, where no number is given. What `PUT /_sim/fault` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    pub(crate) fault: Fault,
    pub(crate) times: Option<u32>,
}

/// What is to go wrong next.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Option<Plan>>);

impl Faults {
    /// Replaces what was to go wrong before.
    pub(crate) fn plan(&self, plan: Plan) {
        *self.planned() = Some(plan);
    }

    /// Lets everything go right.
    pub(crate) fn clear(&self) {
        *self.planned() = None;
    }

    /// The fault for one request.
    pub(crate) fn take(&self) -> Option<Fault> {
        let mut planned = self.planned();
        let plan = planned.as_mut()?;
        match &mut plan.times {
            None => Some(plan.fault.clone()),
            Some(0) => None,
            Some(left) => {
                *left -= 1;
                Some(plan.fault.clone())
            }
        }
    }

    fn planned(&self) -> MutexGuard<'_, Option<Plan>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
