//! Floor 3: what users see of their own use, and operators of everybody's.

mod own;
pub mod reports;

pub use own::{OwnUsage, Report, UsageError};
