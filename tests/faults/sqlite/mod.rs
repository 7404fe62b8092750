//! The embedded store: its disk, its files and its directory.

mod disk;
mod moved;
mod refused;
