//! What can go wrong with a database.

/// The cause below a store's error, for the log only.
pub(super) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A failure of a running store. Says what was being done; the cause is for the log.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database can't be reached, is overloaded, or did not answer in time.
    #[error("the store is unavailable: {doing}")]
    Unavailable {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        #[source]
        cause: Cause,
    },
    /// The database refused a value. In a batch, one such value fails all.
    #[error("the store refused a value: {doing}")]
    Data {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        #[source]
        cause: Cause,
    },
}

/// A store that can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The connection settings are wrong.
    #[error("{0}")]
    Settings(String),
    /// The database can't be reached or opened.
    #[error("the database can't be opened: {doing}")]
    Unreachable {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        #[source]
        cause: Cause,
    },
    /// Another server has this data directory.
    #[error("another server is running on {0}; stop it, or give this one a DATA_DIR of its own")]
    InUse(String),
    /// The file is a database of something else.
    #[error("{0} is the database of another program; give this one a DATA_DIR of its own")]
    NotOurs(String),
    /// The file is not whole. It was left as it is.
    #[error(
        "{file} is damaged: {problem}; put a copy of DATA_DIR in its place, or take it away to begin anew"
    )]
    Damaged {
        /// Which file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A migration failed, or an applied one differs from ours.
    #[error("the database can't be migrated")]
    Migration(#[source] Cause),
    /// The schema is older than this program and MIGRATE is off.
    #[error(
        "the database lacks {missing} of this version's migrations; run `ephemint migrate`, or set MIGRATE=on"
    )]
    Outdated {
        /// How many migrations are not applied.
        missing: usize,
    },
}
