//! Findings for people, and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use super::finding::{Finding, Severity, all_well};

#[derive(Serialize)]
struct Document<'a> {
    ok: bool,
    findings: &'a [Finding],
}

pub(super) fn json(findings: &[Finding]) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&Document { ok: all_well(findings), findings })
}

pub(super) fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { check, severity, at, problem, mend } in findings {
        let severity = severity.as_str();
        let _ = writeln!(text, "{severity:<7}  {check:<12}  {at}: {problem}");
        if let Some(mend) = mend {
            let _ = writeln!(text, "{:23}{mend}", "");
        }
    }
    let _ = write!(text, "\n{}", summary(findings));
    text
}

fn summary(findings: &[Finding]) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let some = |count, word| match count {
        0 => format!("no {word}s"),
        1 => format!("1 {word}"),
        many => format!("{many} {word}s"),
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    format!("{}, {}", some(errors, "error"), some(warnings, "warning"))
}
