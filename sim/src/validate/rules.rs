//! The rules that any value can be held to: functions as they are, methods where they take an argument.

use std::{
    fmt::Display,
    ops::{Bound, RangeBounds},
};

use serde_json::Value;

use super::{
    Refusal, Verdict,
    node::{Node, Rule},
};
use crate::models::{self, Purpose};

/// Any value at all.
pub(super) fn anything(_: &Node<'_>) -> Verdict {
    Ok(())
}

/// True or false.
pub(super) fn flag(node: &Node<'_>) -> Verdict {
    if node.value.is_boolean() { Ok(()) } else { Err(node.wrong_type("a boolean")) }
}

/// Text of any kind.
pub(super) fn text(node: &Node<'_>) -> Verdict {
    node.as_text().map(drop)
}

/// Text that is not empty.
pub(super) fn name(node: &Node<'_>) -> Verdict {
    node.refuse_unless(!node.as_text()?.is_empty(), "a text that is not empty")
}

/// A language as ISO 639-1 writes it.
pub(super) fn language(node: &Node<'_>) -> Verdict {
    let code = node.as_text()?;
    let two_letters = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase());
    node.refuse_unless(two_letters, "an ISO 639-1 language code such as `en`")
}

impl<'a> Node<'a> {
    /// One of these words.
    pub(super) fn one_of(&self, words: &[&str]) -> Verdict {
        self.refuse_unless(words.contains(&self.as_text()?), &format!("one of: {}", words.join(", ")))
    }

    /// One of these words or, where it is no text, what `otherwise` says.
    pub(super) fn one_of_or(&self, words: &[&str], otherwise: Rule) -> Verdict {
        if self.value.is_string() { self.one_of(words) } else { otherwise(self) }
    }

    /// A model of that purpose.
    pub(super) fn model(&self, purpose: Purpose) -> Verdict {
        let model = models::find(self.as_text()?).ok_or_else(|| Refusal::no_such_model(self.path()))?;
        self.refuse_unless(model.purpose == purpose, "a model that this kind of session can use")
    }

    /// A whole number within `range`.
    pub(super) fn whole(&self, range: impl RangeBounds<i64>) -> Verdict {
        let number = self.value.as_i64().ok_or_else(|| self.wrong_type("an integer"))?;
        self.refuse_unless(range.contains(&number), &in_words(&range))
    }

    /// A number within `range`.
    pub(super) fn number(&self, range: impl RangeBounds<f64>) -> Verdict {
        let number = self.value.as_f64().ok_or_else(|| self.wrong_type("a number"))?;
        self.refuse_unless(range.contains(&number), &in_words(&range))
    }

    /// A list whose items all satisfy `rule`.
    pub(super) fn list(&self, rule: Rule) -> Verdict {
        let items = self.value.as_array().ok_or_else(|| self.wrong_type("an array"))?;
        items.iter().enumerate().try_for_each(|(index, item)| rule(&self.item(index, item)))
    }

    /// An object with any keys, whose values all satisfy `rule`.
    pub(super) fn map(&self, rule: Rule) -> Verdict {
        self.members()?.iter().try_for_each(|(key, value)| rule(&self.member(key, value)))
    }

    /// Null, or what `rule` says.
    pub(super) fn nullable(&self, rule: Rule) -> Verdict {
        if self.value.is_null() { Ok(()) } else { rule(self) }
    }

    /// The text.
    pub(super) fn as_text(&self) -> Result<&'a str, Refusal> {
        self.value.as_str().ok_or_else(|| self.wrong_type("a string"))
    }

    /// Refuses the value unless it is `allowed`; `expected` says what would be.
    pub(super) fn refuse_unless(&self, allowed: bool, expected: &str) -> Verdict {
        if allowed { Ok(()) } else { Err(Refusal::wrong_value(self.path(), expected)) }
    }

    /// A refusal of the value's JSON type.
    pub(super) fn wrong_type(&self, expected: &str) -> Refusal {
        let found = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        Refusal::wrong_type(self.path(), expected, found)
    }
}

fn in_words<T: Display>(range: &impl RangeBounds<T>) -> String {
    let lowest = match range.start_bound() {
        Bound::Included(least) | Bound::Excluded(least) => format!("at least {least}"),
        Bound::Unbounded => "any number".to_owned(),
    };
    match range.end_bound() {
        Bound::Included(most) => format!("{lowest} and at most {most}"),
        Bound::Excluded(limit) => format!("{lowest} and below {limit}"),
        Bound::Unbounded => lowest,
    }
}
