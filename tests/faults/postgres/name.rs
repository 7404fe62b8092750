//! The name of the database's host is gone.
