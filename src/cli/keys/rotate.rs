//! `ephemint keys rotate`

use std::io::IsTerminal as _;

use super::Kept;
use crate::cli::report;
use crate::keys::Rotation;

/// How often everything is gone through, where keys are entered under an old key all the while.
const MOST_PASSES: u32 = 5;

pub(super) async fn run(kept: &Kept) -> anyhow::Result<()> {
    let seals = kept.vault.seals_under().as_str();
    let mut sealed = 0;
    for _ in 0..MOST_PASSES {
        let rotation = pass(kept, sealed).await?;
        sealed += rotation.sealed;
        if rotation.missed == 0 {
            report::say(format_args!("{sealed} keys were sealed anew under {seals}"));
            if rotation.unreadable > 0 {
                report::say(format_args!(
                    "{} don't open and were left as they are; `ephemint keys status` says more",
                    rotation.unreadable
                ));
            }
            return Ok(());
        }
    }
    anyhow::bail!(
        "keys go on being sealed under another key: does every service have `{seals}` first in ENCRYPTION_KEYS?"
    )
}

/// Once through everything.
async fn pass(kept: &Kept, before: u64) -> anyhow::Result<Rotation> {
    let seals = kept.vault.seals_under().as_str();
    let counts = kept.store.sealing_keys(None).await?;
    let others = counts.iter().filter(|held| held.sealing_key != seals).map(|held| held.count);
    let total = others.sum::<i64>().unsigned_abs() + before;
    let mut rotation = Rotation::default();
    let mut progress = Progress::new(total);
    while rotation.step(&*kept.store, &kept.vault).await? {
        progress.say(before + rotation.sealed);
    }
    progress.end();
    Ok(rotation)
}

/// One line that moves on a terminal, and one for each tenth elsewhere.
struct Progress {
    total: u64,
    tenths: u64,
    moves: bool,
}

impl Progress {
    fn new(total: u64) -> Self {
        Self { total, tenths: 0, moves: std::io::stdout().is_terminal() }
    }

    fn say(&mut self, done: u64) {
        let tenths = (done * 10).checked_div(self.total).unwrap_or(10);
        let line = format!("sealed anew: {done} of {}", self.total);
        if self.moves {
            report::say_in_place(&line);
        } else if tenths > self.tenths {
            report::say(line);
        }
        self.tenths = tenths;
    }

    fn end(&self) {
        if self.moves {
            report::say("");
        }
    }
}
