//! The simulator over real HTTP.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod accepted;
mod accounts;
mod answers;
mod browser;
mod calls;
mod control;
mod faults;
mod lifecycle;
mod program;
mod recording;
mod refused;
mod socket;
mod sockets;
mod support;
