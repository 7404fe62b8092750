//! When to stop.

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Hears when somebody asks the process to stop. Made before anything is announced, so that nobody asks unheard.
#[cfg(unix)]
pub(super) struct Requests {
    terminate: Signal,
    interrupt: Signal,
}

#[cfg(unix)]
impl Requests {
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Ends when SIGTERM or Ctrl-C has come.
    pub(super) async fn come(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Hears when somebody asks the process to stop.
#[cfg(windows)]
pub(super) struct Requests(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Requests {
    pub(super) fn listen() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    /// Ends when Ctrl-C has come.
    pub(super) async fn come(&mut self) {
        self.0.recv().await;
    }
}
