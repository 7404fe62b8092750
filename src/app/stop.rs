//! Stopping, on one budget of time: mints in flight end, what waits is written, connections close.
//!
//! From the first moment on new mints are refused and `/readyz` says no; the listener stays until nothing is in flight, so
//! that whoever asks is told. What hangs is cut off while there is still time to settle and answer it.

use std::pin::pin;
use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::Running;
use super::server::ServerHandle;
use crate::admin::Administration;
use crate::limit::Unwritten;
use crate::store::StoreError;

/// When each phase ends, at the latest, counted from the beginning.
struct Budget {
    /// Mints in flight have ended, or are cut off.
    drained: Duration,
    /// Outcomes are written, or lost.
    written: Duration,
    whole: Duration,
}

impl Budget {
    fn of(whole: Duration) -> Self {
        Self { drained: whole * 3 / 4, written: whole * 19 / 20, whole }
    }
}

impl Running {
    /// Stops, within the time that the settings give. An error says that something could not be written.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let budget = Budget::of(self.stop_within);
        let mut written = pin!(sleep(budget.written));
        let mut ended = pin!(sleep(budget.whole));
        self.tasks.close();
        // They would go on for ever.
        self.events.stop();
        tokio::select! {
            () = self.drain(budget.drained) => {}
            () = &mut written => tracing::error!("mints in flight could not be cut off"),
        }
        self.jobs.abort_all();
        self.limiter.stop();
        let journal = self.administration.clone();
        let mut journal = tokio::spawn(async move { write(&journal).await });
        // Beside the writing: answers go out, and nobody new comes in.
        let closed = tokio::spawn(close(self.server, self.ended));
        let flushed = tokio::select! {
            flushed = &mut self.writer => flushed.context("writing the last outcomes"),
            () = &mut written => {
                self.writer.abort();
                Ok(())
            }
        };
        let closed = tokio::select! {
            closed = closed => closed.context("closing the listener").flatten(),
            () = &mut ended => {
                tracing::info!("connections were still open when the service stopped");
                Ok(())
            }
        };
        let noted = tokio::select! {
            biased;
            noted = &mut journal => noted.context("writing the audit trail")?.context("writing the audit trail"),
            () = &mut ended => {
                journal.abort();
                Err(anyhow::anyhow!("the audit trail could not be written before SHUTDOWN_TIMEOUT_MS"))
            }
        };
        // Last: a stop that hangs is to be seen.
        if let Some(own) = &self.metrics_server {
            own.server.stop(false).await;
        }
        // They hold the store: whoever starts next on the same files finds them free.
        tokio::select! {
            () = self.jobs.shutdown() => {}
            () = &mut ended => {}
        }
        tell(self.limiter.unwritten()).and(flushed).and(closed).and(noted)
    }

    /// Waits for the mints in flight. What takes too long is cut off, and then ends at once.
    async fn drain(&self, patience: Duration) {
        if tokio::time::timeout(patience, self.tasks.wait()).await.is_ok() {
            return;
        }
        tracing::warn!(count = self.tasks.len(), "mints were still in flight when the service stopped");
        self.cut.cancel();
        self.tasks.wait().await;
    }
}

/// Writes the audit trail to its end. Once more where the connection broke: one that a thread of the server has opened ends
/// with that thread, and to write an act twice does nothing.
async fn write(journal: &Administration) -> Result<(), StoreError> {
    match journal.write_journal(true).await {
        Err(StoreError::Unavailable { .. }) => journal.write_journal(true).await,
        written => written,
    }
}

/// Closes the listener, and each connection when its request is answered.
async fn close(server: ServerHandle, ended: JoinHandle<std::io::Result<()>>) -> anyhow::Result<()> {
    server.stop(true).await;
    ended.await.context("waiting for the server")?.context("the server failed")
}

/// Says what is lost.
fn tell(unwritten: Unwritten) -> anyhow::Result<()> {
    let Unwritten { outcomes, refusals, entries } = unwritten;
    if entries > 0 {
        tracing::error!(
            count = entries,
            "mints could not be entered in the ledger; the log has a line for each"
        );
    }
    if outcomes > 0 {
        tracing::error!(
            count = outcomes,
            "outcomes of mints could not be written; they will count as unconfirmed"
        );
    }
    if refusals > 0 {
        tracing::error!(count = refusals, "counts of refusals could not be written");
    }
    anyhow::ensure!(
        unwritten.is_none(),
        "the database could not be told of everything before SHUTDOWN_TIMEOUT_MS"
    );
    Ok(())
}
