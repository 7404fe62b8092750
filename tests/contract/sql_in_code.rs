//! SQL lives in `.sql` files. What little stands in the code is listed here.

use crate::compare::expect_none;
use crate::repository;
use crate::source::Source;

const WORDS: [&str; 10] =
    ["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "CREATE", "ALTER", "DROP", "TRUNCATE", "UPSERT"];

/// Where a statement may stand in the code, and how it begins: locks, looks at the catalogue, a sign of life,
/// and tables of others, whose names the operator gives.
const ALLOWED: [(&str, &str); 6] = [
    ("src/store/foreign.rs", "SELECT {columns} FROM {table} "),
    ("src/store/postgres/migrate.rs", "SELECT pg_advisory_lock("),
    ("src/store/postgres/migrate.rs", "SELECT pg_advisory_unlock("),
    ("src/store/postgres/migrate.rs", "SELECT to_regclass("),
    ("src/store/sqlite/mod.rs", "SELECT 1"),
    ("src/store/sqlite/open.rs", "SELECT EXISTS (SELECT 1 FROM sqlite_schema "),
];

fn is_sql(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let first = words.clone().find(|word| !word.is_empty()).unwrap_or_default().to_uppercase();
    // In small letters they are English too; as a first word with more behind it they are most likely not.
    let begins = ["SELECT", "INSERT", "DELETE"].contains(&first.as_str()) && text.trim().contains(' ');
    begins || words.any(|word| WORDS.contains(&word))
}

fn statements() -> Vec<(String, String)> {
    let files = repository::files("src", ".rs").into_iter();
    let sources = files.map(|path| Source::read(&path));
    sources
        .flat_map(|source| source.texts.into_iter().map(move |text| (source.path.clone(), text)))
        .filter(|(_, text)| is_sql(text))
        .collect()
}

fn fits((path, begin): &(&str, &str), (found, text): &(String, String)) -> bool {
    found == path && text.starts_with(begin)
}

#[test]
fn no_sql_stands_in_the_code() {
    let stray =
        statements().into_iter().filter(|statement| !ALLOWED.iter().any(|allowed| fits(allowed, statement)));
    let stray: Vec<_> = stray.map(|(path, text)| format!("{path}: {text}")).collect();
    expect_none(&stray, "move the statement to a file under sql/<store>/queries and name it in queries.rs:");
}

#[test]
fn the_list_of_exceptions_has_no_idle_ones() {
    let statements = statements();
    let idle = ALLOWED.iter().filter(|allowed| !statements.iter().any(|statement| fits(allowed, statement)));
    let idle: Vec<_> = idle.map(|(path, begin)| format!("{path}: {begin}")).collect();
    expect_none(&idle, "take it out of ALLOWED in tests/contract/sql_in_code.rs:");
}

#[test]
fn sql_is_told_from_english() {
    for sql in [
        "SELECT 1",
        "select * from mints",
        "WITH a AS (SELECT 1) TABLE a",
        "  UPDATE mints SET x = 1",
        "DROP TABLE mints",
    ] {
        assert!(is_sql(sql), "{sql}");
    }
    for english in [
        "selected",
        "the update failed",
        "insert",
        "SET statement_timeout = '4s'",
        "PRAGMA journal_mode = WAL;",
    ] {
        assert!(!is_sql(english), "{english}");
    }
}
