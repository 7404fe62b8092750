//! `ephemint init`: a `.env` that the service starts with.

use ephemint_test_support::{EmptyDirectory, ServiceProcess, command};

use crate::cli::{PROGRAM, stderr, stdout};

/// Runs a command of the program in this folder.
fn run_in(directory: &EmptyDirectory, arguments: &[&str]) -> std::process::Output {
    let (mut command, _unused) = command(PROGRAM, arguments, &[]);
    command.current_dir(&directory.0).output().unwrap()
}

fn init(directory: &EmptyDirectory) -> String {
    let output = run_in(directory, &["init"]);
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

fn read(directory: &EmptyDirectory) -> String {
    std::fs::read_to_string(directory.0.join(".env")).unwrap()
}

/// The settings in a file that are not commented out.
fn set(text: &str) -> Vec<(&str, &str)> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('=')).collect()
}

#[test]
fn the_service_starts_with_what_was_written() {
    let directory = EmptyDirectory::create();
    let said = init(&directory);
    for step in ["OPENAI_API_KEY", "JWT_SECRET", "ephemint check", "ephemint serve"] {
        assert!(said.contains(step), "{said}");
    }
    let text = read(&directory);
    assert!(text.contains("\n# OPENAI_API_KEY=\n"), "{text}");
    let checked = run_in(&directory, &["check", "--offline"]);
    assert!(checked.status.success(), "{}", stdout(&checked));
    assert!(!stdout(&checked).contains("chmod"), "{}", stdout(&checked));

    let settings: Vec<(&str, String)> =
        set(&text).into_iter().map(|(name, value)| (name, value.to_owned())).collect();
    let bind = ("BIND_ADDR", "127.0.0.1:0".to_owned());
    let (status, output) = ServiceProcess::start(PROGRAM, &[settings, vec![bind]].concat()).stop();
    assert!(status.success(), "{output}");
}

#[test]
fn every_secret_is_fresh() {
    let (one, other) = (EmptyDirectory::create(), EmptyDirectory::create());
    init(&one);
    init(&other);
    let texts = [read(&one), read(&other)];
    let mut secrets: Vec<&str> = texts.iter().flat_map(|text| set(text)).map(|(_, value)| value).collect();
    assert_eq!(secrets.len(), 6);
    assert!(secrets.iter().all(|secret| secret.len() == 64 && secret.bytes().all(|b| b.is_ascii_hexdigit())));
    secrets.sort_unstable();
    secrets.dedup();
    assert_eq!(secrets.len(), 6, "no two are alike");
}

#[test]
fn nothing_is_ever_overwritten() {
    let directory = EmptyDirectory::create();
    std::fs::write(directory.0.join(".env"), "# mine\n").unwrap();
    let output = run_in(&directory, &["init"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains(".env is there already"), "{}", stderr(&output));
    assert_eq!(read(&directory), "# mine\n");

    let elsewhere = run_in(&directory, &["init", "--path", "other.env"]);
    assert!(elsewhere.status.success(), "{}", stderr(&elsewhere));
    assert!(directory.0.join("other.env").exists());
    let nowhere = run_in(&directory, &["init", "--path", "nowhere/.env"]);
    assert!(stderr(&nowhere).contains("--path: can't make nowhere/.env"), "{}", stderr(&nowhere));
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_it_and_a_link_is_not_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let directory = EmptyDirectory::create();
    init(&directory);
    let mode = std::fs::metadata(directory.0.join(".env")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    symlink(directory.0.join("target"), directory.0.join("link")).unwrap();
    assert_eq!(run_in(&directory, &["init", "--path", "link"]).status.code(), Some(1));
    assert!(!directory.0.join("target").exists());
}
