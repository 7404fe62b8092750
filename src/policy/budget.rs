//! `[budget]`: what may be spent in a day and in a month, in the currency of `[prices]`.

use chrono_tz::Tz;

use super::prices::{MILLION, Prices};
use super::reader::Section;

/// The least and the most that makes sense, in whatever currency.
const AMOUNTS: std::ops::RangeInclusive<f64> = 0.000_001..=1_000_000_000.0;

/// What may be spent. Nothing stops when it has been: it is what reports and alerts compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    /// For a day, in millionths of the currency.
    pub day: Option<i64>,
    /// For a month, in millionths of the currency.
    pub month: Option<i64>,
    /// The zone whose days and months they are.
    pub tz: Tz,
}

/// Reads it; the file may have none.
pub(super) fn budget(root: &mut Section<'_>, prices: &Prices) -> Budget {
    let Some(mut section) = root.section("budget") else {
        return Budget::default();
    };
    let day = amount(&mut section, "day");
    let month = amount(&mut section, "month");
    if (day.is_some() || month.is_some()) && prices.is_empty() {
        root.report("budget", "there are no prices to reckon by", "add [prices], or take the budget out");
    }
    let tz = zone(&mut section).unwrap_or_default();
    section.finish(|key| (key == "currency").then_some("[prices]"));
    Budget { day, month, tz }
}

/// An amount of money, in millionths.
pub(super) fn amount(section: &mut Section<'_>, key: &'static str) -> Option<i64> {
    // Below 10^15: far from the bounds of the type.
    section.number(key, AMOUNTS).map(|amount| (amount * MILLION).round() as i64)
}

fn zone(section: &mut Section<'_>) -> Option<Tz> {
    let name = section.text("tz")?;
    let zone = name.parse().ok();
    if zone.is_none() {
        let mend = "write a name such as \"Europe/Madrid\", \"America/Mexico_City\" or \"UTC\"";
        section.report("tz", format!("{name:?} is no time zone"), mend);
    }
    zone
}
