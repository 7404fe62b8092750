//! What a database says that its schema is, one line for each thing.

use std::collections::BTreeSet;

use ephemint_test_support::{StoreKind, TestDatabase};

const POSTGRES: &str = include_str!("catalog/postgres.sql");

const SQLITE: &str = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL";

/// The table of applied migrations is no part of the schema.
const HISTORY: &str = "refinery_schema_history";

/// Everything that a database says of its schema.
pub(crate) async fn of(kind: StoreKind, database: &TestDatabase) -> BTreeSet<String> {
    let lines = match kind {
        StoreKind::Postgres => database.texts(POSTGRES).await,
        StoreKind::Sqlite => database.texts(SQLITE).await.iter().map(|sql| plain(sql)).collect(),
    };
    lines.into_iter().filter(|line| !line.contains(HISTORY)).collect()
}

/// A statement on one line, without comments. SQLite adds a column to the text of a table as it came.
fn plain(sql: &str) -> String {
    let code = sql.lines().map(|line| line.split_once("--").map_or(line, |(code, _)| code));
    let line = code.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
    line.replace(" ,", ",").replace("( ", "(").replace(" )", ")")
}
