//! A value in a body, and where it stands.

use std::fmt::{self, Display};

use serde_json::{Map, Value};

use super::{Refusal, Verdict};

/// What a value has to satisfy.
pub(super) type Rule = fn(&Node<'_>) -> Verdict;

/// A key that an object may have, and the rule for its value.
pub(super) struct Field {
    key: &'static str,
    rule: Rule,
    required: bool,
}

/// A key that may be there.
pub(super) const fn optional(key: &'static str, rule: Rule) -> Field {
    Field { key, rule, required: false }
}

/// A key that has to be there.
pub(super) const fn required(key: &'static str, rule: Rule) -> Field {
    Field { key, rule, required: true }
}

/// A value in a body. It knows its way up, so that the path is only spelt out when something is wrong.
pub(super) struct Node<'a> {
    pub(super) value: &'a Value,
    step: Step<'a>,
}

enum Step<'a> {
    Root,
    Key(&'a Node<'a>, &'a str),
    Index(&'a Node<'a>, usize),
}

impl<'a> Node<'a> {
    /// The body itself.
    pub(super) const fn root(value: &'a Value) -> Self {
        Self { value, step: Step::Root }
    }

    /// The value under `key`.
    pub(super) const fn member(&'a self, key: &'a str, value: &'a Value) -> Self {
        Self { value, step: Step::Key(self, key) }
    }

    /// The value at `index`.
    pub(super) const fn item(&'a self, index: usize, value: &'a Value) -> Self {
        Self { value, step: Step::Index(self, index) }
    }

    /// The path, such as `session.tools[2].name`; none for the body itself.
    pub(super) fn path(&self) -> Option<String> {
        match self.step {
            Step::Root => None,
            Step::Key(..) | Step::Index(..) => Some(self.to_string()),
        }
    }

    /// The path of what is, or should be, under `key`.
    pub(super) fn path_to(&self, key: &str) -> String {
        self.path().map_or_else(|| key.to_owned(), |path| format!("{path}.{key}"))
    }

    /// An object of exactly these fields.
    pub(super) fn object(&self, fields: &[Field]) -> Verdict {
        self.holds(self.members()?, None, fields)
    }

    /// An object whose `type` says which fields it has.
    pub(super) fn tagged(&self, kinds: &[(&str, &[Field])]) -> Verdict {
        let members = self.members()?;
        let tag = members.get("type").ok_or_else(|| Refusal::missing(self.path_to("type")))?;
        let tag = self.member("type", tag);
        let name = tag.as_text()?;
        match kinds.iter().find(|(kind, _)| *kind == name) {
            Some((_, fields)) => self.holds(members, Some("type"), fields),
            None => tag.one_of(&kinds.iter().map(|(kind, _)| *kind).collect::<Vec<_>>()),
        }
    }

    /// The members of an object of any kind.
    pub(super) fn members(&self) -> Result<&'a Map<String, Value>, Refusal> {
        self.value.as_object().ok_or_else(|| self.wrong_type("an object"))
    }

    fn holds(&self, members: &Map<String, Value>, tag: Option<&str>, fields: &[Field]) -> Verdict {
        let known = |key: &str| tag == Some(key) || fields.iter().any(|field| field.key == key);
        if let Some(stranger) = members.keys().find(|key| !known(key)) {
            return Err(Refusal::unknown(self.path_to(stranger)));
        }
        fields.iter().try_for_each(|field| match members.get(field.key) {
            Some(value) => (field.rule)(&self.member(field.key, value)),
            None if field.required => Err(Refusal::missing(self.path_to(field.key))),
            None => Ok(()),
        })
    }
}

impl Display for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step {
            Step::Root => Ok(()),
            Step::Key(Node { step: Step::Root, .. }, key) => f.write_str(key),
            Step::Key(parent, key) => write!(f, "{parent}.{key}"),
            Step::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}
