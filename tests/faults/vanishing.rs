//! Clients who go away at any moment: while they still send, while they wait, and when the answer comes.

use std::time::Duration;

use ephemint_sim::Fault;
use ephemint_test_support::{MINT, Person, ServiceProcess, Setup, StoreKind, TestApp, TestDatabase};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::audit::expect_exact;
use crate::leaks;
use crate::load::Load;
use crate::site::Site;

const CLIENTS: usize = 1_000;

/// At once; more than these would wait for each other on a small machine.
const AT_ONCE: usize = 50;

/// What the provider takes, so that there is a middle to go away in.
const LATENCY_MS: u64 = 60;

/// Connections to the database that may be opened meanwhile.
const POOLED: usize = 12;

/// How a client goes away.
struct Way {
    user: String,
    /// How much of the request it sends, in hundredths. More than 100: all of it.
    sent: usize,
    /// How long it stays after that.
    stays: Duration,
    /// Whether it resets the connection, rather than closing it.
    resets: bool,
}

impl Way {
    /// Spread over everything that can be; the same in every run.
    fn of(client: usize) -> Self {
        Self {
            user: format!("{client}"),
            sent: if client.is_multiple_of(3) { client * 37 % 100 } else { 100 },
            stays: Duration::from_millis((client as u64 * 13) % (2 * LATENCY_MS)),
            resets: client.is_multiple_of(2),
        }
    }

    async fn go(self, address: String) {
        let body = "{\"language\":\"en\"}";
        let token = Person::new(&self.user).token();
        let request = format!(
            "POST {MINT} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let sent = request.len() * self.sent / 100;
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(&request.as_bytes()[..sent]).await.unwrap();
        tokio::time::sleep(self.stays).await;
        if self.resets {
            connection.set_zero_linger().unwrap();
        }
    }
}

/// Lets clients come and go away. Nobody hears an answer.
async fn come_and_go(base: &str) {
    let address = base.trim_start_matches("http://").to_owned();
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        if clients.len() == AT_ONCE {
            clients.join_next().await.unwrap().unwrap();
        }
        clients.spawn(Way::of(client).go(address.clone()));
    }
    while let Some(gone) = clients.join_next().await {
        gone.unwrap();
    }
}

/// Waits until nothing is pending, and looks that every token that was made has its row, and every row its token.
async fn expect_settled(database: &TestDatabase, minted: impl Fn() -> u64) {
    let count = async |outcomes: &str| {
        let sql = format!("SELECT count(*) FROM mints WHERE outcome IN ({outcomes})");
        database.texts(&sql).await[0].parse::<u64>().unwrap()
    };
    let mut settled = false;
    for _ in 0..200 {
        settled = count("'pending'").await == 0 && count("'issued'").await == minted();
        if settled {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(
        settled,
        "{} pending, {} issued, {} made",
        count("'pending'").await,
        count("'issued'").await,
        minted()
    );
    assert_eq!(count("'unconfirmed'").await, 0, "the provider answered every time");
    assert!(count("'issued'").await > CLIENTS as u64 / 3, "hardly anybody came as far as the provider");
}

/// Open connections of this machine between these ports, as one side has them; 0 is any port.
fn connections(local: u16, remote: u16) -> usize {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let is_open = |line: &&str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let port = |field: &str| u16::from_str_radix(field.rsplit(':').next().unwrap(), 16).unwrap();
        // Neither listening, nor what the kernel keeps of connections that have ended.
        let open = !matches!(fields[3], "0A" | "06" | "07");
        open && [(local, fields[1]), (remote, fields[2])]
            .iter()
            .all(|&(want, is)| want == 0 || want == port(is))
    };
    table.lines().skip(1).filter(is_open).count()
}

/// Descriptors that a service holds, beside the connections to the provider: those stay for a while, to be used again.
fn descriptors(site: &Site, service: &ServiceProcess) -> usize {
    let all = std::fs::read_dir(format!("/proc/{}/fd", service.id())).unwrap().count();
    all.saturating_sub(connections(0, site.simulator.address().port()))
}

/// Waits until no client's connection and no descriptor is there that was not before.
async fn expect_nobody_stays(site: &Site, service: &ServiceProcess, before: usize) {
    let port = service.base().rsplit(':').next().unwrap().parse().unwrap();
    let left = || (connections(port, 0), descriptors(site, service).saturating_sub(before + POOLED));
    for _ in 0..200 {
        if left() == (0, 0) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("connections of clients, and other descriptors, that stayed: {:?}", left());
}

async fn every_spend_is_settled(store: StoreKind) {
    let site = Site::new(store).await;
    site.simulator.set_fault(Fault::Slow { millis: LATENCY_MS });
    let service = site.start(&[]);
    let warm = Load::start(&[service.base()], AT_ONCE);
    warm.until_tokens(AT_ONCE).await;
    let mut shots = warm.stop().await;
    let before = descriptors(&site, &service);
    // Others notice nothing.
    let others = Load::start(&[service.base()], 4);
    come_and_go(service.base()).await;
    shots.extend(others.stop().await);
    assert!(
        shots.iter().all(|shot| [200, 429].contains(&shot.status())),
        "somebody else's leaving was noticed"
    );
    expect_settled(&site.database, || site.simulator.minted()).await;
    expect_exact(&site, &shots).await;
    expect_nobody_stays(&site, &service, before).await;
    assert!(service.stop().0.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_spend_is_settled_on_sqlite() {
    every_spend_is_settled(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_spend_is_settled_on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        every_spend_is_settled(StoreKind::Postgres).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_task_stays() {
    let app = TestApp::start(StoreKind::Sqlite, Setup::default()).await;
    app.simulator.set_fault(Fault::Slow { millis: LATENCY_MS });
    let before = leaks::tasks();
    come_and_go(app.base()).await;
    expect_settled(&app.database, || app.simulator.minted()).await;
    leaks::expect_no_tasks_beyond(before).await;
    app.stop().await;
}
