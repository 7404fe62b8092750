//! Tables of other systems, which something is imported from. They are only read.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use secrecy::SecretString;
use tokio_postgres::SimpleQueryMessage;

use super::postgres::Settings;
use super::{OpenError, error};

/// A table of somebody else's, or a view.
#[derive(Debug, Clone)]
pub struct ForeignTable {
    /// Its name; with its schema, where it has one: `schema.table`.
    pub name: String,
    /// The columns to read.
    pub columns: Vec<String>,
    /// Rows come in the order of this column, the greatest value first; without it, in any order.
    pub newest_by: Option<String>,
}

/// A row: a value for each column that was asked for, as text; none where there is none. Nobody knows which of them are secret.
pub type ForeignRow = Vec<Option<SecretString>>;

impl ForeignTable {
    /// Reads it from PostgreSQL, in a transaction that can't write.
    pub async fn read_postgres(&self, settings: &Settings) -> Result<Vec<ForeignRow>, OpenError> {
        let mut client = settings.connect().await?;
        let transaction = client.build_transaction().read_only(true).start().await.map_err(unreadable)?;
        let messages = transaction.simple_query(&self.query()).await.map_err(unreadable)?;
        let row = |message| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..self.columns.len()).map(|at| row.get(at).map(SecretString::from)).collect())
            }
            _ => None,
        };
        Ok(messages.into_iter().filter_map(row).collect())
    }

    /// Reads it from a SQLite file.
    pub fn read_sqlite(&self, file: &Path) -> Result<Vec<ForeignRow>, OpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags).map_err(unreadable)?;
        let mut statement = connection.prepare(&self.query()).map_err(unreadable)?;
        let cell = |row: &rusqlite::Row<'_>, at| row.get_ref(at).map(text);
        let rows = statement.query_map([], |row| (0..self.columns.len()).map(|at| cell(row, at)).collect());
        rows.and_then(Iterator::collect).map_err(unreadable)
    }

    /// Columns belong to `t`: SQLite takes a name that nothing has for a text, unless it belongs to a table.
    fn query(&self) -> String {
        let column = |name: &String| format!("t.{}", quoted(name));
        let columns = self.columns.iter().map(column).collect::<Vec<_>>().join(", ");
        let table = self.name.split('.').map(quoted).collect::<Vec<_>>().join(".");
        let order = self.newest_by.as_ref().map(|name| format!(" ORDER BY {} DESC NULLS LAST", column(name)));
        format!("SELECT {columns} FROM {table} AS t{}", order.unwrap_or_default())
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn text(value: ValueRef<'_>) -> Option<SecretString> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string().into()),
        ValueRef::Real(number) => Some(number.to_string().into()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Some(String::from_utf8_lossy(bytes).into_owned().into())
        }
    }
}

fn unreadable(cause: impl Into<error::Cause>) -> OpenError {
    OpenError::Unreachable { doing: "reading the table to import from", cause: cause.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_names() {
        let table = ForeignTable {
            name: "old.user\"keys".to_owned(),
            columns: vec!["a".to_owned(), "b\"; --".to_owned()],
            newest_by: Some("Updated At".to_owned()),
        };
        let query = table.query();
        for part in [
            r#" t."a", t."b""; --" "#,
            r#" "old"."user""keys" AS t "#,
            r#" BY t."Updated At" DESC NULLS LAST"#,
        ] {
            assert!(query.contains(part), "{query}");
        }
    }
}
