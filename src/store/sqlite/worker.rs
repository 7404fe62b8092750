//! A connection that lives on a thread of its own and takes work in order of arrival.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::super::{Load, OpenError, StoreError};
use super::opened::OpenedFile;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// Work that may wait before callers have to.
const QUEUE: usize = 64;

/// How long a caller waits for its turn and its answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Hands work to the thread. The thread ends with the last handle, after what was already handed over.
#[derive(Debug, Clone)]
pub(super) struct Worker {
    jobs: mpsc::Sender<Job>,
    file: Arc<OpenedFile>,
}

impl Worker {
    pub(super) fn start(
        name: &str,
        mut connection: Connection,
        file: Arc<OpenedFile>,
    ) -> Result<Self, OpenError> {
        let (jobs, mut queue) = mpsc::channel::<Job>(QUEUE);
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                while let Some(job) = queue.blocking_recv() {
                    job(&mut connection);
                }
            })
            .map_err(|cause| OpenError::Unreachable { doing: "starting a thread", cause: Box::new(cause) })?;
        Ok(Self { jobs, file })
    }

    /// How much work waits. What the thread is at is no longer among it.
    pub(super) fn load(&self, lane: &'static str) -> Load {
        let waiting = self.jobs.max_capacity() - self.jobs.capacity();
        Load { lane, waiting, connections: None }
    }

    /// Runs `work` on the thread. Work that was handed over is done even if the caller goes away.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, result) = oneshot::channel();
        let file = self.file.clone();
        let job: Job = Box::new(move |connection| {
            let in_place = file.is_in_place(doing);
            let result = in_place.and_then(|()| work(connection).map_err(|cause| failure(doing, cause)));
            // The caller may have stopped waiting; the work is done all the same.
            let _ = answer.send(result);
        });
        let whole = async {
            self.jobs.send(job).await.map_err(|cause| unavailable(doing, cause))?;
            result.await.map_err(|cause| unavailable(doing, cause))?
        };
        tokio::time::timeout(PATIENCE, whole).await.map_err(|cause| unavailable(doing, cause))?
    }
}

fn unavailable(doing: &'static str, cause: impl std::error::Error) -> StoreError {
    // As text: the channel's own error carries the job, which is not for other threads and says nothing.
    StoreError::Unavailable { doing, cause: cause.to_string().into() }
}

/// Constraint and type errors are about values; everything else is about the database.
fn failure(doing: &'static str, cause: rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode::{ConstraintViolation, TooBig, TypeMismatch};
    match cause.sqlite_error_code() {
        Some(ConstraintViolation | TypeMismatch | TooBig) => {
            StoreError::Data { doing, cause: Box::new(cause) }
        }
        _ => StoreError::Unavailable { doing, cause: Box::new(cause) },
    }
}
