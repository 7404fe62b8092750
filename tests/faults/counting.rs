//! kill -9 while the service counts a ledger of some days: closes quarters, counts late changes again, puts days together. What
//! stands in the rollups in the end is what a slow and obvious count of the ledger says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ephemint::kernel::clock::{Clock as _, ManualClock, SystemClock};
use ephemint::kernel::code::Code;
use ephemint::kernel::ids::{MintId, RequestId};
use ephemint::kernel::session::SessionType;
use ephemint::store::reports::DayPart;
use ephemint::store::{
    Ask, Batch, Entry, KeySource, Outcome, Refusal, Settlement, Spent, Standing, Store, StoreClock,
};
use ephemint_test_support::{ChaosProxy, Network, Person, StoreKind};

use crate::site::Site;

const DAYS: i64 = 8;

/// A service is killed within so many microseconds after it has begun: a few steps. They are slow on the slow way to PostgreSQL;
/// on SQLite a longer life would leave nothing to do for those who come after.
fn longest_life_us(store: StoreKind) -> u64 {
    match store {
        StoreKind::Postgres => 250_000,
        StoreKind::Sqlite => 15_000,
    }
}

const CLOSED: &str = "SELECT closed_until FROM rollup_state";

/// Of each kind of work.
const ROUNDS: usize = 20;

/// Mints that come late, before each round of mending them.
const LATE: usize = 24;

/// Of each kind of work, kills that cut it off, for the test to have tested anything.
const CUT_OFF: usize = 5;

/// What is cut off: closing quarters, which each service has begun with by then, or counting late ones again and putting their
/// day together, which is done at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Closing,
    Mending,
}

/// A random number below another.
fn below(end: u64) -> u64 {
    let random = uuid::Uuid::new_v4();
    let [a, b, c, d, ..] = *random.as_bytes();
    u64::from(u32::from_be_bytes([a, b, c, d])) % end
}

fn ask(at: DateTime<Utc>) -> Ask {
    Ask {
        id: MintId::new(at),
        user: Arc::new(Person::new(&format!("user-{}", below(9))).user()),
        assumed: Standing::default(),
        hourly_limit: 1000,
        role: ["student", "teacher"][below(2) as usize].into(),
        language: "en".into(),
        session_type: SessionType::Realtime,
        model: "gpt-realtime-2.1-mini".into(),
        key_source: KeySource::Operator,
        request_id: RequestId::new(at),
    }
}

/// Some mints in nearly every quarter, some of which nobody has heard of again.
async fn fill(site: &Site) {
    let clock = Arc::new(ManualClock::at(SystemClock.now() - TimeDelta::days(DAYS)));
    let store = site.database.open(StoreClock::Set(clock.clone())).await;
    let end = SystemClock.now() - TimeDelta::hours(1);
    while clock.now() < end {
        let asks: Vec<_> = (0..below(7)).map(|_| ask(clock.now())).collect();
        let spent = store.turn(&Batch { asks: asks.clone(), settlements: Vec::new() }).await.unwrap();
        assert!(spent.iter().all(|spent| matches!(spent, Spent::Granted(_))));
        let settlements = asks.iter().filter(|_| below(5) > 0).map(|ask| {
            let outcome = [Outcome::Issued, Outcome::Issued, Outcome::Refunded][below(3) as usize];
            let error = (outcome != Outcome::Issued).then_some(Code::ProviderBusy);
            let latency_ms = i32::try_from(below(40_000)).ok();
            Settlement { id: ask.id, outcome, error, latency_ms, expires_at: None }
        });
        let settlements = settlements.collect();
        store.turn(&Batch { asks: Vec::new(), settlements }).await.unwrap();
        clock.advance(TimeDelta::minutes(15));
    }
}

/// Changes quarters of the first days, when they are closed: a day that is counted again has none of the mistakes any more that
/// were made in closing it.
async fn come_late(site: &Site) {
    let store = site.database.open(StoreClock::Own).await;
    let first_day = SystemClock.now() - TimeDelta::days(DAYS);
    let then = || first_day + TimeDelta::minutes(below(36 * 60) as i64);
    let entry = |created_at| Entry { ask: Arc::new(ask(created_at)), created_at };
    let entries: Vec<_> = (0..LATE).map(|_| entry(then())).collect();
    store.enter(&entries).await.unwrap();
    let user = Arc::new(Person::new("user-0").user());
    let minute = DateTime::from_timestamp(then().timestamp() / 60 * 60, 0).unwrap();
    let refusal = Refusal { user, code: Code::RateLimitExceeded, minute, count: 3 };
    store.count_refusals(&[refusal]).await.unwrap();
}

/// What the service still has to do, in words.
async fn left(site: &Site, store: StoreKind) -> Vec<&'static str> {
    let [closed, packed] = match store {
        StoreKind::Postgres => [
            "SELECT closed_until > now() - interval '50 minutes' FROM rollup_state",
            "SELECT NOT EXISTS (SELECT FROM user_days u, rollup_state s WHERE u.day < (s.closed_until AT TIME ZONE 'UTC')::date
             AND NOT EXISTS (SELECT FROM packed_days p WHERE p.day = u.day))",
        ],
        StoreKind::Sqlite => [
            "SELECT closed_until > (unixepoch() - 3000) * 1000 FROM rollup_state",
            "SELECT NOT EXISTS (SELECT 1 FROM user_days u, rollup_state s WHERE u.day < s.closed_until / 86400000 * 86400000
             AND NOT EXISTS (SELECT 1 FROM packed_days p WHERE p.day = u.day))",
        ],
    };
    let none = "SELECT NOT EXISTS (SELECT 1 FROM rollup_marks)";
    let settled = "SELECT NOT EXISTS (SELECT 1 FROM mints WHERE outcome = 'pending')";
    let mut left = Vec::new();
    for (sql, what) in [(closed, "closing"), (none, "mending"), (packed, "packing"), (settled, "giving up")] {
        if !matches!(site.database.texts(sql).await[0].as_str(), "t" | "1") {
            left.push(what);
        }
    }
    left
}

async fn killed_while_counting(store: StoreKind) {
    let site = Site::new(store).await;
    fill(&site).await;
    // A step has a dozen statements on PostgreSQL. On a slow way there, most kills come between two of them.
    let proxy = match store {
        StoreKind::Postgres => Some(ChaosProxy::before(&site.database.setting().1).await),
        StoreKind::Sqlite => None,
    };
    if let Some(proxy) = &proxy {
        proxy.set(Network::Slow { bytes: 65_536, delay: Duration::from_millis(1) });
    }
    let slowly: Vec<_> = proxy.iter().map(|proxy| ("DATABASE_URL", proxy.url())).collect();
    for work in [Work::Closing, Work::Mending] {
        let (mut cut_off, mut life_us) = (0, longest_life_us(store));
        for _ in 0..ROUNDS {
            if work == Work::Mending {
                come_late(&site).await;
            }
            let closed = site.database.texts(CLOSED).await;
            // The proxy has to go on while this waits for the service.
            let service = tokio::task::block_in_place(|| site.start(&slowly));
            if work == Work::Closing && !has_begun(&site, store, &closed).await {
                // A quick machine has closed them all before its last round.
                service.kill();
                break;
            }
            tokio::time::sleep(Duration::from_micros(below(life_us))).await;
            service.kill();
            let is_cut_off = !left(&site, store).await.is_empty();
            cut_off += usize::from(is_cut_off);
            // However quick the machine is, some kills come before the end, and some late in the work.
            life_us =
                if is_cut_off { longest_life_us(store).min(life_us * 3 / 2) } else { (life_us / 2).max(50) };
        }
        assert!(cut_off >= CUT_OFF, "{work:?} was cut off {cut_off} times only");
        let service = site.start(&[]);
        expect_done(&site, store).await;
        assert!(service.stop().0.success());
        expect_counted(&site, store).await;
    }
}

/// Waits until the service has closed a quarter. False where none is left to close.
async fn has_begun(site: &Site, store: StoreKind, closed: &[String]) -> bool {
    for _ in 0..1000 {
        if site.database.texts(CLOSED).await != closed {
            return true;
        }
        if !left(site, store).await.contains(&"closing") {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("no quarter was closed, though some are open");
}

/// The service looks each minute; what came in between is done at the next start.
async fn expect_done(site: &Site, store: StoreKind) {
    for _ in 0..1000 {
        if left(site, store).await.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("still {:?}", left(site, store).await);
}

/// A mint, as the ledger has it.
struct Row {
    at: i64,
    key: String,
    role: String,
    outcome: String,
    latency_ms: Option<i64>,
}

impl Row {
    fn is_token(&self) -> bool {
        ["issued", "unconfirmed"].contains(&self.outcome.as_str())
    }
}

const QUARTER_MS: i64 = 900_000;
const DAY_MS: i64 = 96 * QUARTER_MS;

async fn expect_counted(site: &Site, store: StoreKind) {
    // Times as milliseconds, and keys as digits.
    let (ms, day, key) = match store {
        StoreKind::Postgres => (
            "(extract(epoch FROM COLUMN) * 1000)::bigint",
            "(extract(epoch FROM day) * 1000)::bigint",
            "encode(user_key, 'hex')",
        ),
        StoreKind::Sqlite => ("COLUMN", "day", "lower(hex(user_key))"),
    };
    let ms = |column| ms.replace("COLUMN", column);
    let lines = async |sql: String| site.database.texts(&sql).await;
    let ledger = lines(format!(
        "SELECT {} || '|' || {key} || '|' || role || '|' || outcome || '|' || coalesce(latency_ms, -1) FROM mints",
        ms("created_at")
    ));
    let ledger: Vec<Row> = ledger.await.iter().map(|line| row(line)).collect();
    assert!(ledger.len() > 500, "only {} mints", ledger.len());
    let quarters = lines(format!(
        "SELECT {} || '|' || role || '|' || outcome || '|' || sum(count) FROM mint_quarters GROUP BY quarter, role, outcome",
        ms("quarter")
    ));
    assert_eq!(sorted(quarters.await), quarters_of(&ledger));
    let latencies = lines(format!(
        "SELECT {} || '|' || sum(count) || '|' || sum(total_ms) FROM latency_quarters GROUP BY quarter",
        ms("quarter")
    ));
    assert_eq!(sorted(latencies.await), latencies_of(&ledger));
    let refusals = "SELECT (SELECT coalesce(sum(count), 0) FROM refusal_quarters) = (SELECT coalesce(sum(count), 0) FROM refusals)";
    assert!(matches!(lines(refusals.to_owned()).await[0].as_str(), "t" | "1"));
    let days = lines(format!(
        "SELECT {day} || '|' || {key} || '|' || role || '|' || mints || '|' || tokens || '|' || early || '|' || late FROM user_days"
    ));
    assert_eq!(sorted(days.await), days_of(&ledger));
    let store = site.database.open(StoreClock::Own).await;
    expect_active_users(&*store, &ledger).await;
}

fn row(line: &str) -> Row {
    let cells: Vec<_> = line.split('|').collect();
    let latency_ms = cells[4].parse().unwrap();
    Row {
        at: cells[0].parse().unwrap(),
        key: cells[1].to_owned(),
        role: cells[2].to_owned(),
        outcome: cells[3].to_owned(),
        latency_ms: (latency_ms >= 0).then_some(latency_ms),
    }
}

fn sorted(lines: Vec<String>) -> BTreeSet<String> {
    let count = lines.len();
    let sorted: BTreeSet<_> = lines.into_iter().collect();
    assert_eq!(sorted.len(), count, "no line is there twice");
    sorted
}

fn quarters_of(ledger: &[Row]) -> BTreeSet<String> {
    let mut counts: BTreeMap<_, i64> = BTreeMap::new();
    for row in ledger {
        *counts.entry((row.at / QUARTER_MS * QUARTER_MS, &row.role, &row.outcome)).or_default() += 1;
    }
    counts.iter().map(|((at, role, outcome), count)| format!("{at}|{role}|{outcome}|{count}")).collect()
}

fn latencies_of(ledger: &[Row]) -> BTreeSet<String> {
    let mut sums: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for (row, ms) in ledger.iter().filter_map(|row| Some((row, row.latency_ms?))) {
        let (count, total) = sums.entry(row.at / QUARTER_MS * QUARTER_MS).or_default();
        (*count, *total) = (*count + 1, *total + ms);
    }
    sums.iter().map(|(at, (count, total))| format!("{at}|{count}|{total}")).collect()
}

fn days_of(ledger: &[Row]) -> BTreeSet<String> {
    let mut days: BTreeMap<_, [i64; 4]> = BTreeMap::new();
    for row in ledger {
        let [mints, tokens, early, late] =
            days.entry((row.at / DAY_MS * DAY_MS, &row.key, &row.role)).or_default();
        *mints += 1;
        if row.is_token() {
            *tokens += 1;
            let quarter = row.at % DAY_MS / QUARTER_MS;
            let (half, bit) = if quarter < 48 { (early, quarter) } else { (late, quarter - 48) };
            *half |= 1 << bit;
        }
    }
    days.iter()
        .map(|((day, key, role), [mints, tokens, early, late])| {
            format!("{day}|{key}|{role}|{mints}|{tokens}|{early}|{late}")
        })
        .collect()
}

/// By day, from what was put together.
async fn expect_active_users(store: &dyn Store, ledger: &[Row]) {
    let mut days: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
    for row in ledger.iter().filter(|row| row.is_token()) {
        days.entry(row.at / DAY_MS * DAY_MS).or_default().insert(&row.key);
    }
    let whole = (1 << 48) - 1;
    let part = |(span, day): (usize, &i64)| DayPart {
        span,
        day: DateTime::from_timestamp_millis(*day).unwrap(),
        early: whole,
        late: whole,
    };
    let parts: Vec<_> = days.keys().enumerate().map(part).collect();
    let mut found = store.active_users(&parts, None).await.unwrap();
    found.sort_unstable();
    let expected: Vec<_> = days.values().map(|users| users.len() as i64).enumerate().collect();
    assert_eq!(found, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counting_on_sqlite() {
    killed_while_counting(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counting_on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        killed_while_counting(StoreKind::Postgres).await;
    }
}
