//! Many clients at once, who write down what they are told.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ephemint::kernel::clock::{Clock, SystemClock};
use ephemint_test_support::{Answer, MINT, Person, USAGE, try_send};
use serde_json::json;
use tokio::task::JoinSet;

/// One in so many requests is the hammered user's.
const HAMMERED_EVERY: usize = 4;

/// How often each of the others asks: more often than their limit allows.
const REQUESTS_EACH: usize = 8;

/// Between an answer and the same client's next request: the point is many at once, not a busy machine.
const PAUSE: Duration = Duration::from_millis(20);

/// Longer than anything may take. Whoever gives up after this has found a request that hangs.
const NEVER: Duration = Duration::from_secs(40);

/// How long tests wait for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes a service open all the connections to its database that it may have.
pub(crate) async fn fill_pools(base: &str) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let token = Person::new("somebody").token();
    let asked = (0..60).map(|n| {
        let path = if n % 2 == 0 { USAGE } else { "/readyz" };
        try_send(http.get(format!("{base}{path}")).bearer_auth(&token))
    });
    let answers = asked.collect::<JoinSet<_>>().join_all().await;
    assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|answer| answer.status == 200)));
}

/// A request and what came of it.
#[derive(Debug, Clone)]
pub(crate) struct Shot {
    /// Who asked, by their `sub`.
    pub(crate) user: String,
    /// The request's id, which its ledger row has too.
    pub(crate) request_id: String,
    pub(crate) begun: Instant,
    pub(crate) took: Duration,
    /// The answer, or why there is none.
    pub(crate) answer: Result<Answer, String>,
}

impl Shot {
    /// The token, where it got one.
    pub(crate) fn token(&self) -> Option<String> {
        let answer = self.answer.as_ref().ok().filter(|answer| answer.status == 200)?;
        answer.json()["value"].as_str().map(str::to_owned)
    }

    /// The status; 0 where there is no answer.
    pub(crate) fn status(&self) -> u16 {
        self.answer.as_ref().map_or(0, |answer| answer.status)
    }
}

/// Clients who ask until they are told to stop. Some share one user, whom they hammer; the others are always new.
pub(crate) struct Load {
    shared: Arc<Shared>,
    clients: JoinSet<()>,
}

struct Shared {
    bases: Vec<String>,
    /// Tells this load's users from those of another.
    name: String,
    http: reqwest::Client,
    next: AtomicUsize,
    over: AtomicBool,
    shots: Mutex<Vec<Shot>>,
}

impl Load {
    /// Sets so many clients on the services at these addresses, by turns.
    pub(crate) fn start(bases: &[&str], clients: usize) -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(NEVER).build().unwrap();
        let shared = Arc::new(Shared {
            bases: bases.iter().map(|&base| base.to_owned()).collect(),
            name: uuid::Uuid::now_v7().simple().to_string(),
            http,
            next: AtomicUsize::new(0),
            over: AtomicBool::new(false),
            shots: Mutex::default(),
        });
        let clients = (0..clients).map(|_| ask_on(shared.clone())).collect();
        Self { shared, clients }
    }

    /// Goes on for a while.
    pub(crate) async fn go_on(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Goes on until so many requests that begin from now on are answered like this; fails where that never comes.
    pub(crate) async fn until(&self, count: usize, what: impl Fn(&Shot) -> bool) {
        let from = SystemClock.instant();
        let enough = || {
            let shots = self.shared.shots.lock().unwrap();
            shots.iter().filter(|shot| shot.begun >= from && what(shot)).count() >= count
        };
        while !enough() {
            assert!(
                from.elapsed() < PATIENCE,
                "it never came: {:?}",
                self.shared.shots.lock().unwrap().last()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Goes on until so many more tokens were handed out.
    pub(crate) async fn until_tokens(&self, count: usize) {
        self.until(count, |shot| shot.status() == 200).await;
    }

    /// Sends nothing more, waits for what is on its way, and gives everything in the order of its beginning.
    pub(crate) async fn stop(mut self) -> Vec<Shot> {
        self.shared.over.store(true, Ordering::Relaxed);
        while let Some(ended) = self.clients.join_next().await {
            ended.unwrap();
        }
        let mut shots = std::mem::take(&mut *self.shared.shots.lock().unwrap());
        shots.sort_by_key(|shot| shot.begun);
        shots
    }
}

async fn ask_on(shared: Arc<Shared>) {
    while !shared.over.load(Ordering::Relaxed) {
        let number = shared.next.fetch_add(1, Ordering::Relaxed);
        let shot = shared.ask(number).await;
        shared.shots.lock().unwrap().push(shot);
        tokio::time::sleep(PAUSE).await;
    }
}

impl Shared {
    fn user(&self, number: usize) -> String {
        match number % HAMMERED_EVERY {
            0 => format!("{}-hammered", self.name),
            _ => format!("{}-{}", self.name, number / REQUESTS_EACH),
        }
    }

    async fn ask(&self, number: usize) -> Shot {
        let (user, request_id) = (self.user(number), format!("{}-{number}", self.name));
        let url = format!("{}{MINT}", self.bases[number % self.bases.len()]);
        let request = self.http.post(url).bearer_auth(Person::new(&user).token());
        let request = request.header("x-request-id", &request_id).json(&json!({}));
        let begun = SystemClock.instant();
        let answer = try_send(request).await.map_err(|error| format!("{error:?}"));
        Shot { user, request_id, begun, took: begun.elapsed(), answer }
    }
}
