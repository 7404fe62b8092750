//! A look at the database file before SQLite opens it. What is not whole or not ours is refused, and stays as it is.
//!
//! SQLite would begin to write: another journal mode, a fresh index; beside an empty file it throws the log away that has
//! the rows; and when it closes a broken file, it moves what is in the log there.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::super::OpenError;
use super::open;

/// The part of a file that says what it is.
const HEADER_BYTES: usize = 100;

const MAGIC: &[u8] = b"SQLite format 3\0";

const HISTORY: &str = "refinery_schema_history";
const LEDGER: &str = "mints";

/// Looks at the file of a data directory on which no server runs.
pub(super) fn examine(directory: &Path) -> Result<(), OpenError> {
    let file = open::path(directory);
    let log = length(&open::log_path(directory))?;
    let length = length(&file)?;
    if length == 0 && log == 0 {
        return Ok(());
    }
    if length == 0 {
        return Err(damaged(&file, "it is empty or gone, but its write-ahead log is not"));
    }
    let header = header(&file)?;
    let Some(promised) = promised_bytes(&header) else {
        return Err(damaged(&file, "it is no SQLite database"));
    };
    let tables = tables(&file);
    // A server that died while it moved rows from the log into the file leaves this behind, too.
    if length < promised || tables.is_err() {
        if log > 0 && is_whole_with_its_log(&file) {
            return Ok(());
        }
        return Err(damaged(
            &file,
            &format!("{length} bytes of {promised} are there, or some are not its own"),
        ));
    }
    match tables {
        Ok(tables) if !are_ours(&tables) => Err(OpenError::NotOurs(file.display().to_string())),
        _ => Ok(()),
    }
}

/// 0 where there is no file.
fn length(path: &Path) -> Result<u64, OpenError> {
    match path.metadata() {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        Err(cause) => Err(open::unreachable("looking for the database file", cause)),
    }
}

fn header(path: &Path) -> Result<Vec<u8>, OpenError> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    File::open(path)
        .and_then(|file| file.take(HEADER_BYTES as u64).read_to_end(&mut header))
        .map_err(|cause| open::unreachable("reading the database file", cause))?;
    Ok(header)
}

/// How long the file says that it is, or 0 where it leaves that open; none where it is no database.
/// (<https://www.sqlite.org/fileformat.html>, "The Database Header")
fn promised_bytes(header: &[u8]) -> Option<u64> {
    let number = |at: usize| Some(u32::from_be_bytes(header.get(at..at + 4)?.try_into().ok()?));
    if !header.starts_with(MAGIC) || header.len() < HEADER_BYTES {
        return None;
    }
    let page_bytes = match number(16)? >> 16 {
        1 => 65_536,
        bytes => u64::from(bytes),
    };
    let says = number(24)? == number(92)?;
    Some(if says { u64::from(number(28)?) * page_bytes } else { 0 })
}

/// The tables in the file, without what its log would add. Takes no lock and leaves no trace.
fn tables(path: &Path) -> rusqlite::Result<Vec<String>> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(immutable(path), flags)?;
    let mut statement = connection.prepare(super::queries::TABLES)?;
    statement.query_map([], |row| row.get(0))?.collect()
}

fn immutable(path: &Path) -> PathBuf {
    let mut escaped = String::new();
    for character in path.to_string_lossy().chars() {
        match character {
            '%' => escaped.push_str("%25"),
            '?' => escaped.push_str("%3f"),
            '#' => escaped.push_str("%23"),
            plain => escaped.push(plain),
        }
    }
    format!("file:{escaped}?immutable=1").into()
}

/// None yet, our history alone, or all of ours.
fn are_ours(tables: &[String]) -> bool {
    let has = |name: &str| tables.iter().any(|table| table == name);
    tables.is_empty() || (has(HISTORY) && (has(LEDGER) || tables.len() == 1))
}

/// Whether everything is there once the log is read. Reads all of it, and writes nothing.
fn is_whole_with_its_log(path: &Path) -> bool {
    let whole = || -> rusqlite::Result<bool> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        // With the file to itself, SQLite keeps the log's index in memory and leaves the one on the disk alone.
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.pragma_query_value(None, "quick_check", |row| Ok(row.get::<_, String>(0)? == "ok"))
    };
    whole().unwrap_or(false)
}

fn damaged(path: &Path, problem: &str) -> OpenError {
    OpenError::Damaged { file: path.display().to_string(), problem: problem.to_owned() }
}
