//! Values of one type each, taken from a table.

use std::ops::RangeInclusive;

use toml::Value;

use super::reader::{Section, kind};

impl Section<'_> {
    /// Takes a value of one type; `wanted` names the type in the report of anything else.
    fn typed<T>(
        &mut self,
        key: &'static str,
        wanted: &str,
        read: fn(Value) -> Result<T, Value>,
    ) -> Option<T> {
        let other = match read(self.take(key)?) {
            Ok(value) => return Some(value),
            Err(other) => other,
        };
        self.report_type(key, &other, wanted);
        None
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, key: &'static str) -> Option<bool> {
        self.typed(key, "true or false, without quotes", |value| match value {
            Value::Boolean(value) => Ok(value),
            other => Err(other),
        })
    }

    /// A string.
    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        self.typed(key, "a string in quotes", as_text)
    }

    /// A whole number within a range.
    pub(super) fn integer<T: TryFrom<i64>>(
        &mut self,
        key: &'static str,
        range: RangeInclusive<i64>,
    ) -> Option<T> {
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        let number = self.typed(key, &wanted, |value| match value {
            Value::Integer(number) => Ok(number),
            other => Err(other),
        })?;
        if !range.contains(&number) {
            self.report(key, format!("{number} is out of range"), format!("write {wanted}"));
            return None;
        }
        T::try_from(number).ok()
    }

    /// A number within a range.
    pub(super) fn number(&mut self, key: &'static str, range: RangeInclusive<f64>) -> Option<f64> {
        let wanted = format!("a number from {:?} to {:?}", range.start(), range.end());
        let number = match self.take(key)? {
            Value::Float(number) => number,
            Value::Integer(number) => i32::try_from(number).map_or(f64::INFINITY, f64::from),
            other => {
                self.report_type(key, &other, &wanted);
                return None;
            }
        };
        if !range.contains(&number) {
            self.report(key, format!("{number} is out of range"), format!("write {wanted}"));
            return None;
        }
        Some(number)
    }

    /// One of a few words, each with its meaning.
    pub(super) fn word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let all: Vec<_> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            self.report(key, format!("{text:?} is not a choice"), format!("write {}", all.join(" or ")));
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// An array of distinct strings.
    pub(super) fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        let wanted = "an array of strings, such as [\"one\", \"two\"]";
        let items = self.array(key, wanted)?;
        let mut texts: Vec<String> = Vec::with_capacity(items.len());
        for item in items {
            match as_text(item) {
                Ok(text) if texts.contains(&text) => {
                    self.report(key, format!("{text:?} stands there twice"), "keep one");
                }
                Ok(text) => texts.push(text),
                Err(other) => {
                    self.report(key, format!("has {} in it", kind(&other)), format!("write {wanted}"))
                }
            }
        }
        Some(texts)
    }

    /// An array of anything.
    pub(super) fn array(&mut self, key: &'static str, wanted: &str) -> Option<Vec<Value>> {
        self.typed(key, wanted, |value| match value {
            Value::Array(items) => Ok(items),
            other => Err(other),
        })
    }
}

/// A string, or the value back.
pub(super) fn as_text(value: Value) -> Result<String, Value> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(other),
    }
}
