//! What is wrong with a policy file, said so that it can be mended.

use std::cell::RefCell;

/// One mistake in a policy file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {problem}; {mend}")]
pub struct Mistake {
    /// Where: a dotted path such as `roles.student.voice`, or `line 3, column 7` of a file that is not TOML.
    pub at: String,
    /// What is wrong there.
    pub problem: String,
    /// What to do about it.
    pub mend: String,
}

/// The mistakes found so far, shared by everybody who reads a part of the file.
#[derive(Default)]
pub(super) struct Mistakes(RefCell<Vec<Mistake>>);

impl Mistakes {
    /// Adds a mistake, unless it is known already: a text shared by all roles is checked for each.
    pub(super) fn report(&self, at: impl Into<String>, problem: impl Into<String>, mend: impl Into<String>) {
        let mistake = Mistake { at: at.into(), problem: problem.into(), mend: mend.into() };
        let mut all = self.0.borrow_mut();
        if !all.contains(&mistake) {
            all.push(mistake);
        }
    }

    /// All of them, in the order of reading.
    pub(super) fn into_vec(self) -> Vec<Mistake> {
        self.0.into_inner()
    }
}

/// The word that `word` was probably meant to be.
pub(super) fn near<'a>(word: &str, among: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (word.chars().count() / 3).max(2);
    among
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(steps, candidate)| *steps <= most && *steps < candidate.chars().count())
        .min_by_key(|(steps, _)| *steps)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance: letters to insert, remove or replace.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (i, a) in from.chars().enumerate() {
        let (mut diagonal, mut left) = (i, i + 1);
        let mut cells = row.iter_mut();
        if let Some(first) = cells.next() {
            *first = left;
        }
        for (cell, b) in cells.zip(to.chars()) {
            left = (*cell + 1).min(left + 1).min(diagonal + usize::from(a != b));
            diagonal = std::mem::replace(cell, left);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_levenshteins() {
        for (from, to, steps) in [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("a", "a", 0)] {
            assert_eq!(distance(from, to), steps, "{from} {to}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_finds_its_word_and_a_stranger_does_not() {
        let keys = ["voice", "model", "hourly_tokens"];
        assert_eq!(near("vioce", keys), Some("voice"));
        assert_eq!(near("hourly_token", keys), Some("hourly_tokens"));
        assert_eq!(near("zzz", keys), None);
        assert_eq!(near("", ["ab"]), None);
    }

    #[test]
    fn a_mistake_is_one_line() {
        let mistakes = Mistakes::default();
        mistakes.report("roles.student.voice", "`x` is no voice", "use `marin`");
        mistakes.report("roles.student.voice", "`x` is no voice", "use `marin`");
        let all = mistakes.into_vec();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].to_string(), "roles.student.voice: `x` is no voice; use `marin`");
    }
}
