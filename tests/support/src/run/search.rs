//! Searches what was heard of services for everything that is secret.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::finder::Finder;
use super::{CANARIES, Kind, Place};

/// A secret in a place where it must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What is secret.
    pub kind: Kind,
    /// Where it was heard.
    pub place: Place,
    /// The file.
    pub file: PathBuf,
    /// The line in the file, from 1.
    pub line: usize,
    /// That line, with the kinds of the secrets in their places.
    pub redacted: String,
}

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}:{}: {}", self.kind.as_str(), self.file.display(), self.line, self.redacted)
    }
}

/// What was not recorded, so that finding nothing says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// No secret of this kind is known.
    Secret(Kind),
    /// Nothing was heard there.
    Heard(Place),
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(kind) => write!(f, "no secret of the kind `{}` was recorded", kind.as_str()),
            Self::Heard(place) => write!(f, "nothing was recorded in `{}`", place.as_str()),
        }
    }
}

/// What a search has found.
#[derive(Debug)]
pub struct Search {
    /// How many pieces of secrets were looked for.
    pub canaries: usize,
    /// In how many bytes.
    pub bytes: usize,
    /// What there was nothing of.
    pub missing: Vec<Missing>,
    /// Every line that has a secret.
    pub hits: Vec<Hit>,
}

/// Searches what was kept of a run in this folder.
pub fn search(folder: &Path) -> Search {
    let canaries = canaries(folder);
    let unknown = Kind::ALL.into_iter().filter(|kind| !canaries.values().any(|known| known == kind));
    let missing = unknown.map(Missing::Secret).collect();
    let mut search = Search { canaries: canaries.len(), bytes: 0, missing, hits: Vec::new() };
    let finder = Finder::of(canaries);
    for place in Place::ALL {
        let before = search.bytes;
        for file in files(&folder.join(place.as_str())) {
            let heard = std::fs::read(&file).unwrap();
            search.bytes += heard.len();
            search.hits.extend(look(&finder, place, &file, &heard));
        }
        if search.bytes == before {
            search.missing.push(Missing::Heard(place));
        }
    }
    search
}

/// The lines of a file that have a secret.
fn look(finder: &Finder, place: Place, file: &Path, heard: &[u8]) -> Vec<Hit> {
    // Most files have nothing: only what has something is gone through by lines.
    if !finder.finds_in(heard, place) {
        return Vec::new();
    }
    let lines = heard.split(|byte| *byte == b'\n').enumerate();
    let found = lines.filter_map(|(number, line)| {
        let line = String::from_utf8_lossy(line);
        let kind = finder.first(&line, place)?;
        let redacted = finder.redacted(&line).chars().take(600).collect();
        Some(Hit { kind, place, file: file.to_owned(), line: number + 1, redacted })
    });
    found.collect()
}

/// The pieces that are looked for, and their kinds.
fn canaries(folder: &Path) -> BTreeMap<String, Kind> {
    let mut canaries = BTreeMap::new();
    for file in files(&folder.join(CANARIES)) {
        for line in std::fs::read_to_string(file).unwrap().lines() {
            let (kind, piece) = line.split_once('\t').unwrap();
            canaries.insert(piece.to_owned(), Kind::named(kind).unwrap());
        }
    }
    canaries
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
