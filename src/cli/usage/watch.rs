//! Showing something again and again.

use std::io::IsTerminal;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::cli::report;
use crate::kernel::clock::{Clock, rfc3339_seconds};

/// How often.
const EVERY: Duration = Duration::from_secs(3);

/// Draws at once and then every few seconds: in place on a terminal, one after the other elsewhere. Ends with an error where
/// the first one fails; later ones are shown and tried again.
pub(super) async fn watch(
    clock: &dyn Clock,
    draw: impl AsyncFn() -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    let is_terminal = std::io::stdout().is_terminal();
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut first = true;
    loop {
        ticks.tick().await;
        let drawn = match draw().await {
            Ok(drawn) => drawn,
            Err(error) if first => return Err(error),
            Err(error) if is_terminal => format!("{error:#}\n"),
            Err(error) => {
                report::complain(&error);
                continue;
            }
        };
        let shown = if is_terminal {
            let at = rfc3339_seconds(&clock.now());
            in_place(&format!("{drawn}\n{at}, again every {} s until Ctrl-C\n", EVERY.as_secs()), first)
        } else {
            drawn
        };
        first = false;
        // Whoever read this has gone: so can we.
        if report::try_write(&shown).is_err() {
            return Ok(());
        }
    }
}

/// Over what was there before, line by line, so that nothing flickers.
fn in_place(drawn: &str, first: bool) -> String {
    let begin = if first { "\u{1b}[2J\u{1b}[H" } else { "\u{1b}[H" };
    let lines = drawn.replace('\n', "\u{1b}[K\n");
    format!("{begin}{lines}\u{1b}[J")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_drawn_over() {
        assert_eq!(in_place("a\nb\n", true), "\u{1b}[2J\u{1b}[Ha\u{1b}[K\nb\u{1b}[K\n\u{1b}[J");
        assert_eq!(in_place("a\n", false), "\u{1b}[Ha\u{1b}[K\n\u{1b}[J");
    }
}
