//! What operators ask for. A handler takes an [`Operator`](super::operator::Operator).

pub(super) mod alerts;
pub(super) mod audit;
pub(super) mod budget;
pub(super) mod events;
pub(super) mod keys;
pub(super) mod mints;
pub(super) mod service;
pub(super) mod services;
pub(super) mod subject;
pub(super) mod user;
pub(super) mod users;
