//! When to stop.

/// Ends when somebody asks the process to: by SIGTERM, or by Ctrl-C.
#[cfg(unix)]
pub(super) async fn asked() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

/// Ends when somebody asks the process to, by Ctrl-C.
#[cfg(not(unix))]
pub(super) async fn asked() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
