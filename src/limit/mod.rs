//! Floor 2: what a user may still spend of their rolling hour.
//!
//! [`Decision`] is arithmetic on what the store answered. [`Limiter`] gathers everybody who asks at the same moment into
//! one round trip to the store. [`Bursts`] hold back who asks too often at once, before the store is asked.

mod batch;
mod burst;
mod decision;
#[cfg(test)]
mod double;
mod limiter;
mod memory;
mod outage;
mod outbox;
#[cfg(test)]
mod sample;
mod writer;

pub use batch::MAX_BATCH;
pub use burst::{Burst, BurstSettings, Bursts, network};
pub use decision::{Decision, WINDOW_SECONDS};
pub use limiter::{Limiter, OnStoreError, Settings, SpendError, Unwritten, Verdict};
