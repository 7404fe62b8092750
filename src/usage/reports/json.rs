//! Reports as JSON.

use serde_json::{Map, Number, Value, json};

use super::Query;
use super::table::{Cell, Table};
use crate::kernel::clock::rfc3339_seconds;
use crate::kernel::money::decimal;

impl Table {
    /// The report with the window that it is about.
    pub fn json(&self, query: &Query) -> Value {
        let (window, tz) = (&query.window, query.window.tz);
        let rows = self.rows.iter().map(|row| {
            let members = self.columns.iter().zip(row).map(|(name, cell)| ((*name).to_owned(), value(cell)));
            Value::Object(members.collect::<Map<_, _>>())
        });
        json!({
            "report": query.kind.as_str(),
            "from": rfc3339_seconds(&window.from.with_timezone(&tz)),
            "to": rfc3339_seconds(&window.to.with_timezone(&tz)),
            "tz": tz.name(),
            "columns": self.columns,
            "rows": rows.collect::<Vec<_>>(),
            "next_cursor": self.next.as_ref().map(ToString::to_string),
            "note": self.note,
        })
    }
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Text(text) => text.as_str().into(),
        Cell::Count(count) => (*count).into(),
        Cell::Ratio(ratio) => Number::from_f64(*ratio).map_or(Value::Null, Value::Number),
        // As text: a decimal number that is read as a binary one is not the same amount any more.
        Cell::Money(millionths) => decimal(*millionths).into(),
        Cell::Time(at) => rfc3339_seconds(at).into(),
        Cell::Unknown => Value::Null,
    }
}
