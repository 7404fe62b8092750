//! What operators ask for. A handler takes an [`Operator`](super::operator::Operator).

pub(super) mod alerts;
pub(super) mod audit;
pub(super) mod budget;
pub(super) mod events;
pub(super) mod keys;
pub(super) mod mints;
mod subject;
pub(super) mod user;
pub(super) mod users;
