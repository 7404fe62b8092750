//! A local stand-in for the voice provider, as strict as the provider, for tests and the demo.
//!
//! [`Simulator::start`] opens a port that speaks the provider's HTTP API: it mints client secrets, lists models,
//! and refuses what the provider refuses, in the provider's words for codes and parameters. A [`Fault`] makes it
//! slow, silent, wrong or rude; [`Simulator::requests`] tells what it was sent. It carries calls over WebRTC and sessions over
//! WebSockets: [`Simulator::calls`] tells which, and [`Simulator::drop_calls`] makes it vanish in the middle of them.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use ephemint_sim::{Fault, Settings, Simulator};
//!
//! let simulator = Simulator::start(Settings::default()).await?;
//! let base = simulator.base_url(); // what OPENAI_BASE_URL is to be set to
//! simulator.fail_next(2, Fault::ServerError);
//! # let _ = base;
//! simulator.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! How the parts lie: `simulator` is the handle, `server` the wiring, `observe` what every request passes through,
//! `provider` the provider's routes, `validate` its strictness, `calls` the sessions that go on, `sockets` those who come
//! by WebSocket, `conversation` what is said, `control` the routes under `/_sim/`.

mod accounts;
mod api_error;
mod calls;
mod clock;
mod connection;
mod control;
mod conversation;
mod credential;
mod echo;
mod faults;
mod models;
mod observe;
mod provider;
mod random;
mod record;
mod secrets;
mod server;
mod settings;
mod simulation;
mod simulator;
mod sockets;
mod validate;

pub use accounts::{Account, DEFAULT_ACCOUNT, Standing};
pub use calls::Ongoing;
pub use clock::Clock;
pub use faults::Fault;
pub use record::Recorded;
pub use settings::{DEMO_API_KEY, Settings};
pub use simulator::Simulator;
