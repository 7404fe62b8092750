//! The sessions that are going on: who may find them, and the task behind each.
//!
//! `registry` knows them by their ids, `hub` is the task of one, which owns its conversation, `peer` is what a client
//! of it holds, and `webrtc` is the connection of a call.

mod hub;
mod peer;
mod registry;
mod webrtc;

pub(crate) use peer::{Close, Delivery, Peer};
pub(crate) use registry::Calls;
pub use registry::Ongoing;
pub(crate) use webrtc::NoAnswer;
