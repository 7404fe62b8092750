//! Tokens against rows: what the clients hold, what the provider made, and what the ledger says.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use ephemint::kernel::secret::SafetyIds;
use ephemint_sim::{Fault, Recorded};
use ephemint_test_support::{JWT_SECRET, Person, TestDatabase};

use crate::load::Shot;
use crate::site::{LIMIT, Site};

const HOUR_MICROS: i64 = 3_600_000_000;

/// Whether each user's stamps are those of the mints that count. Holds for ledgers that are younger than an hour.
const STAMPS_THAT_DIFFER: &str = "
    SELECT m.user_id FROM (
        SELECT user_key, min(user_id) AS user_id,
               coalesce(array_agg(created_at ORDER BY created_at) FILTER (WHERE outcome <> 'refunded'), '{}') AS counted
        FROM mints GROUP BY user_key
    ) m LEFT JOIN rolling_hours h USING (user_key)
    WHERE m.counted IS DISTINCT FROM h.stamps";

/// A row of the ledger.
#[derive(Debug, Clone)]
struct Row {
    user: String,
    request_id: String,
    outcome: String,
    at_micros: i64,
}

impl Row {
    fn counts(&self) -> bool {
        self.outcome != "refunded"
    }
}

/// Waits until every token's row says that it was issued, then looks at everything: no token without its row, nothing given
/// back that may have been handed out, no hour with more than the limit.
pub(crate) async fn expect_exact(site: &Site, shots: &[Shot]) {
    let rows = settled(&site.database, shots).await;
    let mut wrong = unissued(shots, &rows);
    wrong.extend(unrecorded(&site.simulator.requests(), shots, &rows));
    wrong.extend(over_the_limit(&rows, LIMIT));
    assert!(wrong.is_empty(), "{wrong:#?}");
    let counted = rows.iter().filter(|row| row.counts()).count();
    assert!(site.simulator.minted() <= counted as u64, "the provider made more tokens than {counted}");
    if site.database.directory().is_none() {
        let differ = site.database.texts(STAMPS_THAT_DIFFER).await;
        assert!(
            differ.is_empty(),
            "the rolling hours of these users are not what their ledger says: {differ:?}"
        );
    }
}

/// The ledger, once outcomes have had the time to be written.
async fn settled(database: &TestDatabase, shots: &[Shot]) -> Vec<Row> {
    let mut rows = read(database).await;
    for _ in 0..100 {
        if unissued(shots, &rows).is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        rows = read(database).await;
    }
    rows
}

async fn read(database: &TestDatabase) -> Vec<Row> {
    let micros = match database.directory() {
        Some(_) => "(created_at * 1000)",
        None => "(extract(epoch FROM created_at) * 1000000)::bigint",
    };
    let sql = format!("SELECT user_id || '|' || request_id || '|' || outcome || '|' || {micros} FROM mints");
    database.texts(&sql).await.iter().map(|line| row(line)).collect()
}

fn row(line: &str) -> Row {
    let mut fields = line.split('|').map(str::to_owned);
    let mut next = || fields.next().unwrap();
    Row { user: next(), request_id: next(), outcome: next(), at_micros: next().parse().unwrap() }
}

/// Tokens that clients hold without one row of their own that says so.
fn unissued(shots: &[Shot], rows: &[Row]) -> Vec<String> {
    let mut issued = HashMap::<_, usize>::new();
    for row in rows.iter().filter(|row| row.outcome == "issued") {
        *issued.entry((&row.request_id, &row.user)).or_default() += 1;
    }
    let mut tokens = HashSet::new();
    let mut wrong = Vec::new();
    for shot in shots {
        let Some(token) = shot.token() else { continue };
        if issued.get(&(&shot.request_id, &shot.user)) != Some(&1) {
            let row = rows.iter().find(|row| row.request_id == shot.request_id);
            wrong.push(format!("the token of {} has no issued row of its own: {row:?}", shot.request_id));
        }
        if !tokens.insert(token) {
            wrong.push(format!("the token of {} was handed out twice", shot.request_id));
        }
    }
    wrong
}

/// Users for whom the provider made more tokens than count.
fn unrecorded(requests: &[Recorded], shots: &[Shot], rows: &[Row]) -> Vec<String> {
    let ids = SafetyIds::derived_from(&JWT_SECRET.to_owned().into());
    let asked = shots.iter().map(|shot| shot.user.as_str()).chain(rows.iter().map(|row| row.user.as_str()));
    let users: HashMap<String, &str> =
        asked.map(|user| (ids.of(&Person::new(user).user().key), user)).collect();
    let mut made = BTreeMap::<&str, usize>::new();
    for request in requests.iter().filter(|request| may_have_minted(request)) {
        let user = request.safety_identifier.as_ref().and_then(|id| users.get(id));
        *made.entry(user.copied().unwrap_or("nobody")).or_default() += 1;
    }
    let counted = |user: &str| rows.iter().filter(|row| row.counts() && row.user == user).count();
    let short = made.into_iter().filter(|&(user, made)| made > counted(user));
    short.map(|(user, made)| format!("{made} tokens were made for {user}, {} count", counted(user))).collect()
}

/// Whether the provider made a token, as far as it is known to whoever reads its journal.
fn may_have_minted(request: &Recorded) -> bool {
    match &request.fault {
        None => request.status == Some(200),
        Some(Fault::Slow { .. } | Fault::Cut | Fault::NoValue) => true,
        Some(_) => false,
    }
}

/// Users with more mints that count in some 60 minutes than the limit.
fn over_the_limit(rows: &[Row], limit: usize) -> Vec<String> {
    let mut times = BTreeMap::<&str, Vec<i64>>::new();
    for row in rows.iter().filter(|row| row.counts()) {
        times.entry(&row.user).or_default().push(row.at_micros);
    }
    times.retain(|_, times| {
        times.sort_unstable();
        times.windows(limit + 1).any(|mints| mints[limit] - mints[0] < HOUR_MICROS)
    });
    times
        .iter()
        .map(|(user, times)| format!("{user} has more than {limit} mints in an hour: {times:?}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(outcomes: &[(&str, i64)]) -> Vec<Row> {
        let row = |(i, &(outcome, at_micros)): (usize, &(&str, i64))| Row {
            user: "ana".to_owned(),
            request_id: format!("r{i}"),
            outcome: outcome.to_owned(),
            at_micros,
        };
        outcomes.iter().enumerate().map(row).collect()
    }

    #[test]
    fn one_too_many_in_any_hour_is_found() {
        let second = |second: i64| second * 1_000_000;
        let kept = [
            ("issued", 0),
            ("pending", second(1)),
            ("unconfirmed", second(3_600)),
            ("issued", second(3_601)),
        ];
        assert!(over_the_limit(&rows(&kept), 2).is_empty());
        let mut broken = kept.to_vec();
        broken.push(("issued", second(3_600) - 1));
        assert_eq!(over_the_limit(&rows(&broken), 2).len(), 1);
        *broken.last_mut().unwrap() = ("refunded", second(3_600) - 1);
        assert!(over_the_limit(&rows(&broken), 2).is_empty());
    }

    #[test]
    fn a_row_is_read_as_it_was_written() {
        let row = row("ana|r1|pending|1795176000000001");
        assert_eq!(
            (row.user.as_str(), row.request_id.as_str(), row.at_micros),
            ("ana", "r1", 1_795_176_000_000_001)
        );
        assert!(row.counts());
    }
}
