//! Text in columns.

use std::fmt::Write as _;

/// The most of a value that is shown.
const MAX_CELL_CHARS: usize = 60;

/// A column: its heading, and the side that its values keep to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Column {
    /// For words.
    Left(&'static str),
    /// For numbers.
    Right(&'static str),
}

impl Column {
    /// In capitals, and without the underscores of names.
    fn heading(self) -> String {
        let (Self::Left(name) | Self::Right(name)) = self;
        name.replace('_', " ").to_uppercase()
    }
}

/// Rows of as many cells as there are columns. Columns only ever grow, so rows may be taken out as they come.
#[derive(Debug)]
pub(super) struct Table {
    columns: Vec<Column>,
    widths: Vec<usize>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        let columns: Vec<Column> = columns.into_iter().collect();
        let widths = columns.iter().map(|column| column.heading().len()).collect();
        Self { columns, widths, rows: Vec::new() }
    }

    /// Adds a row.
    pub(super) fn add(&mut self, row: impl IntoIterator<Item = String>) {
        let row: Vec<String> = row.into_iter().map(|cell| plain(&cell)).collect();
        for (width, cell) in self.widths.iter_mut().zip(&row) {
            *width = (*width).max(cell.chars().count());
        }
        self.rows.push(row);
    }

    /// The headings, for the widths as they are now.
    pub(super) fn headings(&self) -> String {
        self.line(&self.columns.iter().map(|column| column.heading()).collect::<Vec<_>>())
    }

    /// The rows that were added since the last time, a line each.
    pub(super) fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.rows).iter().map(|row| self.line(row)).collect()
    }

    fn line(&self, row: &[String]) -> String {
        let mut line = String::new();
        for ((cell, column), &width) in row.iter().zip(&self.columns).zip(&self.widths) {
            let gap = if line.is_empty() { "" } else { "  " };
            let _ = match column {
                Column::Left(_) => write!(line, "{gap}{cell:<width$}"),
                Column::Right(_) => write!(line, "{gap}{cell:>width$}"),
            };
        }
        line.truncate(line.trim_end().len());
        line
    }
}

/// A value from the database as it may be shown: nothing in it moves the cursor or turns the line around.
pub(super) fn plain(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let shown = |c: char| if c.is_control() || turns(c) { '\u{fffd}' } else { c };
    let mut cell: String = text.chars().take(MAX_CELL_CHARS).map(shown).collect();
    if text.chars().nth(MAX_CELL_CHARS).is_some() {
        cell.push('…');
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_cells_stay_in_them() {
        let mut table = Table::new([Column::Left("NAME"), Column::Right("COUNT"), Column::Left("")]);
        table.add(["ñandú-azul".to_owned(), "7".to_owned(), String::new()]);
        table.add(["a\u{1b}[2J\u{202e}b".to_owned(), "12".to_owned(), "x".repeat(61)]);
        assert_eq!(table.headings(), "NAME        COUNT");
        let long = format!("{}…", "x".repeat(60));
        assert_eq!(
            table.take(),
            ["ñandú-azul      7".to_owned(), format!("a\u{fffd}[2J\u{fffd}b        12  {long}")]
        );
        assert!(table.take().is_empty());
    }
}
