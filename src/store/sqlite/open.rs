//! The database file, its lock and its schema.

use std::fs::{DirBuilder, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::super::OpenError;

mod embedded {
    refinery::embed_migrations!("sql/sqlite/migrations");
}

const DATABASE: &str = "ephemint.db";
const LOCK: &str = "ephemint.lock";

/// A connection waits so long for another process that reads or writes the file.
const BUSY: Duration = Duration::from_secs(4);

/// Held as long as a server runs on the directory. The system releases it however the server ends.
pub(super) fn lock(directory: &Path) -> Result<File, OpenError> {
    create(directory).map_err(|cause| unreachable("creating DATA_DIR", cause))?;
    let file = File::create(lock_path(directory))
        .map_err(|cause| unreachable("creating the lock file in DATA_DIR", cause))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(directory.display().to_string())),
        Err(TryLockError::Error(cause)) => Err(unreachable("locking DATA_DIR", cause)),
    }
}

/// Makes the directory where it isn't there: the ledger says who has talked when, which is nobody else's business.
fn create(directory: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(directory)
}

/// The connection that writes.
pub(super) fn writer(directory: &Path) -> Result<Connection, OpenError> {
    let connection =
        open(&path(directory), OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    // FULL: what was acknowledged is on the disk, even if the power goes. The log is carried over when it has 16 MB: users
    // lie scattered, and a page that many mints have changed by then is written once.
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8192;")
        .map_err(|cause| unreachable("preparing the database file", cause))?;
    Ok(connection)
}

/// A connection that only reads.
pub(super) fn reader(directory: &Path) -> Result<Connection, OpenError> {
    open(&path(directory), OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, OpenError> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|cause| unreachable("opening the database file", cause))?;
    connection.busy_timeout(BUSY).map_err(|cause| unreachable("opening the database file", cause))?;
    // Without it, a statement is planned again whenever a bound of a range is another one: each time.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(|cause| unreachable("preparing the database file", cause))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// The database file of a data directory.
pub(super) fn path(directory: &Path) -> PathBuf {
    directory.join(DATABASE)
}

/// SQLite's write-ahead log: the newest rows, until they are moved into the file.
pub(super) fn log_path(directory: &Path) -> PathBuf {
    directory.join(format!("{DATABASE}-wal"))
}

/// The lock of a data directory.
pub(super) fn lock_path(directory: &Path) -> PathBuf {
    directory.join(LOCK)
}

/// Applies the migrations that are missing and names them.
pub(super) fn migrate(connection: &mut Connection) -> Result<Vec<String>, OpenError> {
    let report = embedded::migrations::runner()
        .set_abort_missing(false)
        .run(connection)
        .map_err(|cause| OpenError::Migration(Box::new(cause)))?;
    Ok(report.applied_migrations().iter().map(ToString::to_string).collect())
}

/// Refuses a schema that lacks migrations.
pub(super) fn check(connection: &mut Connection) -> Result<(), OpenError> {
    match missing(connection)?.len() {
        0 => Ok(()),
        missing => Err(OpenError::Outdated { missing }),
    }
}

/// The migrations that are not applied, by name.
pub(super) fn missing(connection: &mut Connection) -> Result<Vec<String>, OpenError> {
    let history = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'refinery_schema_history')";
    let exists: bool = connection
        .query_row(history, [], |row| row.get(0))
        .map_err(|cause| unreachable("reading the database file", cause))?;
    if !exists {
        return Ok(all_migrations());
    }
    let runner = embedded::migrations::runner();
    let applied =
        runner.get_applied_migrations(connection).map_err(|cause| OpenError::Migration(Box::new(cause)))?;
    let known = |version| applied.iter().any(|migration| migration.version() == version);
    let lacking = runner.get_migrations().iter().filter(|migration| !known(migration.version()));
    Ok(lacking.map(ToString::to_string).collect())
}

/// Every migration of this program, by name.
pub(super) fn all_migrations() -> Vec<String> {
    embedded::migrations::runner().get_migrations().iter().map(ToString::to_string).collect()
}

pub(super) fn unreachable(
    doing: &'static str,
    cause: impl std::error::Error + Send + Sync + 'static,
) -> OpenError {
    OpenError::Unreachable { doing, cause: Box::new(cause) }
}
