//! This machine's clock agrees with others.

use chrono::{DateTime, TimeDelta, Utc};

use super::finding::Findings;

const WARNING: TimeDelta = TimeDelta::seconds(5);

/// Tokens are believed so long before and after their time.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);

const MEND: &str =
    "let this machine's clock be set by NTP (chrony, systemd-timesyncd), and theirs if it is yours";

/// A time that is known to lie between two others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Between(pub(super) DateTime<Utc>, pub(super) DateTime<Utc>);

/// Compares a clock with ours, which was read before and after.
pub(super) fn compare(whose: &str, theirs: Between, ours: Between, findings: &mut Findings) {
    let ahead = ahead(ours, theirs);
    let seconds = ahead.abs().num_seconds();
    let way = if ahead > TimeDelta::zero() { "ahead of" } else { "behind" };
    let problem = format!("this machine is {seconds} seconds {way} {whose}");
    if ahead.abs() > LEEWAY {
        let problem = format!("{problem}: tokens are refused that are good, or taken that have expired");
        findings.error("clock", problem, MEND);
    } else if ahead.abs() > WARNING {
        findings.warning("clock", format!("{problem}; more than 30 and tokens are misjudged"), MEND);
    } else {
        findings.ok("clock", format!("this machine and {whose} agree"));
    }
}

/// How far ours is ahead, at the least.
fn ahead(ours: Between, theirs: Between) -> TimeDelta {
    if ours.0 > theirs.1 {
        ours.0 - theirs.1
    } else if ours.1 < theirs.0 {
        ours.1 - theirs.0
    } else {
        TimeDelta::zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::check::finding::Severity;

    #[test]
    fn what_can_be_the_same_moment_is() {
        let at = |seconds: i64| DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap();
        for (from, to, severity) in [
            (0, 1, Severity::Ok),
            (5, 6, Severity::Ok),
            (-6, -5, Severity::Ok),
            (8, 9, Severity::Warning),
            (-9, -8, Severity::Warning),
            (32, 32, Severity::Ok),
            (33, 33, Severity::Warning),
            (-31, -31, Severity::Error),
        ] {
            let mut findings = Findings::of("clock");
            // Ours was read at 0 and, where theirs is far ahead, as late as at 30.
            let until = if from >= 32 { 27 } else { 2 };
            compare("theirs", Between(at(from), at(to)), Between(at(0), at(until)), &mut findings);
            assert_eq!(findings.into_vec()[0].severity, severity, "{from} {to}");
        }
    }
}
