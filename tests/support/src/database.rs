//! A fresh database for each test.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ephemint::config::{Database, Environment, Storage, read_one};
use ephemint::kernel::user::User;
use ephemint::store::postgres::PostgresStore;
use ephemint::store::sqlite::SqliteStore;
use ephemint::store::{Store, StoreClock};
use tokio_postgres::NoTls;

/// Which of the two stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreKind {
    /// The embedded one.
    Sqlite,
    /// The server.
    Postgres,
}

impl StoreKind {
    /// Whether tests on this store are to run. Without PostgreSQL, that has to be said aloud.
    pub fn is_wanted(self) -> bool {
        self == Self::Sqlite || postgres_url().is_some()
    }
}

/// Where the PostgreSQL server for tests is. None only where the tests were told to do without.
fn postgres_url() -> Option<String> {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let url = set("TEST_DATABASE_URL");
    assert!(
        url.is_some() || set("EPHEMINT_TEST_WITHOUT_POSTGRES").is_some(),
        "TEST_DATABASE_URL is not set. Run scripts/test, which starts a PostgreSQL of its own; or set TEST_DATABASE_URL \
         to a server where databases may be made; or set EPHEMINT_TEST_WITHOUT_POSTGRES=1 to leave those tests out."
    );
    url
}

/// A database that goes away with this value.
#[derive(Debug)]
pub struct TestDatabase {
    place: Place,
}

#[derive(Debug)]
enum Place {
    Sqlite { directory: PathBuf },
    Postgres { server: String, name: String },
}

impl TestDatabase {
    /// A fresh, empty one.
    pub async fn create(kind: StoreKind) -> Self {
        if kind == StoreKind::Postgres {
            return Self::create_on(postgres_url().unwrap()).await;
        }
        let directory = std::env::temp_dir().join(fresh_name());
        std::fs::create_dir(&directory).unwrap();
        Self { place: Place::Sqlite { directory } }
    }

    /// A fresh, empty one on this PostgreSQL server.
    pub async fn create_on(server: String) -> Self {
        let name = fresh_name();
        admin(&server, &format!("CREATE DATABASE {name}")).await.unwrap();
        Self { place: Place::Postgres { server, name } }
    }

    /// The setting that leads to it, as name and value.
    pub fn setting(&self) -> (&'static str, String) {
        match &self.place {
            Place::Sqlite { directory } => ("DATA_DIR", directory.display().to_string()),
            Place::Postgres { server, name } => ("DATABASE_URL", with_database(server, name)),
        }
    }

    /// The settings of the service for it.
    pub fn storage(&self) -> Storage {
        let environment: Environment = [self.setting()].into_iter().collect();
        read_one(&environment, Storage::read).unwrap()
    }

    /// A store on it, with the schema in place.
    pub async fn open(&self, clock: StoreClock) -> Arc<dyn Store> {
        match self.storage().database {
            Database::Postgres(settings) => {
                Arc::new(PostgresStore::open(&settings, true, clock).await.unwrap())
            }
            Database::Sqlite(directory) => Arc::new(SqliteStore::open(&directory, true, clock).unwrap()),
        }
    }

    /// Where the embedded store's file is.
    pub fn directory(&self) -> Option<&Path> {
        match &self.place {
            Place::Sqlite { directory } => Some(directory),
            Place::Postgres { .. } => None,
        }
    }

    /// Runs SQL that is the same in both dialects, past the service.
    pub async fn execute(&self, sql: &str) {
        match &self.place {
            Place::Sqlite { directory } => sqlite(directory).execute_batch(sql).unwrap(),
            Place::Postgres { server, name } => admin(&with_database(server, name), sql).await.unwrap(),
        }
    }

    /// The same where it may fail: then what the database says.
    pub async fn attempt(&self, sql: &str) -> Result<(), String> {
        match &self.place {
            Place::Sqlite { directory } => {
                sqlite(directory).execute_batch(sql).map_err(|error| error.to_string())
            }
            Place::Postgres { server, name } => {
                let said = admin(&with_database(server, name), sql).await;
                said.map_err(|error| error.as_db_error().map_or_else(String::new, ToString::to_string))
            }
        }
    }

    /// The first column of a query's rows, as text; null is "null".
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        match &self.place {
            Place::Sqlite { directory } => {
                let connection = sqlite(directory);
                let mut statement = connection.prepare(sql).unwrap();
                let text = |row: &rusqlite::Row<'_>| row.get::<_, rusqlite::types::Value>(0);
                statement.query_map([], text).unwrap().map(|value| sqlite_text(value.unwrap())).collect()
            }
            Place::Postgres { server, name } => {
                let client = connect(&with_database(server, name)).await.unwrap();
                let rows = client.simple_query(sql).await.unwrap();
                let text = |message: &tokio_postgres::SimpleQueryMessage| match message {
                    tokio_postgres::SimpleQueryMessage::Row(row) => {
                        Some(row.get(0).unwrap_or("null").to_owned())
                    }
                    _ => None,
                };
                rows.iter().filter_map(text).collect()
            }
        }
    }

    /// The columns in which this text stands, as `table.column`; bytes count as their hexadecimal digits.
    pub async fn columns_with(&self, text: &str) -> Vec<String> {
        let columns = match self.place {
            Place::Sqlite { .. } => {
                "SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c
                 WHERE m.type = 'table'"
            }
            Place::Postgres { .. } => {
                "SELECT table_name || '.' || column_name FROM information_schema.columns
                 WHERE table_schema = 'public'"
            }
        };
        let mut found = Vec::new();
        for place in self.texts(columns).await {
            let (table, column) = place.split_once('.').unwrap();
            let value = match self.place {
                Place::Sqlite { .. } => {
                    format!("CASE typeof({column}) WHEN 'blob' THEN hex({column}) ELSE {column} END")
                }
                Place::Postgres { .. } => format!("{column}::text"),
            };
            let count =
                format!("SELECT count(*) FROM {table} WHERE lower({value}) LIKE '%{}%'", text.to_lowercase());
            if self.texts(&count).await != ["0"] {
                found.push(place);
            }
        }
        found
    }

    /// Lets nobody connect any more, and cuts off who is; or lets them again. PostgreSQL only.
    pub async fn allow_connections(&self, allow: bool) {
        let Place::Postgres { server, name } = &self.place else {
            panic!("a file can't refuse connections");
        };
        admin(server, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {allow}")).await.unwrap();
        if !allow {
            let sql =
                format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
            admin(server, &sql).await.unwrap();
        }
    }

    /// Decides something about a user, as an operator would. `role` and `name` are SQL: `'teacher'` or `NULL`.
    pub async fn put_user(&self, user: &User, role: &str, name: &str, disabled: bool) {
        let hex: String = user.key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let (key, disabled, now) = match self.place {
            Place::Sqlite { .. } => (format!("x'{hex}'"), u8::from(disabled).to_string(), "0".to_owned()),
            Place::Postgres { .. } => (format!("'\\x{hex}'"), disabled.to_string(), "now()".to_owned()),
        };
        self.execute(&format!(
            "INSERT INTO users (user_key, issuer, user_id, role, name, disabled, created_at, updated_at)
             VALUES ({key}, '{}', '{}', {role}, {name}, {disabled}, {now}, {now})
             ON CONFLICT (user_key) DO UPDATE SET role = excluded.role, name = excluded.name, disabled = excluded.disabled",
            user.issuer, user.id
        ))
        .await;
    }
}

fn fresh_name() -> String {
    format!("ephemint_test_{}", uuid::Uuid::now_v7().simple())
}

fn sqlite(directory: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(directory.join("ephemint.db")).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    connection
}

fn sqlite_text(value: rusqlite::types::Value) -> String {
    use rusqlite::types::Value;
    match value {
        Value::Null => "null".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text,
        Value::Blob(_) => "blob".to_owned(),
    }
}

/// A server that trusts us takes any password; where ours has one, that is it.
const PASSWORD: &str = "database-password-canary";

fn with_database(server: &str, name: &str) -> String {
    let mut url = reqwest::Url::parse(server).unwrap();
    if url.password().is_none() {
        url.set_password(Some(PASSWORD)).unwrap();
    }
    url.set_path(name);
    url.to_string()
}

pub(super) async fn connect(url: &str) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn admin(url: &str, sql: &str) -> Result<(), tokio_postgres::Error> {
    connect(url).await?.batch_execute(sql).await
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match &self.place {
            Place::Sqlite { directory } => drop(std::fs::remove_dir_all(directory)),
            Place::Postgres { server, name } => {
                // A test's own runtime may be gone by now.
                let (server, sql) = (server.clone(), format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
                let drop_it = move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    let _ = runtime.block_on(admin(&server, &sql));
                };
                let _ = std::thread::spawn(drop_it).join();
            }
        }
    }
}
