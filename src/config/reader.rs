//! Reads settings one by one and keeps every mistake.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};

use super::environment::Environment;
use super::secrets;
use super::variables::VARIABLES;
use crate::policy::{Mistake, NoSecret};

/// Reads settings, and collects what is wrong with them.
#[derive(Debug)]
pub struct Reader<'a> {
    environment: &'a Environment,
    mistakes: Vec<Mistake>,
}

impl<'a> Reader<'a> {
    /// A reader of this environment.
    pub fn new(environment: &'a Environment) -> Self {
        Self { environment, mistakes: Vec::new() }
    }

    pub(super) fn environment(&self) -> &Environment {
        self.environment
    }

    pub(super) fn is_clean(&self) -> bool {
        self.mistakes.is_empty()
    }

    pub(super) fn into_mistakes(self) -> Vec<Mistake> {
        self.mistakes
    }

    /// Keeps a mistake, and answers none for the value that could not be had.
    pub(super) fn wrong<T>(
        &mut self,
        name: &str,
        problem: impl Into<String>,
        mend: impl Into<String>,
    ) -> Option<T> {
        self.mistakes.push(Mistake { at: name.to_owned(), problem: problem.into(), mend: mend.into() });
        None
    }

    pub(super) fn add(&mut self, mistakes: impl IntoIterator<Item = Mistake>) {
        self.mistakes.extend(mistakes);
    }

    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.environment.get(name)
    }

    /// Whether a setting is given, itself or as a file.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.text(name).is_some() || self.text(&format!("{name}_FILE")).is_some()
    }

    /// A value in a form of its own; `Some(None)` where it is not set, none where it is wrong.
    pub(super) fn parsed<T: FromStr>(&mut self, name: &str, mend: &str) -> Option<Option<T>>
    where
        T::Err: Display,
    {
        let Some(text) = self.text(name) else {
            return Some(None);
        };
        match text.parse() {
            Ok(value) => Some(Some(value)),
            Err(error) => self.wrong(name, format!("`{text}`: {error}"), mend),
        }
    }

    pub(super) fn number(&mut self, name: &str, bounds: RangeInclusive<u64>, default: u64) -> Option<u64> {
        let Some(text) = self.text(name) else {
            return Some(default);
        };
        match text.parse() {
            Ok(number) if bounds.contains(&number) => Some(number),
            _ => {
                let mend = format!("write a whole number from {} to {}", bounds.start(), bounds.end());
                self.wrong(name, format!("`{text}` is not in range"), mend)
            }
        }
    }

    /// One of a few words, each with its meaning; the first is the default.
    pub(super) fn choice<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let Some(text) = self.text(name) else {
            return words.first().map(|(_, meaning)| *meaning);
        };
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*meaning);
        }
        let known = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" or ");
        self.wrong(name, format!("`{text}` is not known"), format!("write {known}"))
    }

    pub(super) fn list(&self, name: &str) -> Vec<&'a str> {
        let items = self.text(name).unwrap_or_default().split(',').map(str::trim);
        items.filter(|item| !item.is_empty()).collect()
    }

    /// A secret, from `NAME` or from the file that `NAME_FILE` names. `Some(None)` where neither is set.
    pub(super) fn secret(&mut self, name: &str, at_least: usize) -> Option<Option<SecretString>> {
        let file_name = format!("{name}_FILE");
        let secret: SecretString = match (self.text(name), self.text(&file_name)) {
            (None, None) => return Some(None),
            (Some(_), Some(_)) => {
                return self.wrong(name, format!("{name} and {file_name} are both set"), "set one of them");
            }
            (Some(value), None) => value.to_owned().into(),
            (None, Some(path)) => match std::fs::read_to_string(path) {
                Ok(value) => value.trim().to_owned().into(),
                Err(error) => {
                    return self.wrong(
                        &file_name,
                        format!("{path}: {error}"),
                        "name a file that can be read",
                    );
                }
            },
        };
        if secrets::is_example(secret.expose_secret()) {
            return self.wrong(name, "this is an example value that everybody knows", secrets::MEND);
        }
        if secret.expose_secret().len() < at_least {
            return self.wrong(name, format!("shorter than {at_least} bytes"), secrets::MEND);
        }
        Some(Some(secret))
    }

    /// A secret that the policy names. The service's own are not to be had so: whoever they are named for would get them.
    pub(super) fn policy_secret(&self, name: &str) -> Result<SecretString, NoSecret> {
        let no = |problem: String, mend: String| NoSecret { problem, mend };
        if VARIABLES.iter().any(|(own, _)| *own == name || name.strip_suffix("_FILE") == Some(own)) {
            let problem = format!("{name} is the service's own setting");
            return Err(no(problem, "keep this secret under a name of its own".to_owned()));
        }
        let mut apart = Reader::new(self.environment);
        match apart.secret(name, 1) {
            Some(Some(secret)) => Ok(secret),
            Some(None) => Err(no(
                format!("{name} is not set"),
                format!("set {name}, or {name}_FILE to a file that holds it"),
            )),
            None => Err(apart.into_mistakes().pop().map_or_else(
                || no(format!("{name} can't be read"), "set it anew".to_owned()),
                |mistake| no(format!("{}: {}", mistake.at, mistake.problem), mistake.mend),
            )),
        }
    }
}
