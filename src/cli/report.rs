//! What a command says to the person who ran it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use crate::policy::Mistake;

/// Writes a line to standard output. A reader that has gone away is no error of ours.
pub(super) fn say(text: impl std::fmt::Display) {
    let _ = try_say(text);
}

/// Writes a line over the one before, on a terminal.
pub(super) fn say_in_place(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = write!(out, "\r{text}\x1b[K").and_then(|()| out.flush());
}

/// Writes a line to standard output, for those who stop when nobody reads any more.
pub(super) fn try_say(text: impl std::fmt::Display) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{text}")
}

/// Writes to standard output as it is, at once.
pub(super) fn try_write(text: &str) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    output.write_all(text.as_bytes())?;
    output.flush()
}

/// Writes an error, with its causes, to standard error.
pub(super) fn failed(error: &anyhow::Error) -> ExitCode {
    complain(error);
    ExitCode::FAILURE
}

/// The same of an error after which it goes on.
pub(super) fn complain(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr().lock(), "ephemint: {error:#}");
}

/// All mistakes in a configuration as one error.
pub(super) fn mistakes(mistakes: Vec<Mistake>) -> anyhow::Error {
    let mut text = match mistakes.len() {
        1 => "the configuration has a mistake".to_owned(),
        count => format!("the configuration has {count} mistakes"),
    };
    for mistake in mistakes {
        let _ = write!(text, "\n  - {}: {}\n      {}", mistake.at, mistake.problem, mistake.mend);
    }
    anyhow::Error::msg(text)
}
