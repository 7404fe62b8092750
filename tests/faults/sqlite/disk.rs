//! The disk is full, and then it is not.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use ephemint::kernel::clock::{Clock, SystemClock};
use ephemint::kernel::code::Code;
use ephemint_test_support::{ServiceProcess, StoreKind, command, send};

use crate::audit::{GRACE, expect_answers, expect_exact, expect_recovery};
use crate::leaks::{self, Held};
use crate::load::Load;
use crate::site::Site;

const CLIENTS: usize = 12;

/// Clients ask until the disk is full, and some time longer; then `mend` is called. What was asked meanwhile, what was
/// acknowledged and what is refused is as it has to be.
async fn fill_and_mend(site: &Site, service: &ServiceProcess, fill: impl FnOnce(), mend: impl FnOnce()) {
    let warm = Load::start(&[service.base()], CLIENTS);
    warm.until_tokens(CLIENTS).await;
    let mut shots = warm.stop().await;
    let before = Held::by(service);
    let load = Load::start(&[service.base()], CLIENTS);
    load.until_tokens(CLIENTS).await;
    fill();
    load.until(100, |shot| shot.status() == 503).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    assert_eq!(send(http.get(format!("{}/healthz", service.base()))).await.status, 200, "alive all the same");
    mend();
    let mended = SystemClock.instant();
    load.go_on(GRACE + Duration::from_millis(500)).await;
    load.until_tokens(CLIENTS).await;
    shots.extend(load.stop().await);
    // A disk that is full says so at once.
    expect_answers(&shots, Duration::ZERO, &[Code::StoreUnavailable]);
    expect_recovery(&shots, mended);
    expect_exact(site, &shots).await;
    leaks::expect_none(service, before).await;
}

/// Stops it, and looks whether everything is there and whole.
async fn expect_whole(site: &Site, service: ServiceProcess) {
    let (status, output) = service.stop();
    assert_eq!(status.code(), Some(0), "{output}");
    assert_eq!(site.database.texts("PRAGMA integrity_check").await, ["ok"]);
    assert_eq!(site.database.texts("SELECT count(*) FROM mints WHERE outcome = 'pending'").await, ["0"]);
}

/// A small file system in memory, for as long as this is held.
pub(super) struct Tmpfs<'a>(&'a Path);

impl<'a> Tmpfs<'a> {
    /// Mounts one over a directory. None where that can't be done, which is said aloud.
    pub(super) fn over(directory: &'a Path, kilobytes: u32) -> Option<Self> {
        let options = format!("size={kilobytes}k,mode=700");
        let mounted = mount(&["-t", "tmpfs", "-o", &options, "tmpfs"], directory);
        if !mounted {
            eprintln!("LEFT OUT: this takes a file system of its own, and `mount` may not make one here");
        }
        mounted.then_some(Self(directory))
    }

    /// Lets nobody write any more.
    pub(super) fn make_read_only(&self) {
        assert!(mount(&["-o", "remount,ro"], self.0));
    }
}

fn mount(arguments: &[&str], directory: &Path) -> bool {
    Command::new("mount").args(arguments).arg(directory).output().is_ok_and(|done| done.status.success())
}

impl Drop for Tmpfs<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).output();
    }
}

/// Takes all the room that is left.
fn take_all_room(directory: &Path) -> PathBuf {
    let path = directory.join("somebody-elses");
    let mut file = File::create(&path).unwrap();
    for size in [4096, 1] {
        let error = loop {
            if let Err(error) = file.write_all(&vec![0; size]) {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    }
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_no_space_left() {
    let site = Site::new(StoreKind::Sqlite).await;
    let directory = site.database.directory().unwrap();
    let Some(_mounted) = Tmpfs::over(directory, 8 * 1024) else { return };
    let service = site.start(&[]);
    let filler = directory.join("somebody-elses");
    let fill = || drop(take_all_room(directory));
    fill_and_mend(&site, &service, fill, || std::fs::remove_file(&filler).unwrap()).await;
    expect_whole(&site, service).await;
}

/// What a file may have at most, in bytes: as good as a disk that is full, wherever no file system can be made.
const QUOTA: u32 = 160 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_may_not_grow() {
    let site = Site::new(StoreKind::Sqlite).await;
    let program = env!("CARGO_BIN_EXE_ephemint");
    // Without its own handling, the signal that comes with the error would end the process.
    let script = "trap '' XFSZ\nexec \"$0\" serve";
    let (command, folder) = command("/bin/sh", &["-c", script, program], &site.settings());
    let service = ServiceProcess::run(command, folder);
    let limit = |bytes: &str| {
        let limit = format!("--fsize={bytes}:");
        let set = Command::new("prlimit").args(["--pid", &service.id().to_string(), &limit]).status();
        assert!(set.unwrap().success());
    };
    fill_and_mend(&site, &service, || limit(&QUOTA.to_string()), || limit("unlimited")).await;
    expect_whole(&site, service).await;
}

/// What can't be written is not lost in silence.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_without_space_says_what_is_lost() {
    let site = Site::new(StoreKind::Sqlite).await;
    let directory = site.database.directory().unwrap();
    let Some(_mounted) = Tmpfs::over(directory, 8 * 1024) else { return };
    site.simulator.set_fault(ephemint_sim::Fault::Slow { millis: 500 });
    let service = site.start(&[("SHUTDOWN_TIMEOUT_MS", "2000")]);
    let load = Load::start(&[service.base()], 4);
    site.expect_upstream_requests(4).await;
    take_all_room(directory);
    service.signal("TERM");
    let (status, output) = service.ended(Duration::from_secs(4)).await;
    assert_eq!(status.code(), Some(1), "{output}");
    assert!(output.contains("outcomes of mints could not be written"), "{output}");
    let tokens = load.stop().await.iter().filter(|shot| shot.status() == 200).count();
    assert_eq!(tokens, 4, "they were in flight");
}
