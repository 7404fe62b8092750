//! A service that sees files of its own where the machine has others: a mount namespace, which only root can make.

use std::net::Ipv4Addr;
use std::process::Command;

use ephemint_test_support::EmptyDirectory;

const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// Whether one can be made. Where not, that is said aloud: the test is left out.
pub(crate) fn can_be_had() -> bool {
    let made = Command::new("unshare").args(["--mount", "true"]).output();
    let can = made.is_ok_and(|made| made.status.success());
    if !can {
        eprintln!("LEFT OUT: this takes a mount namespace, and `unshare --mount` may not make one here");
    }
    can
}

/// A command that carries out `mounts`, lines of a shell script, and then leads to `serve`, with these settings.
pub(crate) fn command(mounts: &str, settings: &[(&'static str, String)]) -> (Command, EmptyDirectory) {
    let script = format!("set -e\n{mounts}\nexec \"$0\" serve");
    let arguments = ["--mount", "sh", "-c", &script, env!("CARGO_BIN_EXE_ephemint")];
    let (mut command, folder) = ephemint_test_support::command("/usr/bin/unshare", &arguments, settings);
    command.env("PATH", PATH);
    (command, folder)
}

/// An address of this machine that nobody else is likely to have taken.
pub(crate) fn loopback_of_its_own() -> Ipv4Addr {
    let random = uuid::Uuid::new_v4();
    let [.., a, b, c] = *random.as_bytes();
    Ipv4Addr::new(127, a.max(1), b, c.clamp(1, 254))
}
