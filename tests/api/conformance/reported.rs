//! Reports against a slow and obvious recomputation from the ledger, in zones that are not easy.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use ephemint::policy::{CurrentPolicy, Policy};
use ephemint::store::reports::Which;
use ephemint::store::{LedgerRow, Store};
use ephemint::usage::reports::{Bounds, Cell, Group, Kind, Query, Table, UsageReports, Window};

/// With the clocks of several habits. Around the time of these tests clocks are changed in America.
const ZONES: [Tz; 4] = [Tz::UTC, Tz::America__New_York, Tz::Asia__Kathmandu, Tz::Pacific__Auckland];

const POLICY: &str = "
    defaults.default_role = 'student'
    defaults.instructions.en = 'Speak.'
    roles.student = {}
    prices.currency = 'EUR'
    prices.models.'gpt-realtime-2.1-mini' = { minutes = 3, per_minute = 0.1 }
";

fn is_token(row: &LedgerRow) -> bool {
    ["issued", "unconfirmed"].contains(&row.outcome.as_str())
}

/// A report's rows by the text of their first cells, and what a column has there.
fn column(table: &Table, keys: usize, name: &str) -> BTreeMap<Vec<String>, Cell> {
    let at = table.columns.iter().position(|column| *column == name).unwrap();
    let text = |cell: &Cell| match cell {
        Cell::Text(text) => text.clone(),
        Cell::Time(at) => at.to_rfc3339(),
        other => format!("{other:?}"),
    };
    table.rows.iter().map(|row| (row[..keys].iter().map(text).collect(), row[at].clone())).collect()
}

/// Counts of rows that share a key.
fn count<'a>(
    rows: impl Iterator<Item = &'a LedgerRow>,
    key: impl Fn(&LedgerRow) -> Vec<String>,
) -> BTreeMap<Vec<String>, Cell> {
    let mut counts: BTreeMap<Vec<String>, i64> = BTreeMap::new();
    rows.for_each(|row| *counts.entry(key(row)).or_default() += 1);
    counts.into_iter().map(|(key, count)| (key, Cell::Count(count))).collect()
}

fn without_zeros(cells: BTreeMap<Vec<String>, Cell>) -> BTreeMap<Vec<String>, Cell> {
    cells.into_iter().filter(|(_, cell)| !matches!(cell, Cell::Count(0))).collect()
}

/// Asks for reports as they are by themselves, in one zone.
struct Operator {
    reports: UsageReports,
    tz: Tz,
    now: DateTime<Utc>,
}

impl Operator {
    fn window(&self, kind: Kind) -> Window {
        Window::read(kind, Bounds { from: None, to: None, tz: Some(self.tz.name()) }, self.now).unwrap()
    }

    async fn ask(&self, kind: Kind, group_by: Option<Group>) -> Table {
        let (window, which) = (self.window(kind), Which::default());
        let query = Query { kind, window, which, group_by, limit: 10, cursor: None, now: self.now };
        self.reports.report(&query).await.unwrap()
    }

    fn within<'a>(&self, kind: Kind, ledger: &'a [LedgerRow]) -> Vec<&'a LedgerRow> {
        let window = self.window(kind);
        ledger.iter().filter(|row| window.from <= row.created_at && row.created_at < window.to).collect()
    }
}

pub(super) async fn expect_reports(
    store: &Arc<dyn Store>,
    ledger: &[LedgerRow],
    refused: i64,
    now: DateTime<Utc>,
) {
    let policy = CurrentPolicy::new(Arc::new(Policy::load(POLICY).unwrap()));
    for tz in ZONES {
        let operator = Operator { reports: UsageReports::new(store.clone(), policy.clone()), tz, now };
        expect_days(&operator, ledger).await;
        expect_longer_spans(&operator, ledger).await;
        expect_hours(&operator, ledger).await;
        expect_totals(&operator, ledger).await;
        expect_errors(&operator, ledger, refused).await;
    }
}

async fn expect_days(operator: &Operator, ledger: &[LedgerRow]) {
    let tz = operator.tz;
    let rows = operator.within(Kind::Daily, ledger);
    let daily = operator.ask(Kind::Daily, None).await;
    assert_eq!(daily.rows.len(), 30, "{tz}");
    let day = |row: &LedgerRow| row.created_at.with_timezone(&tz).date_naive().to_string();
    let by_day = |name| {
        let cells = without_zeros(column(&daily, 1, name));
        let dated = cells.into_iter().map(|(key, cell)| (vec![key[0][..10].to_owned()], cell));
        dated.collect::<BTreeMap<_, _>>()
    };
    assert_eq!(by_day("mints"), count(rows.iter().copied(), |row| vec![day(row)]), "{tz}");
    let active: BTreeSet<_> =
        rows.iter().filter(|row| is_token(row)).map(|row| (day(row), &row.user_id)).collect();
    let mut users: BTreeMap<Vec<String>, i64> = BTreeMap::new();
    active.into_iter().for_each(|(day, _)| *users.entry(vec![day]).or_default() += 1);
    let users: BTreeMap<_, _> = users.into_iter().map(|(day, users)| (day, Cell::Count(users))).collect();
    assert_eq!(by_day("active_users"), users, "{tz}");
}

/// Weeks and months, each by the day on which it begins or the window does.
async fn expect_longer_spans(operator: &Operator, ledger: &[LedgerRow]) {
    let (tz, window) = (operator.tz, operator.window(Kind::Daily));
    let local = |at: DateTime<Utc>| at.with_timezone(&tz).date_naive();
    let monday = |day: NaiveDate| day - Days::new(day.weekday().num_days_from_monday().into());
    let first = |day: NaiveDate| day.with_day(1).unwrap();
    for (group, begin) in [(Group::Week, &monday as &dyn Fn(NaiveDate) -> NaiveDate), (Group::Month, &first)]
    {
        let mut people: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for row in operator.within(Kind::Daily, ledger).into_iter().filter(|row| is_token(row)) {
            let start = begin(local(row.created_at)).max(local(window.from));
            people.entry(start.to_string()).or_default().insert(&row.user_id);
        }
        let report = operator.ask(Kind::Daily, Some(group)).await;
        let found = without_zeros(column(&report, 1, "active_users"));
        let found: BTreeMap<_, _> =
            found.into_iter().map(|(key, cell)| (key[0][..10].to_owned(), cell)).collect();
        let expected: BTreeMap<_, _> =
            people.into_iter().map(|(start, users)| (start, Cell::Count(users.len() as i64))).collect();
        assert_eq!(found, expected, "{group:?} in {tz}");
    }
}

async fn expect_hours(operator: &Operator, ledger: &[LedgerRow]) {
    let rows = operator.within(Kind::Hourly, ledger);
    let hourly = operator.ask(Kind::Hourly, Some(Group::Role)).await;
    let hour = |row: &LedgerRow| {
        let local = row.created_at.with_timezone(&operator.tz);
        let past = TimeDelta::minutes(i64::from(local.minute()))
            + TimeDelta::seconds(i64::from(local.second()))
            + TimeDelta::nanoseconds(i64::from(local.nanosecond()));
        vec![(local - past).to_rfc3339(), row.role.clone()]
    };
    let expected = count(rows.into_iter().filter(|row| is_token(row)), hour);
    assert_eq!(without_zeros(column(&hourly, 2, "tokens")), expected, "{}", operator.tz);
}

async fn expect_totals(operator: &Operator, ledger: &[LedgerRow]) {
    let rows = operator.within(Kind::Daily, ledger);
    let all = || rows.iter().copied();
    let roles = operator.ask(Kind::Roles, None).await;
    assert_eq!(column(&roles, 1, "mints"), count(all(), |row| vec![row.role.clone()]));
    let models = operator.ask(Kind::Models, None).await;
    let refunded = all().filter(|row| row.outcome == "refunded");
    let expected = count(refunded, |row| vec![row.model.clone()]);
    assert_eq!(without_zeros(column(&models, 1, "refunded")), expected);
    let latency = operator.ask(Kind::Latency, Some(Group::Outcome)).await;
    let answered = all().filter(|row| row.latency_ms.is_some());
    assert_eq!(column(&latency, 1, "answered"), count(answered, |row| vec![row.outcome.clone()]));
    let costs = operator.ask(Kind::Costs, Some(Group::Role)).await;
    let tokens = count(all().filter(|row| is_token(row)), |row| vec![row.role.clone(), row.model.clone()]);
    let cost = |cell| match cell {
        Cell::Count(tokens) => Cell::Money(tokens * 300_000),
        other => other,
    };
    let expected = tokens.into_iter().map(|(key, tokens)| (key, cost(tokens))).collect();
    assert_eq!(column(&costs, 2, "estimated_cost"), expected);
    let summary = operator.ask(Kind::Summary, None).await;
    let people: BTreeSet<_> = all().filter(|row| is_token(row)).map(|row| &row.user_id).collect();
    assert_eq!(summary.rows[0][0], Cell::Count(people.len() as i64));
}

async fn expect_errors(operator: &Operator, ledger: &[LedgerRow], refused: i64) {
    let errors = operator.ask(Kind::Errors, None).await;
    let failed = operator.within(Kind::Errors, ledger).into_iter().filter(|row| row.error.is_some());
    let mut expected = count(failed, |row| vec!["mint".to_owned(), row.error.clone().unwrap()]);
    if refused > 0 {
        let key = ["refusal", "rate_limit_exceeded"].map(str::to_owned);
        expected.insert(key.to_vec(), Cell::Count(refused));
    }
    assert_eq!(column(&errors, 2, "count"), expected);
}
