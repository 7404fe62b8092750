//! Reads TOML tables key by key, reports what is wrong with each, and then what nobody asked for.

use toml::{Table, Value};

use super::mistake::{Mistakes, near};

/// One table of the file. Whoever reads it takes the keys it knows; `finish` reports the rest as unknown.
pub(super) struct Section<'m> {
    at: String,
    table: Table,
    asked: Vec<&'static str>,
    mistakes: &'m Mistakes,
}

impl<'m> Section<'m> {
    /// A table that stands at a path (empty for the file itself).
    pub(super) fn new(at: String, table: Table, mistakes: &'m Mistakes) -> Self {
        Self { at, table, asked: Vec::new(), mistakes }
    }

    /// Where it stands.
    pub(super) fn at(&self) -> &str {
        &self.at
    }

    /// The path of one of its keys.
    pub(super) fn path(&self, key: &str) -> String {
        let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
        let key = if bare { key.to_owned() } else { format!("{key:?}") };
        if self.at.is_empty() { key } else { format!("{}.{key}", self.at) }
    }

    /// Reports a mistake at one of its keys.
    pub(super) fn report(&self, key: &str, problem: impl Into<String>, mend: impl Into<String>) {
        self.mistakes.report(self.path(key), problem, mend);
    }

    /// Whether it has the key, taken or not yet.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Takes a key's value, whatever it is.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Value> {
        self.asked.push(key);
        self.table.remove(key)
    }

    /// Reports that a value has the wrong type.
    pub(super) fn report_type(&self, key: &str, came: &Value, wanted: &str) {
        self.report(key, format!("is {}", kind(came)), format!("write {wanted}"));
    }

    /// A table.
    pub(super) fn section(&mut self, key: &'static str) -> Option<Section<'m>> {
        let value = self.take(key)?;
        self.entry(key, value)
    }

    /// A table, or the word `"none"` (then the inner `None`).
    pub(super) fn section_or_none(&mut self, key: &'static str) -> Option<Option<Section<'m>>> {
        match self.take(key)? {
            Value::String(text) if text == "none" => Some(None),
            Value::Table(table) => Some(Some(Section::new(self.path(key), table, self.mistakes))),
            other => {
                self.report_type(key, &other, "a table in braces, or \"none\"");
                None
            }
        }
    }

    /// A table that is an item of an array.
    pub(super) fn item(&self, key: &str, index: usize, value: Value) -> Option<Section<'m>> {
        self.inner(format!("{}[{index}]", self.path(key)), value)
    }

    /// The keys and values of a table whose keys are names.
    pub(super) fn entries(&mut self) -> Table {
        std::mem::take(&mut self.table)
    }

    /// A table that stands under a name.
    pub(super) fn entry(&self, key: &str, value: Value) -> Option<Section<'m>> {
        self.inner(self.path(key), value)
    }

    fn inner(&self, at: String, value: Value) -> Option<Section<'m>> {
        match value {
            Value::Table(table) => Some(Section::new(at, table, self.mistakes)),
            other => {
                self.mistakes.report(at, format!("is {}", kind(&other)), "write a table");
                None
            }
        }
    }

    /// Reports every key that was not taken; `elsewhere` may know where such a key belongs.
    pub(super) fn finish(self, elsewhere: impl Fn(&str) -> Option<&'static str>) {
        for key in self.table.keys() {
            let meant = near(key, self.asked.iter().copied());
            let mend = match (elsewhere(key), meant) {
                (Some(place), _) => format!("it belongs under {place}"),
                (None, Some(meant)) => format!("did you mean `{meant}`?"),
                (None, None) => format!("take it out; known here: {}", self.asked.join(", ")),
            };
            self.report(key, "is not a key that is known here", mend);
        }
    }
}

/// What a value is, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a string",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number with a point",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date or time",
        Value::Array(_) => "an array",
        Value::Table(_) => "a table",
    }
}
