//! `ephemint keys import`: keys that an older system kept.

mod arguments;
mod entries;
mod source;
mod users;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(in crate::cli) use self::arguments::Arguments;
use self::entries::{Found, Reading, Skipped};
use super::Kept;
use crate::cli::report;
use crate::cli::table::{Column, Table};
use crate::config::{Config, Environment};
use crate::kernel::clock::SystemClock;
use crate::keys::{Fate, Import, OlderEntry};

pub(in crate::cli) async fn run(arguments: &Arguments, environment: &Environment) -> anyhow::Result<()> {
    let config = Config::read(environment).map_err(report::mistakes)?;
    let Kept { store, vault, .. } = Kept::open(environment).await?;
    let found = Reading::prepare(arguments, &config)?.read(arguments, &config).await?;
    let import = Import::new(store, vault, Arc::new(SystemClock));
    let (rows, entries): (Vec<usize>, Vec<OlderEntry>) =
        found.iter().filter_map(|found| Some((found.row, found.entry.as_ref().ok()?.clone()))).unzip();
    let fates = import.plan(&entries, arguments.newest_by.is_some()).await?;
    let mut report = Report::new(arguments.write);
    for found in &found {
        if let Err(skipped) = &found.entry {
            report.skipped(found, skipped);
        }
    }
    for ((row, entry), fate) in rows.into_iter().zip(&entries).zip(fates) {
        let fate = match fate {
            Fate::Import if arguments.write && !import.store(entry).await? => Fate::AnotherIsHere,
            fate => fate,
        };
        report.told(row, entry, fate);
    }
    report.print();
    Ok(())
}

/// What became of everything that was found.
struct Report {
    writes: bool,
    /// By the row where it was found.
    lines: BTreeMap<(usize, String), [String; 5]>,
    imported: usize,
    here: usize,
    skipped: usize,
}

impl Report {
    fn new(writes: bool) -> Self {
        Self { writes, lines: BTreeMap::new(), imported: 0, here: 0, skipped: 0 }
    }

    fn skipped(&mut self, found: &Found, skipped: &Skipped) {
        self.skipped += 1;
        self.line(
            found.row,
            found.user.clone(),
            &found.provider,
            String::new(),
            format!("skipped: {skipped}"),
        );
    }

    fn told(&mut self, row: usize, entry: &OlderEntry, fate: Fate) {
        let counter = match fate {
            Fate::Import => &mut self.imported,
            Fate::IsHere => &mut self.here,
            _ => &mut self.skipped,
        };
        *counter += 1;
        let what = match fate {
            Fate::Import if self.writes => "imported",
            Fate::Import => "would be imported",
            Fate::IsHere => "is here already",
            Fate::AnotherIsHere => "skipped: another one was entered here; it stays",
            Fate::UnreadableIsHere => "skipped: one here does not open; delete it, then again",
            Fate::Again => "skipped: the same as in another row",
            Fate::Outdated => "skipped: another row is newer",
            Fate::Ambiguous => "skipped: rows differ; say --newest-by",
        };
        self.line(row, entry.user.id.clone(), entry.provider.as_str(), entry.key.mask(), what.to_owned());
    }

    fn line(&mut self, row: usize, user: String, provider: &str, mask: String, what: String) {
        let line = [row.to_string(), user, provider.to_owned(), mask, what];
        self.lines.insert((row, provider.to_owned()), line);
    }

    fn print(self) {
        let mut table = Table::new([
            Column::Right("ROW"),
            Column::Left("USER"),
            Column::Left("PROVIDER"),
            Column::Left("KEY"),
            Column::Left("WHAT BECOMES OF IT"),
        ]);
        self.lines.into_values().for_each(|line| table.add(line));
        report::say(table.headings());
        table.take().into_iter().for_each(report::say);
        let (imported, here, skipped) = (self.imported, self.here, self.skipped);
        let counts = |verb| format!("\n{imported} {verb}, {here} here already, {skipped} skipped.");
        if self.writes {
            report::say(counts("imported"));
        } else {
            report::say(format!("{} Nothing was written: say --write to do it.", counts("to import")));
        }
    }
}
