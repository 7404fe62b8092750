//! SIGHUP: read the policy file again.

use std::sync::Arc;

use tokio::sync::Notify;

/// Tells `reload` of each SIGHUP from now on. Without this, the signal would end the process.
#[cfg(unix)]
pub(super) fn tell(reload: Arc<Notify>) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            reload.notify_one();
        }
    });
    Ok(())
}

/// There is no such signal here; the file is followed all the same.
#[cfg(windows)]
pub(super) fn tell(_: Arc<Notify>) -> std::io::Result<()> {
    Ok(())
}
