//! Floor 2: what a user may still spend of their rolling hour.
//!
//! [`Decision`] is arithmetic on what the store answered. [`Limiter`] gathers everybody who asks at the same moment into
//! one round trip to the store.

mod batch;
mod decision;
mod limiter;
mod outbox;
mod writer;

pub use decision::{Decision, WINDOW_SECONDS};
pub use limiter::{Limiter, SpendError};
