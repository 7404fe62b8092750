//! The ledger's rows of a round, read past the service.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use ephemint_test_support::TestDatabase;

use super::deployment::limit_of;

/// A row.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) request: String,
    pub(super) user: String,
    pub(super) limit: u16,
    pub(super) outcome: String,
    pub(super) created_at: DateTime<Utc>,
}

impl Row {
    fn read(line: &str) -> Self {
        let parts: Vec<&str> = line.split('|').collect();
        let [request, user, role, outcome, micros] = parts[..] else {
            panic!("{line}");
        };
        Self {
            request: request.to_owned(),
            user: user.to_owned(),
            limit: limit_of(role),
            outcome: outcome.to_owned(),
            created_at: DateTime::from_timestamp_micros(micros.parse().unwrap()).unwrap(),
        }
    }

    /// Whether it counts against the hour.
    pub(super) fn counts(&self) -> bool {
        self.outcome != "refunded"
    }
}

/// The rows of users whose names begin so, oldest first.
pub(super) async fn read(database: &TestDatabase, names: &str) -> Vec<Row> {
    let micros = match database.directory() {
        Some(_) => "(created_at * 1000)",
        None => "(extract(epoch FROM created_at) * 1000000)::bigint",
    };
    let sql = format!(
        "SELECT request_id || '|' || user_id || '|' || role || '|' || outcome || '|' || {micros}
         FROM mints WHERE user_id LIKE '{names}%' ORDER BY created_at, id"
    );
    database.texts(&sql).await.iter().map(|line| Row::read(line)).collect()
}

/// What the whole history of each user has to fulfil: whenever a mint was granted, no more counted in the sixty minutes
/// up to it than the limit in force for it.
pub(super) fn check_every_window(rows: &[Row]) {
    let mut histories: HashMap<&str, Vec<&Row>> = HashMap::new();
    for row in rows.iter().filter(|row| row.counts()) {
        let earlier = histories.entry(&row.user).or_default();
        let newest = earlier.last().map(|row| row.created_at);
        assert!(newest < Some(row.created_at), "two mints that count have one stamp: {row:?}");
        earlier.push(row);
        let from = row.created_at - TimeDelta::hours(1);
        let counting = earlier.iter().filter(|earlier| earlier.created_at > from).count();
        assert!(
            counting <= usize::from(row.limit),
            "{counting} in the hour up to this, under a limit of {}: {row:?} of {earlier:#?}",
            row.limit
        );
    }
}
