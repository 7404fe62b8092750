//! What is wrong with a policy file, said so that it can be mended.

use std::cell::RefCell;

pub(super) use crate::kernel::spelling::near;

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

#[cfg(test)]
mod tests {
    use super::*;

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
