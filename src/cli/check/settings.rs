//! Every setting can be understood, and none is misspelt.

use std::path::Path;

use super::finding::Findings;
use crate::cli::serve;
use crate::config::{Environment, Kind, VARIABLES};
use crate::kernel::spelling;
use crate::policy::Mistake;

const CHECK: &str = "settings";

pub(super) fn check(environment: &Environment) -> Findings {
    let mut findings = match serve::settings(environment) {
        Ok(_) => Findings::of(CHECK),
        Err(all) => mistakes(all),
    };
    // The file alone: the environment is full of names that are not ours.
    if let Ok(file) = Environment::file(Path::new(Environment::FILE)) {
        spelling(&mut findings, file.names());
    }
    if findings.is_empty() {
        findings.ok("the environment and .env", "every setting is understood");
    }
    findings
}

/// What keeps `serve` from starting.
pub(super) fn mistakes(mistakes: Vec<Mistake>) -> Findings {
    let mut findings = Findings::of(CHECK);
    for mistake in mistakes {
        findings.error(mistake.at, mistake.problem, mistake.mend);
    }
    findings
}

fn spelling<'a>(findings: &mut Findings, names: impl Iterator<Item = &'a str>) {
    let known = known();
    for name in names.filter(|name| !known.iter().any(|known| known == name)) {
        // In a short word, two wrong letters make another word: HOST is not PORT.
        let most = (name.len() / 3).min(2);
        if let Some(meant) = spelling::within(most, name, known.iter().map(String::as_str)) {
            let problem = format!("{} has it, and it is no setting, so it does nothing", Environment::FILE);
            findings.warning(name, problem, format!("did you mean {meant}?"));
        }
    }
}

/// Every name that is read.
fn known() -> Vec<String> {
    let names = |(name, kind): &(&str, Kind)| {
        let file = (*kind == Kind::Secret).then(|| format!("{name}_FILE"));
        [Some((*name).to_owned()), file]
    };
    VARIABLES.iter().flat_map(names).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_seen_and_strangers_are_left_alone() {
        let mut findings = Findings::of(CHECK);
        let names =
            ["JWT_SECRET", "JWT_SECRT", "JWT_SECRET_FIL", "PROT", "PORTS", "HOST", "PATH", "DATABASE"];
        spelling(&mut findings, names.into_iter());
        let seen: Vec<_> =
            findings.into_vec().into_iter().map(|finding| (finding.at, finding.mend)).collect();
        let meant = |name: &str, meant: &str| (name.to_owned(), Some(format!("did you mean {meant}?")));
        assert_eq!(
            seen,
            [
                meant("JWT_SECRT", "JWT_SECRET"),
                meant("JWT_SECRET_FIL", "JWT_SECRET_FILE"),
                meant("PORTS", "PORT"),
            ]
        );
    }
}
