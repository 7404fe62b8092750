//! The database file as it was opened.
//!
//! A file that is taken away can be written on, by whoever has it open: the rows would be nobody's.

use std::path::{Path, PathBuf};

use super::super::{OpenError, StoreError};
use super::open;

/// Knows the file again.
#[derive(Debug)]
pub(super) struct OpenedFile {
    path: PathBuf,
    identity: Identity,
}

impl OpenedFile {
    /// The file of a data directory, which has just been opened.
    pub(super) fn of(directory: &Path) -> Result<Self, OpenError> {
        let path = open::path(directory);
        let identity =
            identity(&path).map_err(|cause| open::unreachable("looking at the database file", cause))?;
        Ok(Self { path, identity })
    }

    /// Fails where the file is no longer in its place.
    pub(super) fn is_in_place(&self, doing: &'static str) -> Result<(), StoreError> {
        let cause = match identity(&self.path) {
            Ok(identity) if identity == self.identity => return Ok(()),
            Ok(_) => "another file is in the place of the database file that was opened".into(),
            Err(cause) => cause.into(),
        };
        Err(StoreError::Unavailable { doing, cause })
    }
}

/// The device and the number on it.
#[cfg(unix)]
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(path: &Path) -> std::io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = path.metadata()?;
    Ok((metadata.dev(), metadata.ino()))
}

/// Files that are open can't be taken away here.
#[cfg(windows)]
type Identity = ();

#[cfg(windows)]
fn identity(path: &Path) -> std::io::Result<Identity> {
    path.metadata().map(drop)
}
