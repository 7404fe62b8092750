//! Floor 0: the words everything else is written in. No input or output happens here.

pub mod calendar;
pub mod cause;
pub mod clock;
pub mod code;
pub mod hex;
pub mod ids;
pub mod key_source;
pub mod money;
pub mod provider_name;
pub mod secret;
pub mod service;
pub mod session;
pub mod spelling;
pub mod user;
