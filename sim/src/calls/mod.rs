//! The sessions that are going on: who may find them, and the task behind each.
//!
//! `hub` is the task, which owns the conversation; `peer` is what a client of it holds.

mod hub;
mod peer;
mod registry;

pub(crate) use peer::{Close, Delivery, Hub, Peer};
pub(crate) use registry::Calls;
