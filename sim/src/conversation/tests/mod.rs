//! Conversations as scripts: what goes in, and which events come out.

mod any_order;
mod listening;
mod refusals;
mod replies;
mod scene;
mod speaking;
mod updates;
