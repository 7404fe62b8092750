//! SQLite, in DATA_DIR.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use super::database::migrations;
use super::files::{ENTER, open_to_others};
use super::finding::Findings;
use crate::store::sqlite::{Inspection, SqliteStore};

const AT: &str = "DATA_DIR";

pub(super) fn check(directory: &Path, migrate: bool, findings: &mut Findings) {
    let shown = directory.display();
    if let Err(error) = can_write(directory) {
        let mend = "name a directory that the service may write to, or give this one to the service's user";
        return findings.error(AT, format!("{shown} can't be written to: {error}"), mend);
    }
    if open_to_others(directory, ENTER) == Some(true) {
        let problem =
            format!("every user of this machine can look into {shown}: the ledger says who has talked when");
        findings.warning(AT, problem, format!("chmod o-rwx {shown}"));
    }
    match SqliteStore::inspect(directory) {
        Ok(found) => tell(directory, &found, migrate, findings),
        Err(error) => {
            let mend =
                "see whether ephemint.db is a database of Ephemint, and bring back a copy where it is not";
            findings.error(AT, format!("{:#}", anyhow::Error::from(error)), mend);
        }
    }
}

fn tell(directory: &Path, found: &Inspection, migrate: bool, findings: &mut Findings) {
    let shown = directory.display();
    if !found.exists {
        findings.ok(AT, format!("{shown} is fit for a database; there is none yet"));
    } else if let Err(error) = OpenOptions::new().write(true).open(&found.file) {
        let mend = "give the file to the service's user";
        findings.error(AT, format!("{} can't be written to: {error}", found.file.display()), mend);
    } else {
        findings.ok(AT, format!("{} can be read and written", found.file.display()));
    }
    if found.served {
        findings.info(AT, "a server runs on it; a second one would be refused");
    }
    migrations(AT, &found.missing, migrate, findings);
}

/// Whether files can be made in a directory or, where it isn't there yet, in the one that it would be made in.
fn can_write(directory: &Path) -> io::Result<()> {
    let here = Path::new(".");
    let there = directory.ancestors().find(|path| path.exists()).unwrap_or(here);
    let probe = there.join(format!(".ephemint-check-{}", std::process::id()));
    OpenOptions::new().write(true).create_new(true).open(&probe)?;
    std::fs::remove_file(&probe)
}
