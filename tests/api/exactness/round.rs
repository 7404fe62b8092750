//! One round: a script, played with users of its own.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ephemint::kernel::clock::{Clock, SystemClock};
use ephemint_test_support::{MINT, Person, StoreKind, USAGE, send};
use futures_util::future::join_all;
use serde_json::json;

use super::answers::{Part, Told};
use super::deployment::{Deployment, role_of};
use super::hour::{Hour, Span};
use super::ledger::{self, Row};
use super::script::{Step, Trouble, USERS};

/// Refunds and outcomes are written within a second, on a machine that is not busy.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Round<'a> {
    on: &'a Deployment,
    /// What the names of its users begin with.
    names: String,
    limits: [u16; USERS],
    /// When each user's newest decision was made, where the store remembers that.
    decided: [Span; USERS],
    /// The ledger, when last looked at.
    rows: Vec<Row>,
    /// What the ledger has to say of each request in the end.
    outcomes: HashMap<String, &'static str>,
    /// The answers that say so.
    answers: HashMap<String, String>,
}

impl<'a> Round<'a> {
    pub(super) fn new(on: &'a Deployment, number: u64) -> Self {
        Self {
            on,
            names: format!("round-{number}-"),
            limits: [3, 5, 1],
            decided: [Span::default(); USERS],
            rows: Vec::new(),
            outcomes: HashMap::new(),
            answers: HashMap::new(),
        }
    }

    /// Plays the script, and asks until everybody's hour is full.
    pub(super) async fn play(&mut self, script: &[Step]) {
        let can_set_time = self.on.clock.is_some();
        for step in script.iter().filter(|step| can_set_time || !step.moves_time()) {
            self.take(step).await;
        }
        let everybody: Vec<_> = (0..USERS).flat_map(|user| self.full(user)).collect();
        self.burst(&everybody, None).await;
        self.check_usage().await;
    }

    /// Looks at the ledger of the whole round, with every outcome written.
    pub(super) async fn check_whole(&mut self) {
        self.await_outcomes(|_| true).await;
        ledger::check_every_window(&self.rows);
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Step::Burst { asks, trouble } => self.burst(asks, trouble.as_ref()).await,
            Step::Limit { user, limit } => self.limits[*user] = *limit,
            Step::Forward(millis) => self.on.advance(TimeDelta::milliseconds(*millis)),
            Step::Back(millis) => self.on.advance(TimeDelta::milliseconds(-millis)),
            Step::Edge { user, stamp, ticks } => {
                let stamps = self.stamps(*user);
                if stamps.is_empty() {
                    return;
                }
                let leaves = *stamp.get(&stamps) + TimeDelta::hours(1) + self.on.tick() * *ticks;
                self.on.advance(leaves - self.on.now());
                self.burst(&[(*user, stamps.len())], None).await;
                self.burst(&self.full(*user), None).await;
            }
        }
    }

    /// One more than the user may, from all services in turn.
    fn full(&self, user: usize) -> Vec<(usize, usize)> {
        (0..=usize::from(self.limits[user])).map(|service| (user, service)).collect()
    }

    fn person(&self, user: usize) -> Person {
        Person::new(&format!("{}{user}", self.names)).as_role(&role_of(self.limits[user]))
    }

    /// All ask at once; what comes of it has to be what the hours before it allowed.
    async fn burst(&mut self, asks: &[(usize, usize)], trouble: Option<&Trouble>) {
        if let Some(Trouble { fault, times, .. }) = trouble {
            self.on.simulator.fail_next(*times, fault.clone());
        }
        let from = self.on.now();
        let told = join_all(asks.iter().map(|(user, service)| self.ask(*user, *service))).await;
        let clock = Span { earliest: from, latest: self.on.now() };
        self.on.simulator.clear_fault();

        let refunds = trouble.is_some_and(|trouble| trouble.refunds);
        for told in &told {
            if let Some(outcome) = told.outcome(refunds) {
                self.answers.insert(told.request().to_owned(), told.answer.text.clone());
                let known = self.outcomes.insert(told.request().to_owned(), outcome);
                assert_eq!(known, None, "two answers have one request id");
            }
        }
        let before = std::mem::take(&mut self.rows);
        self.await_outcomes(|due| due == "refunded").await;
        for user in 0..USERS {
            self.check_part(user, clock, &before, &told);
        }
    }

    /// What the client of this row was told, for whoever has to find out why it is wrong.
    fn told(&self, row: &Row) -> Option<&String> {
        self.answers.get(&row.request)
    }

    async fn ask(&self, user: usize, service: usize) -> Told {
        let base = &self.on.bases[service % self.on.bases.len()];
        let request = self.on.http.post(format!("{base}{MINT}")).bearer_auth(self.person(user).token());
        Told { user, answer: send(request.json(&json!({}))).await }
    }

    fn check_part(&mut self, user: usize, clock: Span, before: &[Row], told: &[Told]) {
        let told: Vec<_> = told.iter().filter(|told| told.user == user).collect();
        let name = format!("{}{user}", self.names);
        let earlier: Vec<_> = before.iter().filter(|row| row.user == name).collect();
        let span = self.span(user, clock, &earlier, told.len());
        let counting = earlier.iter().filter(|row| row.counts()).map(|row| row.created_at);
        let requests: Vec<_> = told.iter().map(|told| told.request()).collect();
        let rows: Vec<_> = self.rows.iter().filter(|row| requests.contains(&&*row.request)).collect();
        let refunded = rows.iter().any(|row| !row.counts());
        let hour = Hour::new(counting.collect());
        Part { before: &hour, limit: self.limits[user], span, told, rows, refunded }.check();
        self.decided[user] = span;
    }

    /// When so many asks of a user were decided. For one user time never goes back, and mints of one moment are a tick
    /// apart: behind the newest mint time may run ahead of the clock.
    fn span(&self, user: usize, clock: Span, earlier: &[&Row], asks: usize) -> Span {
        let asked = i32::try_from(asks).unwrap();
        if asked == 0 {
            return self.decided[user];
        }
        let newest = earlier.iter().map(|row| row.created_at).max().unwrap_or_default();
        let behind = newest + self.on.tick();
        // PostgreSQL remembers decisions; SQLite's rows are all it knows of.
        let known = match self.on.store {
            StoreKind::Postgres => self.decided[user],
            StoreKind::Sqlite => Span { earliest: behind, latest: behind },
        };
        Span {
            earliest: clock.earliest.max(known.earliest),
            latest: clock.latest.max(known.latest).max(behind) + self.on.tick() * (asked - 1),
        }
    }

    fn stamps(&self, user: usize) -> Vec<DateTime<Utc>> {
        let name = format!("{}{user}", self.names);
        let rows = self.rows.iter().filter(|row| row.user == name && row.counts());
        rows.map(|row| row.created_at).collect()
    }

    /// What users are told between mints is true.
    async fn check_usage(&self) {
        for user in 0..USERS {
            let base = &self.on.bases[user % self.on.bases.len()];
            let from = self.on.now();
            let request = self.on.http.get(format!("{base}{USAGE}")).bearer_auth(self.person(user).token());
            let said = send(request).await.json()["rate_limit"].clone();
            let clock = Span { earliest: from, latest: self.on.now() };
            let name = format!("{}{user}", self.names);
            let rows: Vec<_> = self.rows.iter().filter(|row| row.user == name).collect();
            let span = self.span(user, clock, &rows, 1);
            let hour = Hour::new(self.stamps(user));
            let free = hour.free(self.limits[user], span);
            let reset = hour.reset_seconds(self.limits[user], &[], span);
            let remaining = usize::try_from(said["remaining"].as_u64().unwrap()).unwrap();
            let seconds = said["reset_seconds"].as_i64().unwrap();
            assert!(
                free.contains(&remaining) && reset.contains(&seconds),
                "{said}: {free:?}, {reset:?}, {hour:?}"
            );
            assert_eq!(said["limit"], self.limits[user]);
        }
    }

    /// Reads the ledger until it says what it has to, of those outcomes that are due by now. It has a row for each mint
    /// that was answered for, and no other.
    async fn await_outcomes(&mut self, is_due: impl Fn(&str) -> bool) {
        let started = SystemClock.instant();
        loop {
            self.rows = ledger::read(&self.on.database, &self.names).await;
            let mut missing = self.outcomes.len();
            for row in &self.rows {
                let due = self.outcomes.get(&row.request);
                let due = due.unwrap_or_else(|| panic!("a row that nobody was answered for: {row:?}"));
                // Where the clock jumps while an outcome waits to be written, nobody knows of it for a moment.
                let may_become_due = matches!(&*row.outcome, "pending" | "unconfirmed");
                assert!(row.outcome == *due || may_become_due, "not {due}: {row:?}, {:?}", self.told(row));
                missing -= usize::from(row.outcome == *due || !is_due(due));
            }
            assert!(self.rows.len() == self.outcomes.len(), "{:?} for {:?}", self.rows, self.outcomes);
            if missing == 0 {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "{:#?} instead of {:#?}", self.rows, self.outcomes);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
