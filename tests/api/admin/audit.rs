//! Who did what to whom.

use ephemint_test_support::{Person, StoreKind, TestApp, on_both_stores, on_sqlite, send};
use reqwest::Method;
use serde_json::{Value, json};

use super::{all, ana, audit, get, path, put, rows, setup};

on_both_stores!(every_act_is_a_row, setup(), act_and_read);

async fn act_and_read(app: &TestApp) {
    let boss = Person::new("boss").as_role("boss");
    let decided = json!({"role": "boss", "display_name": "Ana", "hourly_limit": 7});
    let request = app.request(Method::PUT, &path("ana")).bearer_auth(boss.token()).json(&decided);
    assert_eq!(send(request.header("x-request-id", "why-1")).await.status, 200);
    app.advance(1);
    put(app, "ana", json!({})).await;
    app.advance(1);
    assert_eq!(send(app.admin(Method::DELETE, &path("bea"))).await.status, 204);
    app.advance(1);
    assert_eq!(
        send(app.request(Method::DELETE, "/v1/me").bearer_auth(Person::new("cy").token())).await.status,
        204
    );

    let trail = audit(app).await;
    let told: Vec<_> = trail
        .iter()
        .map(|row| {
            (row["actor"].as_str().unwrap(), row["action"].as_str().unwrap(), row["result"].as_str().unwrap())
        })
        .collect();
    let expected = [
        ("user", "erase_user", "done"),
        ("admin_token", "erase_user", "done"),
        ("admin_token", "put_user", "done"),
        ("user", "put_user", "done"),
    ];
    assert_eq!(told, expected);
    let first = &trail[3];
    assert_eq!((&first["request_id"], &first["address"]), (&json!("why-1"), &json!("127.0.0.1")));
    assert_eq!(
        (&first["actor_user"]["user_id"], &first["target"]["user_id"]),
        (&json!("boss"), &json!("ana"))
    );
    assert_eq!(first["at"], "2026-11-20T12:00:00.000Z");
    let detail = json!({
        "role": "boss", "has_display_name": true, "disabled": false, "hourly_limit": 7, "hourly_limit_until": null,
    });
    assert_eq!(first["detail"], detail);
    assert_eq!(first["target"]["pseudonym"], trail[2]["target"]["pseudonym"], "one pseudonym each");
    assert_eq!((&trail[0]["address"], &trail[0]["target"]["user_id"]), (&Value::Null, &Value::Null));
}

on_both_stores!(refusals_are_counted_by_the_minute, setup(), be_refused);

async fn be_refused(app: &TestApp) {
    for _ in 0..5 {
        for path in ["/v1/admin/users", "/v1/admin/users/a", "/v1/admin/users/b"] {
            assert_eq!(send(app.request(Method::GET, path)).await.status, 401);
            assert_eq!(send(app.request(Method::GET, path).bearer_auth(ana().token())).await.status, 403);
        }
        assert_eq!(put(app, "bea", json!({"role": "king"})).await.status, 400);
        app.advance(10);
    }
    assert_eq!(app.database.texts("SELECT count(*) FROM audit").await, ["0"], "the minute is not over");
    app.advance(10);
    let counts = "SELECT actor || ' ' || action || ' ' || result || ' ' || count FROM audit ORDER BY actor, action, count";
    let expected = [
        "admin_token put_user invalid_request 5",
        "stranger request unauthorized 5",
        "stranger request unauthorized 10",
        "user request not_allowed 5",
        "user request not_allowed 10",
    ];
    app.expect_texts(counts, &expected).await;
    let of_ana: Vec<Value> = audit(app)
        .await
        .into_iter()
        .filter(|row| row["actor_user"]["user_id"] == "ana")
        .map(|row| row["detail"]["request"].clone())
        .collect();
    assert_eq!(of_ana.len(), 2);
    assert!(of_ana.contains(&json!("GET /v1/admin/users/{id}")), "{of_ana:?}");
}

on_sqlite!(strangers_can_not_fill_the_trail, setup(), be_many);

async fn be_many(app: &TestApp) {
    for n in 0..150 {
        let stranger = Person::new(&format!("stranger-{n}")).token();
        assert_eq!(send(app.request(Method::GET, "/v1/admin/audit").bearer_auth(stranger)).await.status, 403);
    }
    app.advance(60);
    app.expect_texts("SELECT sum(count) FROM audit", &["150"]).await;
    assert_eq!(app.database.texts("SELECT count(*) FROM audit").await, ["101"]);
}

on_both_stores!(the_trail_is_read_by_pages, setup(), page_through);

async fn page_through(app: &TestApp) {
    for n in 0..5 {
        put(app, &format!("user-{n}"), json!({})).await;
        app.advance(1);
    }
    let targets = |rows: &[Value]| -> Vec<String> {
        rows.iter().map(|row| row["target"]["user_id"].as_str().unwrap().to_owned()).collect()
    };
    let everybody = ["user-4", "user-3", "user-2", "user-1", "user-0"];
    assert_eq!(targets(&all(app, "/v1/admin/audit?limit=2", "audit").await), everybody);
    let first = get(app, "/v1/admin/audit?limit=2").await.json();
    put(app, "later", json!({})).await;
    let next = first["next_cursor"].as_str().unwrap();
    let rest = rows(app, &format!("/v1/admin/audit?cursor={next}"), "audit").await;
    assert_eq!(targets(&rest), everybody[2..]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_written_when_the_service_stops() {
    let app = TestApp::start(StoreKind::Sqlite, setup()).await;
    assert_eq!(send(app.request(Method::GET, "/v1/admin/audit")).await.status, 401);
    assert_eq!(app.database.texts("SELECT count(*) FROM audit").await, ["0"]);
    let database = app.stop_and_keep().await;
    assert_eq!(database.texts("SELECT result FROM audit").await, ["unauthorized"]);
}

on_both_stores!(what_can_not_be_written_waits, setup(), break_and_mend);

async fn break_and_mend(app: &TestApp) {
    assert_eq!(send(app.request(Method::GET, "/v1/admin/audit")).await.status, 401);
    app.database.execute("ALTER TABLE audit RENAME TO elsewhere").await;
    app.advance(60);
    // Each second it is tried; more than one try is what this is about.
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    app.database.execute("ALTER TABLE elsewhere RENAME TO audit").await;
    app.expect_texts("SELECT result FROM audit", &["unauthorized"]).await;
}
