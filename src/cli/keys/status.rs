//! `ephemint keys status`

use super::Kept;
use crate::cli::report;
use crate::cli::table::{Column, Table};
use crate::kernel::clock::Clock;
use crate::keys::Survey;

pub(super) async fn run(kept: &Kept, clock: &dyn Clock) -> anyhow::Result<()> {
    let Kept { store, vault, sealing } = kept;
    let survey = Survey::take(&**store, vault, sealing.reminders, clock.now()).await?;
    let seals = vault.seals_under().as_str();
    let mut table = Table::new([
        Column::Left("SEALING KEY"),
        Column::Right("HOLDS"),
        Column::Right("UNREADABLE"),
        Column::Left("SEALING SINCE"),
        Column::Left(""),
    ]);
    for held in &survey.sealing_keys {
        let unreadable = survey.unreadable.get(&held.sealing_key).copied().unwrap_or_default();
        table.add([
            held.sealing_key.clone(),
            held.count.to_string(),
            unreadable.to_string(),
            held.sealing_since.format("%Y-%m-%d").to_string(),
            remark(&held.sealing_key, seals, vault.has(&held.sealing_key)).to_owned(),
        ]);
    }
    if !survey.sealing_keys.iter().any(|held| held.sealing_key == seals) {
        let remark = remark(seals, seals, true).to_owned();
        table.add([seals.to_owned(), "0".to_owned(), "0".to_owned(), "-".to_owned(), remark]);
    }
    report::say(table.headings());
    table.take().iter().for_each(report::say);
    advise(seals, &survey);
    Ok(())
}

fn remark(id: &str, seals: &str, is_known: bool) -> &'static str {
    match (id == seals, is_known) {
        (true, _) => "seals",
        (false, true) => "opens; `ephemint keys rotate` empties it",
        (false, false) => "not among ENCRYPTION_KEYS",
    }
}

/// What is to be done, a line each; nothing where all is well.
fn advise(seals: &str, survey: &Survey) {
    let unreadable: u64 = survey.unreadable.values().sum();
    if unreadable > 0 {
        report::say(format_args!(
            "\n{unreadable} of users' keys don't open: give the key that sealed them back to ENCRYPTION_KEYS, or their users \
             have to enter them again"
        ));
    }
    if let Some(old) = survey.due.of_users() {
        report::say(format_args!("\n{old}; their lists say so"));
    }
    if let Some(days) = survey.due.sealing_days {
        report::say(format_args!(
            "\n{seals} has sealed for {days} days (KEY_ROTATION_DAYS): put what `ephemint keys new` prints in front of it, start \
             the services anew, then run `ephemint keys rotate`"
        ));
    }
}
