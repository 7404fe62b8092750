//! Colours, where somebody looks at a terminal and wants them.

use std::io::IsTerminal;

use crate::config::Environment;

/// Paints text, or leaves it as it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint(bool);

impl Paint {
    /// For standard output. Whoever sets NO_COLOR gets none (no-color.org).
    pub(super) fn of_output(environment: &Environment) -> Self {
        let is_unwanted = environment.get("NO_COLOR").is_some() || environment.get("TERM") == Some("dumb");
        Self(std::io::stdout().is_terminal() && !is_unwanted)
    }

    /// A heading.
    pub(super) fn heading(self, text: &str) -> String {
        self.code("1", text)
    }

    /// A line that is looked at rather than read.
    pub(super) fn line(self, text: &str) -> String {
        self.code("36", text)
    }

    /// What is beside the point.
    pub(super) fn aside(self, text: &str) -> String {
        self.code("2", text)
    }

    fn code(self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colours_nothing_is_added() {
        assert_eq!(Paint(false).heading("MINTS"), "MINTS");
        assert_eq!(Paint(true).heading("MINTS"), "\u{1b}[1mMINTS\u{1b}[0m");
    }
}
