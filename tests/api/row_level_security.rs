//! `sql/postgres/row_level_security.sql`: what browsers may read of a database that they share with the service.

use ephemint_test_support::{ISSUER, Person, Setup, StoreKind, TestApp};
use serde_json::json;
use tokio_postgres::{Client, NoTls};

const SCRIPT: &str = include_str!("../../sql/postgres/row_level_security.sql");

const OWN: &str = "SELECT user_id || ' ' || outcome FROM realtime_token_usage ORDER BY 1";

/// Roles belong to the whole server, and other tests may be making them.
const ROLES: &str = "DO $$ BEGIN CREATE ROLE anon NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
    DO $$ BEGIN CREATE ROLE authenticated NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;";

/// A connection as PostgREST has it: a role, and the claims of whoever asks.
async fn asking(app: &TestApp, role: &str, claims: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(&app.database.setting().1, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&format!("SET ROLE {role}; SET request.jwt.claims = '{claims}'")).await.unwrap();
    client
}

async fn own(client: &Client) -> Vec<String> {
    client.query(OWN, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

fn claims(sub: &str) -> String {
    json!({"iss": ISSUER, "sub": sub, "role": "authenticated"}).to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_reads_their_own_rows_and_nothing_else() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let app = TestApp::start(StoreKind::Postgres, Setup::default()).await;
    app.database.execute(ROLES).await;
    app.database.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO anon, authenticated").await;
    let _ = app.mint(&Person::new("before"), json!({})).await;
    for _ in 0..2 {
        app.database.execute(SCRIPT).await;
    }
    for sub in ["ana", "ana", "bo"] {
        assert_eq!(app.mint(&Person::new(sub), json!({})).await.status, 200, "the service goes on");
    }
    app.expect_outcomes(&["issued", "issued", "issued", "issued"]).await;

    let ana = asking(&app, "authenticated", &claims("ana")).await;
    assert_eq!(own(&ana).await, ["ana issued", "ana issued"]);
    let stranger =
        asking(&app, "authenticated", &json!({"iss": "https://other", "sub": "ana"}).to_string()).await;
    assert_eq!(own(&stranger).await, [""; 0]);
    for nobody in ["", "{}"] {
        assert_eq!(own(&asking(&app, "authenticated", nobody).await).await, [""; 0]);
    }
    let anon = asking(&app, "anon", &claims("ana")).await;
    assert!(anon.query(OWN, &[]).await.is_err());
    for closed in [
        "SELECT request_id FROM mints",
        "SELECT * FROM users",
        "SELECT * FROM rolling_hours",
        "SELECT * FROM refusals",
        "SELECT * FROM refinery_schema_history",
        "UPDATE mints SET outcome = 'refunded'",
        "DELETE FROM rolling_hours",
        "INSERT INTO users (user_key, issuer, user_id, role) VALUES (sha256('a'), '', 'ana', 'teacher')",
    ] {
        let error = ana.batch_execute(closed).await.unwrap_err();
        assert_eq!(error.code().map(|code| code.code()), Some("42501"), "{closed}: {error}");
    }
    app.stop().await;
}
