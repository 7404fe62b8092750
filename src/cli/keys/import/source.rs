//! Where the older system's rows are read from.

use std::path::Path;

use anyhow::Context;
use secrecy::SecretString;

use super::Arguments;
use crate::config::{Config, Database};
use crate::store::postgres::Settings;
use crate::store::{ForeignRow, ForeignTable};

/// The rows, with these columns of each in this order.
pub(super) async fn read(
    arguments: &Arguments,
    config: &Config,
    columns: Vec<String>,
) -> anyhow::Result<Vec<ForeignRow>> {
    let newest_by = arguments.newest_by.clone();
    let (Some(name), None) = (arguments.table.clone(), &arguments.csv) else {
        let file = arguments.csv.as_deref().context("say --table, or --csv")?;
        return read_csv(file, &columns, newest_by.as_deref());
    };
    let table = ForeignTable { name, columns, newest_by };
    if let Some(file) = &arguments.sqlite {
        return Ok(table.read_sqlite(file)?);
    }
    if let Some(file) = &arguments.postgres {
        let url = secret(file)?;
        let settings = Settings::parse(&url).with_context(|| format!("the URL in {}", file.display()))?;
        let read = table.read_postgres(&settings).await;
        return read.with_context(|| format!("the database of {}", file.display()));
    }
    match &config.storage.database {
        Database::Postgres(settings) => Ok(table.read_postgres(settings).await?),
        Database::Sqlite(_) => {
            anyhow::bail!("--database: DATABASE_URL is not set; name the file with --sqlite")
        }
    }
}

/// What stands in a file, less the blanks around it. Never quoted.
pub(super) fn secret(file: &Path) -> anyhow::Result<SecretString> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    Ok(text.trim().into())
}

fn read_csv(file: &Path, columns: &[String], newest_by: Option<&str>) -> anyhow::Result<Vec<ForeignRow>> {
    let named = || file.display().to_string();
    let mut reader = csv::Reader::from_path(file).with_context(named)?;
    let headings = reader.headers().with_context(named)?.clone();
    let place = |column: &str| {
        let place = headings.iter().position(|heading| heading.trim() == column);
        place.with_context(|| format!("{}: there is no column `{column}` in its first line", named()))
    };
    let places = columns.iter().map(|column| place(column)).collect::<anyhow::Result<Vec<_>>>()?;
    let mut records = reader.records().collect::<Result<Vec<_>, _>>().with_context(named)?;
    if let Some(age) = newest_by.map(place).transpose()? {
        records.sort_by(|a, b| b.get(age).cmp(&a.get(age)));
    }
    let cell = |text: &str| (!text.is_empty()).then(|| SecretString::from(text));
    let row = |record: &csv::StringRecord| places.iter().map(|at| cell(record.get(*at)?)).collect();
    Ok(records.iter().map(row).collect())
}
