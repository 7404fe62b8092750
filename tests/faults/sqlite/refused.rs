//! What a service does not start on, and leaves as it is.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use ephemint_test_support::{StoreKind, command};

use super::disk::Tmpfs;
use crate::load::Load;
use crate::site::Site;

const FILE: &str = "ephemint.db";
const LOG: &str = "ephemint.db-wal";

/// Everything that SQLite keeps in a directory, byte for byte.
fn content(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    let files = entries.map(|entry| (entry.file_name().into_string().unwrap(), entry.path()));
    let kept = files.filter(|(name, _)| name.starts_with(FILE));
    kept.map(|(name, path)| (name, std::fs::read(path).unwrap())).collect()
}

/// Tries to start a service, which has to refuse, and tells what it says.
async fn refusal(site: &Site) -> String {
    let (mut command, _folder) = command(env!("CARGO_BIN_EXE_ephemint"), &["serve"], &site.settings());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    for _ in 0..400 {
        if child.try_wait().unwrap().is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    // Where it has ended this does nothing.
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "it started: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stderr).unwrap()
}

/// A directory in which a service was killed that had tokens to write: a file, a log and its index.
async fn left_behind() -> Site {
    let site = Site::new(StoreKind::Sqlite).await;
    let service = site.start(&[]);
    let load = Load::start(&[service.base()], 8);
    load.until_tokens(40).await;
    load.stop().await;
    service.kill();
    assert_eq!(content(site.database.directory().unwrap()).len(), 3);
    site
}

/// Puts everything from the log into the file, as SQLite does from time to time, and lets another log begin.
async fn move_log(site: &Site) {
    site.database.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
}

/// Spoils the files and looks that a start is refused with these words, and that nothing is changed by it.
async fn expect_refused(site: &Site, words: &str) {
    let directory = site.database.directory().unwrap();
    let before = content(directory);
    let said = refusal(site).await;
    assert!(said.contains(words) && said.contains(&directory.display().to_string()), "{said}");
    for (name, bytes) in content(directory) {
        assert!(before.get(&name) == Some(&bytes), "{name} is not as it was");
    }
    assert_eq!(content(directory).len(), before.len(), "a file is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server() {
    let site = Site::new(StoreKind::Sqlite).await;
    let service = site.start(&[]);
    let load = Load::start(&[service.base()], 4);
    load.until_tokens(4).await;
    let said = refusal(&site).await;
    assert!(said.contains("another server is running on") && said.contains("DATA_DIR"), "{said}");
    load.until_tokens(4).await;
    assert!(
        load.stop().await.iter().all(|shot| [200, 429].contains(&shot.status())),
        "the first one noticed"
    );
    assert!(service.stop().0.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_cut_off() {
    for with_log in [true, false] {
        for left in [50, 4_096, 20_000] {
            let site = left_behind().await;
            if with_log {
                // So that the file itself has something to lose; what follows is in the log.
                move_log(&site).await;
                let service = site.start(&[]);
                let load = Load::start(&[service.base()], 4);
                load.until_tokens(4).await;
                load.stop().await;
                service.kill();
            } else {
                move_log(&site).await;
            }
            let file = site.database.directory().unwrap().join(FILE);
            let whole = std::fs::metadata(&file).unwrap().len();
            assert!(whole > left);
            std::fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(left).unwrap();
            expect_refused(&site, "is damaged").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_emptied_beside_its_log() {
    let site = left_behind().await;
    let file = site.database.directory().unwrap().join(FILE);
    std::fs::write(&file, b"").unwrap();
    expect_refused(&site, "is damaged").await;
    std::fs::remove_file(&file).unwrap();
    expect_refused(&site, "is damaged").await;
    assert!(content(site.database.directory().unwrap())[LOG].len() > 4_096, "it has the rows");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage() {
    let site = left_behind().await;
    let file = site.database.directory().unwrap().join(FILE);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.iter_mut().enumerate().for_each(|(at, byte)| *byte = (at * 131 + 7) as u8);
    std::fs::write(&file, &bytes).unwrap();
    expect_refused(&site, "is damaged").await;
    std::fs::write(&file, b"not a database").unwrap();
    expect_refused(&site, "is damaged").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_behind_the_head_of_a_database() {
    let site = left_behind().await;
    move_log(&site).await;
    let file = site.database.directory().unwrap().join(FILE);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.iter_mut().enumerate().skip(100).for_each(|(at, byte)| *byte = (at * 131 + 7) as u8);
    std::fs::write(&file, &bytes).unwrap();
    expect_refused(&site, "is damaged").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_programs_file() {
    for journal in ["DELETE", "WAL"] {
        for table in ["recipes", "mints"] {
            let site = Site::new(StoreKind::Sqlite).await;
            let sql = format!("PRAGMA journal_mode = {journal}; CREATE TABLE {table} (name TEXT);");
            site.database.execute(&sql).await;
            expect_refused(&site, "is the database of another program").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_that_can_only_be_read() {
    let site = Site::new(StoreKind::Sqlite).await;
    let Some(mounted) = Tmpfs::over(site.database.directory().unwrap(), 64) else { return };
    mounted.make_read_only();
    let said = refusal(&site).await;
    assert!(said.contains("DATA_DIR") && said.contains("Read-only file system"), "{said}");
}

/// What a server leaves behind that was killed at any moment is whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn never_what_a_killed_server_left() {
    let site = left_behind().await;
    for _ in 0..5 {
        let service = site.start(&[]);
        let load = Load::start(&[service.base()], 8);
        load.until_tokens(20).await;
        service.kill();
        load.stop().await;
    }
    assert!(site.start(&[]).stop().0.success());
}
