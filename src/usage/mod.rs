//! Floor 3: what users see of their own use, and operators of everybody's.

pub mod events;
mod own;
pub mod reports;
mod tail;

pub use own::{OwnUsage, Report, UsageError};
pub use tail::Tail;
