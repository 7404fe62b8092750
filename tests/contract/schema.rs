//! `schema.sql` is what all migrations leave, on both stores.

use ephemint::store::StoreClock;
use ephemint_test_support::{StoreKind, TestDatabase};

use crate::compare::expect_same;
use crate::{catalog, repository};

fn schema(kind: StoreKind) -> (&'static str, String) {
    let path = match kind {
        StoreKind::Postgres => "sql/postgres/schema.sql",
        StoreKind::Sqlite => "sql/sqlite/schema.sql",
    };
    (path, repository::read(path))
}

async fn the_migrations_leave_the_schema(kind: StoreKind) {
    let migrated = TestDatabase::create(kind).await;
    drop(migrated.open(StoreClock::Own).await);
    let (path, sql) = schema(kind);
    let made = TestDatabase::create(kind).await;
    made.execute(&sql).await;
    let (migrated, made) = (catalog::of(kind, &migrated).await, catalog::of(kind, &made).await);
    let mend = "bring schema.sql up to what the migrations leave; a change of the schema is a new migration:";
    expect_same(("the migrations", &migrated), (path, &made), mend);
}

/// Without this, a comparison that sees nothing would pass for ever.
async fn a_difference_is_seen(kind: StoreKind, changes: &[&str]) {
    let database = TestDatabase::create(kind).await;
    database.execute(&schema(kind).1).await;
    let mut before = catalog::of(kind, &database).await;
    for change in changes {
        database.execute(change).await;
        let after = catalog::of(kind, &database).await;
        assert_ne!(before, after, "tests/contract/catalog.rs does not see this: {change}");
        before = after;
    }
}

#[tokio::test]
async fn on_postgres_the_migrations_leave_the_schema() {
    if StoreKind::Postgres.is_wanted() {
        the_migrations_leave_the_schema(StoreKind::Postgres).await;
    }
}

#[tokio::test]
async fn on_sqlite_the_migrations_leave_the_schema() {
    the_migrations_leave_the_schema(StoreKind::Sqlite).await;
}

#[tokio::test]
async fn on_postgres_a_difference_is_seen() {
    let changes = [
        "ALTER TABLE mints ALTER COLUMN model DROP NOT NULL",
        "ALTER TABLE mints ALTER COLUMN request_id TYPE varchar",
        "ALTER TABLE mints ALTER COLUMN outcome SET DEFAULT 'issued'",
        "ALTER TABLE mints ADD CONSTRAINT short CHECK (length(model) < 100)",
        "ALTER TABLE mints SET (fillfactor = 90)",
        "ALTER TABLE mints ADD COLUMN more text",
        "COMMENT ON COLUMN mints.more IS 'More.'",
        "COMMENT ON TABLE mints IS 'Changed.'",
        "CREATE INDEX another ON mints (role)",
        "CREATE OR REPLACE VIEW realtime_token_usage AS SELECT id, issuer, user_id, role, language, session_type, model,
             outcome, created_at, expires_at FROM mints WHERE outcome = 'issued'",
        "CREATE TYPE mood AS ENUM ('good')",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP TABLE users",
    ];
    if StoreKind::Postgres.is_wanted() {
        a_difference_is_seen(StoreKind::Postgres, &changes).await;
    }
}

#[tokio::test]
async fn on_sqlite_a_difference_is_seen() {
    let changes = [
        "ALTER TABLE mints ADD COLUMN more TEXT",
        "CREATE INDEX another ON mints (role)",
        "DROP VIEW realtime_token_usage",
        "CREATE VIEW realtime_token_usage AS SELECT id FROM mints",
        "CREATE TRIGGER busy AFTER DELETE ON mints BEGIN DELETE FROM refusals; END",
        "DROP TABLE refusals",
    ];
    a_difference_is_seen(StoreKind::Sqlite, &changes).await;
}
