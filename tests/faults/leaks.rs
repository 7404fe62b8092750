//! What may not stay: counted before, and again until it is as before.

use std::time::Duration;

use ephemint_test_support::{ServiceProcess, TestDatabase};

/// Connections that the service's pools may hold, whether there was need of all of them before or not.
const POOLED: usize = 12;

/// What comes and goes by itself, such as a file that is being read.
const PASSING: usize = 3;

/// Threads come and go as blocking work does.
const THREADS: usize = 4;

/// The allocator keeps some of what is given back to it.
const MEMORY_KIB: usize = 32 * 1024;

/// What a process holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    descriptors: usize,
    threads: usize,
    resident_kib: usize,
    /// How many connections its pools may still open.
    unopened: usize,
}

impl Held {
    /// What it holds once nobody asks it for anything any more, with all the connections that its pools may have.
    pub(crate) async fn at_rest(service: &ServiceProcess) -> Self {
        let mut held = Self::by(service);
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let now = Self::by(service);
            held.descriptors = held.descriptors.min(now.descriptors);
            held.threads = held.threads.min(now.threads);
        }
        Self { unopened: PASSING, ..held }
    }

    /// What it holds now. Measure when it is warm, and nobody asks it for anything.
    pub(crate) fn by(service: &ServiceProcess) -> Self {
        let folder = format!("/proc/{}", service.id());
        let status = std::fs::read_to_string(format!("{folder}/status")).unwrap();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().next().unwrap().parse().unwrap()
        };
        Self {
            descriptors: std::fs::read_dir(format!("{folder}/fd")).unwrap().count(),
            threads: number("Threads:"),
            resident_kib: number("VmRSS:"),
            unopened: POOLED,
        }
    }

    fn is_no_more_than(self, before: Self) -> bool {
        self.descriptors <= before.descriptors + before.unopened
            && self.threads <= before.threads + THREADS
            && self.resident_kib <= before.resident_kib + MEMORY_KIB
    }
}

/// Waits until the service holds no more than before.
pub(crate) async fn expect_none(service: &ServiceProcess, before: Held) {
    let mut now = Held::by(service);
    eventually(async || {
        now = Held::by(service);
        now.is_no_more_than(before)
    })
    .await
    .unwrap_or_else(|()| assert!(now.is_no_more_than(before), "it held {before:?}, and now {now:?}"));
}

/// Waits until PostgreSQL has no more connections to this database than so many services may hold.
pub(crate) async fn expect_no_connections_beyond(database: &TestDatabase, services: usize) {
    const COUNT: &str = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'ephemint'";
    let count = async || database.texts(COUNT).await[0].parse::<usize>().unwrap();
    if eventually(async || count().await <= services * POOLED).await.is_err() {
        assert!(count().await <= services * POOLED, "{} connections", count().await);
    }
}

/// Tasks of this runtime that have not ended: those of a service in this process, and those of the test.
pub(crate) fn tasks() -> usize {
    tokio::runtime::Handle::current().metrics().num_alive_tasks()
}

/// The same once nobody asks for anything any more.
pub(crate) async fn tasks_at_rest() -> usize {
    let mut least = tasks();
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        least = least.min(tasks());
    }
    least
}

/// Waits until there are no more tasks than before, and those that pooled connections have.
pub(crate) async fn expect_no_tasks_beyond(before: usize) {
    expect_tasks_at_most(before + POOLED).await;
}

/// Waits until there are no more tasks than this.
pub(crate) async fn expect_tasks_at_most(most: usize) {
    if eventually(async || tasks() <= most).await.is_err() {
        assert!(tasks() <= most, "{} tasks, and no more than {most} have a reason to be there", tasks());
    }
}

async fn eventually(mut look: impl AsyncFnMut() -> bool) -> Result<(), ()> {
    for _ in 0..200 {
        if look().await {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(())
}
