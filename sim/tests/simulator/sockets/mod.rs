//! Sessions over WebSockets, and the sidebands of calls.

mod opening;
mod sidebands;
mod talking;
