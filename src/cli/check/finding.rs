//! What a check found.

use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Severity {
    /// As it should be.
    Ok,
    /// Good to know.
    Info,
    /// The service runs, but perhaps not as it is meant to.
    Warning,
    /// The service does not start, can't mint, or is not safe.
    Error,
}

impl Severity {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One thing that was found.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    /// The check that found it.
    pub(super) check: &'static str,
    pub(super) severity: Severity,
    /// The setting, file or place that it is about.
    pub(super) at: String,
    /// What is wrong; of what is not wrong, how it is.
    pub(super) problem: String,
    /// What to do about it, where there is something to do.
    pub(super) mend: Option<String>,
}

/// Whether there is no error among them.
pub(super) fn all_well(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.severity != Severity::Error)
}

/// What one check finds, in its order.
#[derive(Debug)]
pub(super) struct Findings {
    check: &'static str,
    found: Vec<Finding>,
}

impl Findings {
    pub(super) fn of(check: &'static str) -> Self {
        Self { check, found: Vec::new() }
    }

    pub(super) fn into_vec(self) -> Vec<Finding> {
        self.found
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(super) fn ok(&mut self, at: impl Into<String>, how: impl Into<String>) {
        self.add(Severity::Ok, at.into(), how.into(), None);
    }

    pub(super) fn info(&mut self, at: impl Into<String>, how: impl Into<String>) {
        self.add(Severity::Info, at.into(), how.into(), None);
    }

    pub(super) fn warning(
        &mut self,
        at: impl Into<String>,
        problem: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.add(Severity::Warning, at.into(), problem.into(), Some(mend.into()));
    }

    pub(super) fn error(
        &mut self,
        at: impl Into<String>,
        problem: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.add(Severity::Error, at.into(), problem.into(), Some(mend.into()));
    }

    fn add(&mut self, severity: Severity, at: String, problem: String, mend: Option<String>) {
        self.found.push(Finding { check: self.check, severity, at, problem, mend });
    }
}
