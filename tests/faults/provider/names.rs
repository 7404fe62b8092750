//! The provider's name does not resolve, or whoever resolves names is silent.

use std::net::UdpSocket;
use std::path::PathBuf;
use std::time::Duration;

use ephemint::kernel::clock::{Clock, SystemClock};
use ephemint::kernel::code::Code;
use ephemint_test_support::{EmptyDirectory, ServiceProcess, StoreKind};

use super::{CLIENTS, Made, SEEN, expect_outcomes, failed_as};
use crate::audit::{expect_answers, expect_exact, expect_recovery};
use crate::load::Load;
use crate::namespace;
use crate::site::Site;
use crate::unready::Unready;

const NAME: &str = "provider.invalid";

/// How long the provider may take; half of it is for finding it.
const PATIENCE: Duration = Duration::from_millis(2_000);

const NEVER_LEFT: Made = Made { code: Code::ProviderTimeout, outcome: "refunded" };

/// What a process sees in place of the machine's files that say where names are looked up.
struct Names {
    folder: EmptyDirectory,
    /// Whom the process asks for names, and who never answers.
    silent: UdpSocket,
}

impl Names {
    /// The provider's name is not known, and who asks for it waits for `seconds`.
    fn unknown(seconds: u32) -> Self {
        let silent = UdpSocket::bind((namespace::loopback_of_its_own(), 53)).unwrap();
        silent.set_nonblocking(true).unwrap();
        let server = silent.local_addr().unwrap().ip();
        let names = Self { folder: EmptyDirectory::create(), silent };
        let resolver = format!("nameserver {server}\noptions timeout:{seconds} attempts:1\n");
        std::fs::write(names.file("resolv.conf"), resolver).unwrap();
        std::fs::write(names.file("nsswitch.conf"), "hosts: files dns\n").unwrap();
        std::fs::write(names.file("hosts"), "").unwrap();
        names
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.0.join(name)
    }

    /// From now on the provider's name is known.
    fn know(&self) {
        // In place: what is mounted is this very file.
        std::fs::write(self.file("hosts"), format!("127.0.0.1 {NAME}\n")).unwrap();
    }

    fn mounts(&self) -> String {
        let mount = |name| format!("mount --bind {} /etc/{name}\n", self.file(name).display());
        ["hosts", "resolv.conf", "nsswitch.conf"].map(mount).concat()
    }

    fn settings(&self, site: &Site) -> Vec<(&'static str, String)> {
        let mut settings = site.settings();
        settings.push(("OPENAI_BASE_URL", address(site)));
        settings.push(("OPENAI_TIMEOUT_MS", PATIENCE.as_millis().to_string()));
        settings
    }

    /// Starts a service that looks names up here.
    fn start(&self, site: &Site) -> ServiceProcess {
        let (command, folder) = namespace::command(&self.mounts(), &self.settings(site));
        ServiceProcess::run(command, folder)
    }
}

/// Where the provider is, by its name.
fn address(site: &Site) -> String {
    format!("http://{NAME}:{}/v1", site.simulator.address().port())
}

/// Nothing ever left, so everything is given back; and all is well as soon as the name is known.
async fn a_name_that_comes(store: StoreKind) {
    if !namespace::can_be_had() {
        return;
    }
    let site = Site::new(store).await;
    let names = Names::unknown(2);
    let service = names.start(&site);
    let load = Load::start(&[service.base()], CLIENTS);
    load.until(SEEN, |shot| failed_as(shot, NEVER_LEFT.code)).await;
    names.know();
    let known = SystemClock.instant();
    load.go_on(Duration::from_millis(2_500)).await;
    load.until_tokens(CLIENTS).await;
    let shots = load.stop().await;
    expect_answers(&shots, PATIENCE, &[NEVER_LEFT.code]);
    expect_recovery(&shots, known);
    expect_outcomes(&site, &shots, NEVER_LEFT).await;
    expect_exact(&site, &shots).await;
    assert!(service.stop().0.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_comes_on_sqlite() {
    a_name_that_comes(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_comes_on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        a_name_that_comes(StoreKind::Postgres).await;
    }
}

/// A thread that waits for a name can't be stopped; the process ends all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_a_name_at_the_end() {
    if !namespace::can_be_had() {
        return;
    }
    let site = Site::new(StoreKind::Sqlite).await;
    let names = Names::unknown(30);
    let service = names.start(&site);
    let load = Load::start(&[service.base()], 4);
    load.until(4, |shot| failed_as(shot, NEVER_LEFT.code)).await;
    service.signal("TERM");
    let (status, output) = service.ended(Duration::from_secs(10)).await;
    assert_eq!(status.code(), Some(0), "{output}");
    let shots = load.stop().await;
    let answered: Vec<_> = shots.into_iter().filter(|shot| shot.answer.is_ok()).collect();
    expect_answers(&answered, PATIENCE, &[NEVER_LEFT.code, Code::StoreUnavailable]);
    let outcomes = site.database.texts("SELECT outcome FROM mints").await;
    assert!(outcomes.iter().all(|outcome| outcome == "refunded"), "{outcomes:?}");
}

/// The same of the database's name, which the service's own threads look up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_the_databases_name_either() {
    if !namespace::can_be_had() {
        return;
    }
    let site = Site::new(StoreKind::Sqlite).await;
    let names = Names::unknown(30);
    let mut settings = names.settings(&site);
    settings.push(("DATABASE_URL", format!("postgres://nobody@{NAME}/nothing")));
    let (command, _folder) = namespace::command(&names.mounts(), &settings);
    let starting = Unready::start(command);
    let asked = async {
        let mut request = [0; 512];
        while names.silent.recv(&mut request).is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), asked).await.expect("it does not look for its database");
    starting.expect_stop().await;
}

/// However names are looked up on this machine: this one is nowhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_is_nowhere() {
    let site = Site::new(StoreKind::Sqlite).await;
    let service = site.start(&[("OPENAI_BASE_URL", &address(&site))]);
    let load = Load::start(&[service.base()], CLIENTS);
    load.until(SEEN, |shot| shot.answer.is_ok()).await;
    let shots = load.stop().await;
    // At most the time for a connection.
    expect_answers(&shots, Duration::from_secs(3), &[Code::ProviderError, Code::ProviderTimeout]);
    assert!(shots.iter().all(|shot| shot.status() != 200), "it can't be anywhere");
    expect_exact(&site, &shots).await;
    assert!(service.stop().0.success());
    let outcomes = site.database.texts("SELECT outcome FROM mints").await;
    assert!(outcomes.iter().all(|outcome| outcome == "refunded"), "{outcomes:?}");
}
