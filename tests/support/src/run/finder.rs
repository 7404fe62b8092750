//! Finds thousands of pieces of secrets in one pass.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::canary::SHAPES;
use super::{Kind, Place};

pub(super) struct Finder {
    /// Pieces that were noted, and then the beginnings of what is known by its looks.
    pieces: AhoCorasick,
    kinds: Vec<Kind>,
    /// How many were noted.
    noted: usize,
}

impl Finder {
    pub(super) fn of(canaries: BTreeMap<String, Kind>) -> Self {
        let noted = canaries.len();
        let shapes = SHAPES.map(|(kind, begins, _)| (begins.to_owned(), kind));
        let (pieces, kinds): (Vec<_>, Vec<_>) = canaries.into_iter().chain(shapes).unzip();
        // The longest first: a whole JWT says more than its signature, and than its looks.
        let pieces = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(pieces)
            .unwrap();
        Self { pieces, kinds, noted }
    }

    /// Whether there is anything that does not belong there.
    pub(super) fn finds_in(&self, heard: &[u8], place: Place) -> bool {
        self.all(heard).any(|(kind, _)| !place.is_for(kind))
    }

    /// The first secret in a line that does not belong there.
    pub(super) fn first(&self, line: &str, place: Place) -> Option<Kind> {
        self.all(line.as_bytes()).map(|(kind, _)| kind).find(|kind| !place.is_for(*kind))
    }

    /// The line with the kinds of the secrets in their places.
    pub(super) fn redacted(&self, line: &str) -> String {
        let (mut redacted, mut end) = (String::new(), 0);
        for (kind, found) in self.all(line.as_bytes()) {
            redacted.push_str(&line[end.min(found.start)..found.start]);
            redacted.push_str(&format!("[{}]", kind.as_str()));
            end = end.max(found.end);
        }
        redacted + &line[end..]
    }

    fn all<'a>(&'a self, heard: &'a [u8]) -> impl Iterator<Item = (Kind, Range<usize>)> + 'a {
        self.pieces.find_iter(heard).filter_map(|found| {
            let index = found.pattern().as_usize();
            let Some(shape) = index.checked_sub(self.noted) else {
                return Some((self.kinds[index], found.range()));
            };
            let (kind, _, least) = SHAPES[shape];
            let letters = heard[found.end()..].iter().take_while(|byte| is_of_a_token(**byte)).count();
            (letters >= least).then(|| (kind, found.start()..found.end() + letters))
        })
    }
}

/// The letters of base64url, and the dots between the parts of a JWT.
fn is_of_a_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finder() -> Finder {
        let noted = [("a noted secret".to_owned(), Kind::Setting)];
        Finder::of(noted.into_iter().collect())
    }

    #[test]
    fn secrets_are_known_by_their_looks() {
        let token = format!("ek_{}", "a-Z_0".repeat(8));
        let jwt = format!("eyJ{}.{}.c2ln", "h".repeat(20), "p".repeat(20));
        for (secret, kind) in
            [(&*token, Kind::EphemeralToken), (&jwt, Kind::Jwt), ("a noted secret", Kind::Setting)]
        {
            let line = format!("é {secret}, and again {secret}");
            assert_eq!(finder().first(&line, Place::Log), Some(kind), "{line}");
            let redacted = format!("é [{0}], and again [{0}]", kind.as_str());
            assert_eq!(finder().redacted(&line), redacted);
        }
        for harmless in ["week_one_of_the_year", "ek_…", "eyJ", ""] {
            assert_eq!(finder().first(harmless, Place::Log), None, "{harmless}");
        }
    }

    #[test]
    fn a_token_belongs_into_the_answer_to_its_user_and_nowhere_else() {
        let line = format!("{{\"value\":\"ek_{}\"}}", "0".repeat(43));
        for place in Place::ALL {
            assert_eq!(finder().finds_in(line.as_bytes(), place), place != Place::Answer, "{place:?}");
        }
        assert_eq!(finder().first(&format!("{line} a noted secret"), Place::Answer), Some(Kind::Setting));
    }
}
