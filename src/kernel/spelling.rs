//! Words that were probably meant to be other words.

/// The word that `word` was probably meant to be: a third of its letters may be wrong, and two in short ones.
pub fn near<'a>(word: &str, among: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    within((word.chars().count() / 3).max(2), word, among)
}

/// The nearest word that is no more than `most` letters away.
pub fn within<'a>(most: usize, word: &str, among: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
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
        assert_eq!(within(1, "vioce", keys), None);
    }
}
