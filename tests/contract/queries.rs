//! The query files: each is prepared against the migrated schema, explained, and used.

use std::collections::BTreeSet;

use ephemint::store::StoreClock;
use ephemint::store::postgres::HOT_SESSION;
use ephemint_test_support::{StoreKind, TestDatabase};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use crate::compare::{expect_none, expect_same};
use crate::repository;
use crate::source::Source;

/// Both stores, with the sign that marks a parameter.
const STORES: [(&str, char); 2] = [("postgres", '$'), ("sqlite", '?')];

struct Query {
    path: String,
    text: String,
}

impl Query {
    fn all(store: &str) -> Vec<Self> {
        let files = repository::files(&format!("sql/{store}/queries"), ".sql");
        files.into_iter().map(|path| Self { text: repository::read(&path), path }).collect()
    }

    /// The lines of comment at its beginning.
    fn comment(&self) -> String {
        self.text.lines().take_while(|line| line.starts_with("--")).collect::<Vec<_>>().join("\n")
    }

    /// The rest, without comments.
    fn statement(&self) -> String {
        self.text.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n")
    }
}

/// The numbers of the parameters in a text.
fn parameters(text: &str, sign: char) -> BTreeSet<usize> {
    let number = |rest: &str| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    text.split(sign).skip(1).filter_map(number).collect()
}

#[test]
fn every_query_says_what_it_is_for_and_what_its_parameters_are() {
    let mut wrong = Vec::new();
    for (store, sign) in STORES {
        for query in Query::all(store) {
            let (told, used) = (parameters(&query.comment(), sign), parameters(&query.statement(), sign));
            if !query.comment().starts_with("-- ") {
                wrong.push(format!("{} does not begin with a comment", query.path));
            }
            wrong
                .extend(used.difference(&told).map(|n| format!("{} does not explain {sign}{n}", query.path)));
            wrong.extend(
                told.difference(&used).map(|n| format!("{} explains {sign}{n} and has none", query.path)),
            );
            if used.iter().copied().ne(1..=used.len()) {
                wrong.push(format!("{} leaves numbers of parameters out", query.path));
            }
        }
    }
    expect_none(&wrong, "mend the comment at the beginning of the file (`-- $1 user key  $2 the time`):");
}

#[test]
fn every_query_is_used() {
    for (store, _) in STORES {
        let folder = format!("sql/{store}/queries/");
        let files: BTreeSet<_> =
            Query::all(store).into_iter().map(|query| query.path.replace(&folder, "")).collect();
        let code = format!("src/store/{store}/queries.rs");
        let used = Source::read(&code).texts.into_iter().filter(|text| text.ends_with(".sql")).collect();
        let mend = "name the file in queries.rs, or delete it:";
        expect_same((&folder, &files), (&code, &used), mend);
    }
}

/// A migrated database and a connection to it, where PostgreSQL is wanted.
async fn on_postgres() -> Option<(TestDatabase, Client)> {
    if !StoreKind::Postgres.is_wanted() {
        return None;
    }
    let database = TestDatabase::create(StoreKind::Postgres).await;
    drop(database.open(StoreClock::Own).await);
    let (client, connection) = tokio_postgres::connect(&database.setting().1, NoTls).await.unwrap();
    tokio::spawn(connection);
    Some((database, client))
}

#[tokio::test]
async fn postgres_understands_every_query() {
    let Some((_database, client)) = on_postgres().await else { return };
    let mut wrong = Vec::new();
    for query in Query::all("postgres") {
        match client.prepare(&query.text).await {
            Ok(statement) => {
                let (known, used) = (statement.params().len(), parameters(&query.statement(), '$').len());
                assert_eq!(known, used, "{}: PostgreSQL sees other parameters", query.path);
            }
            Err(error) => {
                let why = error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string);
                wrong.push(format!("{}: {why}", query.path));
            }
        }
    }
    expect_none(&wrong, "the query does not fit the migrated schema: mend the file, or add a migration:");
}

/// The blocks of SQL in a document, each with the line it begins at.
fn examples(document: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    for (line, text) in repository::read(document).lines().enumerate() {
        match (inside, text) {
            (false, "```sql") => found.push((line + 1, String::new())),
            (true, "```") => {}
            (true, text) => found.last_mut().unwrap().1.extend([text, "\n"]),
            (false, _) => continue,
        }
        inside = text != "```";
    }
    found
}

#[tokio::test]
async fn postgres_understands_the_queries_of_the_guides() {
    let Some((_database, client)) = on_postgres().await else { return };
    let mut wrong = Vec::new();
    for document in ["README.md", "docs/operations.md", "docs/migrating.md"] {
        for (line, example) in examples(document) {
            if let Err(error) = client.simple_query(&example).await {
                let why = error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string);
                wrong.push(format!("{document}:{line}: {why}"));
            }
        }
    }
    expect_none(&wrong, "an example does not fit the migrated schema: mend it:");
}

/// Statements that a mint waits for, or that run beside them on the same connections.
const HOT: [&str; 5] =
    ["ledger/spend", "ledger/refund", "ledger/enter", "ledger/count_refusals", "users/standing"];

/// Hot statements are planned once, maybe while the tables are empty; each plan has to be good for full ones.
#[tokio::test]
async fn hot_plans_find_rows_by_their_keys_however_empty_the_tables_are() {
    let Some((_database, client)) = on_postgres().await else { return };
    let mut wrong = Vec::new();
    for statistics in ["", "ANALYZE mints, users, rolling_hours, refusals, provider_keys"] {
        client.batch_execute(&format!("{HOT_SESSION}; {statistics}")).await.unwrap();
        for name in HOT {
            let text = repository::read(&format!("sql/postgres/queries/{name}.sql"));
            wrong.extend(unbounded(&plan(&client, &text).await).map(|line| format!("{name}: {line}")));
        }
    }
    expect_none(&wrong, "ask the table by an array of keys, or by one key in a LATERAL with OFFSET 0:");
}

/// The lines of the plan that is made without knowing any parameter.
async fn plan(client: &Client, query: &str) -> Vec<String> {
    let nulls = vec!["NULL"; client.prepare(query).await.unwrap().params().len()].join(", ");
    client.batch_execute(&format!("PREPARE hot AS {query}")).await.unwrap();
    let lines = client.simple_query(&format!("EXPLAIN EXECUTE hot({nulls})")).await.unwrap();
    client.batch_execute("DEALLOCATE hot").await.unwrap();
    let line = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    };
    lines.iter().filter_map(line).collect()
}

/// Looks at tables that are not held to keys.
fn unbounded(plan: &[String]) -> impl Iterator<Item = &String> {
    let looks =
        |line: &str| ["Seq Scan", "Index Scan", "Index Only Scan"].iter().any(|scan| line.contains(scan));
    let bounded = |next: Option<&String>| next.is_some_and(|line| line.contains("Index Cond"));
    plan.iter()
        .enumerate()
        .filter(move |(i, line)| looks(line) && !bounded(plan.get(i + 1)))
        .map(|(_, line)| line)
}

#[tokio::test]
async fn sqlite_understands_every_query() {
    let database = TestDatabase::create(StoreKind::Sqlite).await;
    drop(database.open(StoreClock::Own).await);
    let connection = rusqlite::Connection::open(database.directory().unwrap().join("ephemint.db")).unwrap();
    let mut wrong = Vec::new();
    for query in Query::all("sqlite") {
        match connection.prepare(&query.text) {
            Ok(statement) => {
                let (known, used) = (statement.parameter_count(), parameters(&query.statement(), '?').len());
                assert_eq!(known, used, "{}: SQLite sees other parameters", query.path);
            }
            Err(error) => wrong.push(format!("{}: {error}", query.path)),
        }
    }
    expect_none(&wrong, "the query does not fit the migrated schema: mend the file, or add a migration:");
}

#[test]
fn parameters_are_found() {
    assert_eq!(parameters("a = $1::text AND b = $12 AND c = $1 -- $$", '$'), BTreeSet::from([1, 12]));
}
