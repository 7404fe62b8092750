//! The name of the database's host is gone.
//!
//! The service runs among mounts of its own, where the files that names are looked up in are the test's: it resolves as it
//! does anywhere, and nobody else is touched.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use ephemint_test_support::{ChaosProxy, EmptyDirectory, ServiceProcess, StoreKind};

use super::{Mode, Ordeal};
use crate::site::Site;

const NAME: &str = "database.ephemint.test";

/// Takes over the files, then becomes the service.
fn write_wrapper(folder: &Path) -> String {
    let (folder_text, program) = (folder.display(), env!("CARGO_BIN_EXE_ephemint"));
    let script = format!(
        "#!/bin/sh
        exec unshare --mount sh -c '
            mount --bind {folder_text}/hosts /etc/hosts &&
            mount --bind {folder_text}/resolv.conf /etc/resolv.conf &&
            exec {program} \"$@\"' sh \"$@\"\n"
    );
    let path = folder.join("ephemint");
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    path.display().to_string()
}

/// Whether mounts of one's own can be had here, which takes root.
fn can_mount() -> bool {
    let tried = Command::new("unshare").args(["--mount", "true"]).output();
    tried.is_ok_and(|output| output.status.success())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_name_of_the_database_is_gone() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    if !can_mount() {
        eprintln!(
            "NOT TESTED: a database whose name is gone. It takes mounts of one's own: run the tests as root."
        );
        return;
    }
    let folder = EmptyDirectory::create();
    let known = format!("127.0.0.1 localhost {NAME}\n");
    std::fs::write(folder.0.join("hosts"), &known).unwrap();
    // Nobody answers there, so what is not in the file is nowhere.
    std::fs::write(folder.0.join("resolv.conf"), "nameserver 127.0.0.1\noptions attempts:1 timeout:1\n")
        .unwrap();
    let site = Site::new(StoreKind::Postgres).await;
    let proxy = ChaosProxy::before(&site.database.setting().1).await;
    let mut settings = site.settings();
    settings.push(("DATABASE_URL", proxy.url().replace("127.0.0.1", NAME)));
    let service = ServiceProcess::start(&write_wrapper(&folder.0), &settings);
    let ordeal = Ordeal::begin_with(service, site, proxy, Mode::Deny).await;
    // Written into, not replaced: the mount is of this very file.
    std::fs::write(folder.0.join("hosts"), "127.0.0.1 localhost\n").unwrap();
    ordeal.proxy.cut();
    ordeal.suffer().await;
    std::fs::write(folder.0.join("hosts"), known).unwrap();
    ordeal.recover().await;
}
