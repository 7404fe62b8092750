//! Reports as CSV (RFC 4180).
//!
//! Names may come from users' tokens. A spreadsheet takes text that begins like a formula for one, so such text gets an
//! apostrophe before it.

use std::borrow::Cow;

use super::table::{Cell, Table};
use crate::kernel::clock::rfc3339_seconds;
use crate::kernel::money::decimal;

/// What formulas begin with, also in wide letters, and what spreadsheets pass over before that.
const FORMULAS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

impl Table {
    /// The whole file.
    pub fn csv(&self) -> String {
        let mut text = self.columns.join(",");
        text.push_str("\r\n");
        for row in &self.rows {
            for (n, cell) in row.iter().enumerate() {
                if n > 0 {
                    text.push(',');
                }
                text.push_str(&field(cell));
            }
            text.push_str("\r\n");
        }
        text
    }
}

fn field(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Text(name) => quoted(name),
        Cell::Count(count) => count.to_string().into(),
        Cell::Ratio(ratio) => ratio.to_string().into(),
        Cell::Money(millionths) => decimal(*millionths).into(),
        Cell::Time(at) => rfc3339_seconds(at).into(),
        Cell::Unknown => "".into(),
    }
}

fn quoted(name: &str) -> Cow<'_, str> {
    let is_formula = name.trim_start_matches(' ').starts_with(FORMULAS);
    let apostrophe = if is_formula { "'" } else { "" };
    if is_formula || name.contains([',', '"', '\r', '\n']) || name.starts_with(' ') || name.ends_with(' ') {
        return format!("\"{apostrophe}{}\"", name.replace('"', "\"\"")).into();
    }
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_a_formula_and_none_breaks_a_row() {
        for (name, written) in [
            ("ana", "ana"),
            ("ana, bea", "\"ana, bea\""),
            ("\"ana\"", "\"\"\"ana\"\"\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("=1+1", "\"'=1+1\""),
            ("  =1+1", "\"'  =1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("-2+3", "\"'-2+3\""),
            ("+2", "\"'+2\""),
            ("\t=1", "\"'\t=1\""),
            ("＝1", "\"'＝1\""),
            ("https://issuer.example|=x", "https://issuer.example|=x"),
        ] {
            assert_eq!(quoted(name), written, "{name:?}");
        }
    }
}
