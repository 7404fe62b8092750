//! Nobody else on this machine reads the secrets.

use std::path::Path;

use super::finding::Findings;
use crate::config::{Environment, Kind, VARIABLES};

pub(super) fn check(environment: &Environment) -> Findings {
    let mut findings = Findings::of("files");
    let mut closed = Vec::new();
    let secrets = VARIABLES.iter().filter(|(_, kind)| *kind == Kind::Secret);
    let named = secrets.filter_map(|(name, _)| environment.get(&format!("{name}_FILE")));
    for path in std::iter::once(Environment::FILE).chain(named) {
        // What is missing is said by the settings that need it.
        match open_to_others(Path::new(path), READ) {
            Some(true) => {
                let mend = format!("chmod o-rwx {path} (in Kubernetes: defaultMode: 0440 on the volume)");
                findings.warning(path, "every user of this machine can read the secrets in it", mend);
            }
            Some(false) => closed.push(path),
            None => {}
        }
    }
    if !closed.is_empty() {
        findings.ok(closed.join(", "), "others can't read it");
    }
    findings
}

/// Others may read a file.
const READ: u32 = 0o004;

/// Others may see what is in a directory, or reach it by name.
pub(super) const ENTER: u32 = 0o005;

/// Whether those who are neither owner nor in the group have any of these rights; none where that can't be told.
#[cfg(unix)]
pub(super) fn open_to_others(path: &Path, rights: u32) -> Option<bool> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = std::fs::metadata(path).ok()?;
    Some(metadata.permissions().mode() & rights != 0)
}

/// Rights are another matter here.
#[cfg(not(unix))]
pub(super) fn open_to_others(_: &Path, _: u32) -> Option<bool> {
    None
}
