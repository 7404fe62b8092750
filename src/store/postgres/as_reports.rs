//! Rollups and reports, on connections that no mint waits for.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::super::StoreError;
use super::super::reports::{
    DayPart, LatencyFact, MintFact, RefusalFact, Reports, RolledUp, RollupState, TopUsers, UserFact, Which,
};
use super::{PostgresStore, facts, people, rollup};

const READING: &str = "reading a report";

#[async_trait]
impl Reports for PostgresStore {
    async fn roll_up(&self) -> Result<RolledUp, StoreError> {
        let now = self.now();
        self.calm.transact("rolling up", async |db| rollup::step(db, now).await).await
    }

    async fn rollup_state(&self) -> Result<RollupState, StoreError> {
        self.calm.run("reading how far the rollups are", async |db| rollup::state(db).await).await
    }

    async fn pending_from(&self) -> Result<DateTime<Utc>, StoreError> {
        self.calm.run("reading since when mints are pending", async |db| rollup::pending_from(db).await).await
    }

    async fn forget(&self, before: DateTime<Utc>, most: u32) -> Result<u64, StoreError> {
        let doing = "letting old rows go";
        self.calm.transact(doing, async |db| rollup::let_go(db, before).await).await?;
        self.calm.run(doing, async |db| rollup::delete(db, most).await).await
    }

    async fn mint_facts(&self, edges: &[DateTime<Utc>], which: &Which) -> Result<Vec<MintFact>, StoreError> {
        self.calm.run(READING, async |db| facts::mints(db, edges, which).await).await
    }

    async fn refusal_facts(&self, edges: &[DateTime<Utc>]) -> Result<Vec<RefusalFact>, StoreError> {
        self.calm.run(READING, async |db| facts::refusals(db, edges).await).await
    }

    async fn latency_facts(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        role: Option<&str>,
    ) -> Result<Vec<LatencyFact>, StoreError> {
        self.calm.run(READING, async |db| facts::latencies(db, from, to, role).await).await
    }

    async fn active_users(
        &self,
        parts: &[DayPart],
        role: Option<&str>,
    ) -> Result<Vec<(usize, i64)>, StoreError> {
        self.calm.run(READING, async |db| people::active_users(db, parts, role).await).await
    }

    async fn top_users(&self, page: &TopUsers) -> Result<Vec<UserFact>, StoreError> {
        self.calm.transact(READING, async |db| people::top_users(db, page).await).await
    }
}
