//! A look at a data directory that changes nothing.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::super::OpenError;
use super::{examine, open};

/// What a look at a data directory shows.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// The database file.
    pub file: PathBuf,
    /// Whether the file is there. Where it isn't, the rest says what holds of a fresh one.
    pub exists: bool,
    /// Whether a server runs on it.
    pub served: bool,
    /// This program's migrations that are not applied.
    pub missing: Vec<String>,
}

pub(super) fn inspect(directory: &Path) -> Result<Inspection, OpenError> {
    let file = open::path(directory);
    let exists =
        file.try_exists().map_err(|cause| open::unreachable("looking for the database file", cause))?;
    let served = served(directory)?;
    if !served {
        examine::examine(directory)?;
    }
    let missing = if exists { open::missing(&mut open::reader(directory)?)? } else { open::all_migrations() };
    Ok(Inspection { served, file, exists, missing })
}

/// Whether a server holds the lock. To find out, it is taken for a moment, and shared, as nothing else can tell.
fn served(directory: &Path) -> Result<bool, OpenError> {
    let Ok(lock) = File::open(open::lock_path(directory)) else {
        return Ok(false);
    };
    match lock.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(cause)) => Err(open::unreachable("looking at the lock of DATA_DIR", cause)),
    }
}
