//! What `keys import` takes.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use crate::kernel::provider_name::ProviderName;

/// What is read, and from where.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("source").required(true).args(["database", "postgres", "sqlite", "csv"]))]
#[command(group = ArgGroup::new("which").required(true).args(["key", "key_column"]))]
pub(in crate::cli) struct Arguments {
    /// Read from this service's own database (DATABASE_URL), where the older system's tables are beside ours
    #[arg(long)]
    pub(super) database: bool,
    /// Read from the PostgreSQL database whose URL is in this file
    #[arg(long, value_name = "FILE")]
    pub(super) postgres: Option<PathBuf>,
    /// Read from this SQLite file
    #[arg(long, value_name = "FILE")]
    pub(super) sqlite: Option<PathBuf>,
    /// Read from this CSV file, whose first line names the columns
    #[arg(long, value_name = "FILE")]
    pub(super) csv: Option<PathBuf>,
    /// The table or view, as `table` or `schema.table`
    #[arg(long, required_unless_present = "csv", conflicts_with = "csv")]
    pub(super) table: Option<String>,
    /// The column that says whose the row is
    #[arg(long, value_name = "COLUMN")]
    pub(super) user_column: String,
    /// A CSV file without headings that translates what the user column has to the `sub` of the user's JWTs: `token,sub`
    #[arg(long, value_name = "FILE")]
    pub(super) users: Option<PathBuf>,
    /// The `iss` of the users' JWTs, where tokens of several issuers are believed
    #[arg(long)]
    pub(super) issuer: Option<String>,
    /// A column with keys of one provider; as often as there are such columns
    #[arg(long, value_name = "COLUMN=PROVIDER", value_parser = column_of_provider)]
    pub(super) key: Vec<(String, ProviderName)>,
    /// The column with the key, where another one names the provider
    #[arg(long, value_name = "COLUMN", requires = "provider_column")]
    pub(super) key_column: Option<String>,
    /// The column that names the provider
    #[arg(long, value_name = "COLUMN", requires = "key_column")]
    pub(super) provider_column: Option<String>,
    /// A file with the key that the older system sealed with, 64 hexadecimal digits; without it, keys are plain
    #[arg(long, value_name = "FILE")]
    pub(super) old_key_file: Option<PathBuf>,
    /// A column by which rows are older or newer: of several keys of a user and provider, the greatest counts
    #[arg(long, value_name = "COLUMN")]
    pub(super) newest_by: Option<String>,
    /// Store them, rather than saying what would be stored
    #[arg(long)]
    pub(super) write: bool,
}

fn column_of_provider(text: &str) -> Result<(String, ProviderName), String> {
    let (column, provider) =
        text.rsplit_once('=').ok_or("write COLUMN=PROVIDER, such as openai_key=openai")?;
    let provider = ProviderName::parse(provider).map_err(|error| error.to_string())?;
    Ok((column.to_owned(), provider))
}
