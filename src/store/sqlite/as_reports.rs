//! Rollups by the writer, reports by the reader.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::super::StoreError;
use super::super::reports::{
    DayPart, LatencyFact, MintFact, RefusalFact, Reports, RolledUp, RollupState, TopUsers, UserFact, Which,
};
use super::{SqliteStore, facts, people, rollup};

const READING: &str = "reading a report";

#[async_trait]
impl Reports for SqliteStore {
    async fn roll_up(&self) -> Result<RolledUp, StoreError> {
        let clock = self.clock.clone();
        self.writer.run("rolling up", move |db| rollup::step(db, clock.now())).await
    }

    async fn rollup_state(&self) -> Result<RollupState, StoreError> {
        self.reader.run("reading how far the rollups are", |db| rollup::state(db)).await
    }

    async fn pending_from(&self) -> Result<DateTime<Utc>, StoreError> {
        self.reader.run("reading since when mints are pending", |db| rollup::pending_from(db)).await
    }

    async fn forget(&self, before: DateTime<Utc>, most: u32) -> Result<u64, StoreError> {
        self.writer.run("letting old rows go", move |db| rollup::forget(db, before, most)).await
    }

    async fn mint_facts(&self, edges: &[DateTime<Utc>], which: &Which) -> Result<Vec<MintFact>, StoreError> {
        let (edges, which) = (edges.to_vec(), which.clone());
        self.reader.run(READING, move |db| facts::mints(db, &edges, &which)).await
    }

    async fn refusal_facts(&self, edges: &[DateTime<Utc>]) -> Result<Vec<RefusalFact>, StoreError> {
        let edges = edges.to_vec();
        self.reader.run(READING, move |db| facts::refusals(db, &edges)).await
    }

    async fn latency_facts(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        role: Option<&str>,
    ) -> Result<Vec<LatencyFact>, StoreError> {
        let role = role.map(str::to_owned);
        self.reader.run(READING, move |db| facts::latencies(db, from, to, role.as_deref())).await
    }

    async fn active_users(
        &self,
        parts: &[DayPart],
        role: Option<&str>,
    ) -> Result<Vec<(usize, i64)>, StoreError> {
        let (parts, role) = (parts.to_vec(), role.map(str::to_owned));
        self.reader.run(READING, move |db| people::active_users(db, &parts, role.as_deref())).await
    }

    async fn top_users(&self, page: &TopUsers) -> Result<Vec<UserFact>, StoreError> {
        let page = page.clone();
        self.reader.run(READING, move |db| people::top_users(db, &page)).await
    }
}
