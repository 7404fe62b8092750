//! Connections for one kind of statement, with bounds on our side: a server that has vanished keeps none of its own.

use std::time::Duration;

use deadpool_postgres::{Object, Pool, Transaction};
use tokio::time::error::Elapsed;
use tokio_postgres::error::{Error as PgError, SqlState};

use super::super::StoreError;

/// What a statement may take beyond what the server allows it, so that the server's answer is heard where there is one.
const GRACE: Duration = Duration::from_millis(500);

/// A pool, and how long its statements may take.
#[derive(Debug)]
pub(super) struct Lane {
    pool: Pool,
    /// Leads to the same server.
    sibling: Pool,
    patience: Duration,
}

impl Lane {
    /// A lane whose connections tell the server to end statements after `statement`.
    pub(super) fn new(pool: &Pool, sibling: &Pool, statement: Duration) -> Self {
        Self { pool: pool.clone(), sibling: sibling.clone(), patience: statement + GRACE }
    }

    /// Runs `work` on a connection, with a bound on all that is waited for.
    ///
    /// A connection that was given up on in the middle of a statement is closed, never reused. So are all that are idle
    /// where this one led nowhere: they go the same way, and each would cost somebody the same time to find out.
    pub(super) async fn run<T>(
        &self,
        doing: &'static str,
        work: impl AsyncFnOnce(&Object) -> Result<T, PgError>,
    ) -> Result<T, StoreError> {
        let connection = self.get(doing).await?;
        let result = tokio::time::timeout(self.patience, work(&connection)).await;
        self.end(doing, connection, result)
    }

    /// The same in a transaction, which ends with `work`: committed, or as if it had never begun.
    pub(super) async fn transact<T>(
        &self,
        doing: &'static str,
        work: impl AsyncFnOnce(&Transaction<'_>) -> Result<T, PgError>,
    ) -> Result<T, StoreError> {
        let mut connection = self.get(doing).await?;
        let whole = async {
            let transaction = connection.transaction().await?;
            let value = work(&transaction).await?;
            transaction.commit().await?;
            Ok(value)
        };
        let result = tokio::time::timeout(self.patience, whole).await;
        self.end(doing, connection, result)
    }

    async fn get(&self, doing: &'static str) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|cause| StoreError::Unavailable { doing, cause: Box::new(cause) })
    }

    fn end<T>(
        &self,
        doing: &'static str,
        connection: Object,
        result: Result<Result<T, PgError>, Elapsed>,
    ) -> Result<T, StoreError> {
        match result {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(cause)) => {
                if leads_nowhere(&cause) {
                    self.close(connection);
                }
                Err(failure(doing, cause))
            }
            Err(late) => {
                self.close(connection);
                Err(StoreError::Unavailable { doing, cause: Box::new(late) })
            }
        }
    }

    fn close(&self, connection: Object) {
        drop(Object::take(connection));
        self.close_idle();
    }

    /// Closes all that nobody uses at this moment.
    pub(super) fn close_idle(&self) {
        self.pool.retain(|_, _| false);
        self.sibling.retain(|_, _| false);
    }
}

/// Whether a new connection may work where this one doesn't: it broke, or its server has become a standby.
fn leads_nowhere(cause: &PgError) -> bool {
    cause.code().is_none_or(|state| *state == SqlState::READ_ONLY_SQL_TRANSACTION)
}

/// SQLSTATE classes 22 and 23 are about values; everything else is about the database.
fn failure(doing: &'static str, cause: PgError) -> StoreError {
    let class = cause.code().map(|state| state.code().get(..2).unwrap_or_default().to_owned());
    match class.as_deref() {
        Some("22" | "23") => StoreError::Data { doing, cause: Box::new(cause) },
        _ => StoreError::Unavailable { doing, cause: Box::new(cause) },
    }
}
