//! What users see of their own use.

use ephemint_sim::Fault;
use ephemint_test_support::{Person, Setup, TestApp, USAGE, on_both_stores, send};
use serde_json::{Value, json};

fn left(remaining: u64, reset_seconds: u64) -> Value {
    json!({"limit": 10, "remaining": remaining, "reset_seconds": reset_seconds})
}

fn tokens(last_hour: u64, last_day: u64, last_30_days: u64) -> Value {
    json!({"last_hour": last_hour, "last_day": last_day, "last_30_days": last_30_days})
}

on_both_stores!(who_has_used_nothing_has_it_all, Setup::default(), read_fresh_usage);

async fn read_fresh_usage(app: &TestApp) {
    let answer = app.usage(&Person::new("ana")).await;
    assert_eq!(answer.status, 200);
    let nothing =
        json!({"role": "student", "rate_limit": left(10, 0), "tokens": tokens(0, 0, 0), "recent": []});
    assert_eq!(answer.json(), nothing);
    assert_eq!(answer.header("ratelimit-policy"), "\"hourly\";q=10;w=3600");
    assert_eq!(answer.header("ratelimit"), "\"hourly\";r=10;t=0");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(app.simulator.requests().is_empty());
    assert_eq!(app.database.texts("SELECT count(*) FROM mints").await, ["0"]);
}

on_both_stores!(mints_are_listed_the_newest_first, Setup::default(), mint_and_read);

async fn mint_and_read(app: &TestApp) {
    let ana = Person::new("ana");
    app.mint(&ana, json!({"language": "es"})).await;
    app.advance(60);
    app.simulator.fail_next(1, Fault::ServerError);
    app.mint(&ana.clone().as_role("teacher"), json!({})).await;
    app.advance(1);
    app.simulator.fail_next(1, Fault::Garbage);
    app.mint(&ana, json!({"role": "family"})).await;
    app.expect_outcomes(&["issued", "refunded", "unconfirmed"]).await;
    let answer = app.usage(&ana).await;
    let line = |at: &str, role: &str, language: &str, outcome: &str| {
        let created_at = format!("2026-11-20T{at}.000Z");
        json!({"created_at": created_at, "role": role, "language": language, "outcome": outcome})
    };
    let expected = json!({
        "role": "student",
        "rate_limit": left(8, 3600 - 61),
        "tokens": tokens(2, 2, 2),
        "recent": [
            line("12:01:01", "family", "en", "unconfirmed"),
            line("12:01:00", "teacher", "en", "refunded"),
            line("12:00:00", "student", "es", "issued"),
        ],
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.header("ratelimit"), "\"hourly\";r=8;t=3539");
}

on_both_stores!(what_is_in_flight_counts_already, Setup::default(), read_in_mid_flight);

async fn read_in_mid_flight(app: &TestApp) {
    let ana = Person::new("ana");
    app.simulator.fail_next(1, Fault::Slow { millis: 1_000 });
    let waiting = tokio::spawn(send(app.mint_request(&ana)));
    app.expect_upstream_requests(1).await;
    let usage = app.usage(&ana).await.json();
    assert_eq!(usage["rate_limit"], left(9, 3600));
    assert_eq!(usage["tokens"], tokens(0, 0, 0), "not handed out yet");
    assert_eq!(usage["recent"][0]["outcome"], "pending");
    assert_eq!(waiting.await.unwrap().status, 200);
}

on_both_stores!(figures_age_by_the_clock, Setup::default(), let_time_pass);

async fn let_time_pass(app: &TestApp) {
    const HOUR: i64 = 3600;
    const DAY: i64 = 24 * HOUR;
    let ana = Person::new("ana");
    app.mint(&ana, json!({})).await;
    app.advance(600);
    app.mint(&ana, json!({})).await;
    app.expect_outcomes(&["issued", "issued"]).await;
    // Each at the last moment before and the first after: the first mint is 600 seconds older than the second.
    let mut now = 600;
    for (at, rate_limit, counts) in [
        (600, left(8, 3000), tokens(2, 2, 2)),
        (HOUR - 1, left(8, 1), tokens(2, 2, 2)),
        (HOUR, left(9, 600), tokens(1, 2, 2)),
        (HOUR + 599, left(9, 1), tokens(1, 2, 2)),
        (HOUR + 600, left(10, 0), tokens(0, 2, 2)),
        (DAY - 1, left(10, 0), tokens(0, 2, 2)),
        (DAY, left(10, 0), tokens(0, 1, 2)),
        (DAY + 600, left(10, 0), tokens(0, 0, 2)),
        (30 * DAY - 1, left(10, 0), tokens(0, 0, 2)),
        (30 * DAY, left(10, 0), tokens(0, 0, 1)),
        (30 * DAY + 600, left(10, 0), tokens(0, 0, 0)),
    ] {
        app.advance(at - now);
        now = at;
        let usage = app.usage(&ana).await.json();
        assert_eq!((&usage["rate_limit"], &usage["tokens"]), (&rate_limit, &counts), "after {at} seconds");
        assert_eq!(usage["recent"].as_array().unwrap().len(), 2, "history stays");
    }
}

on_both_stores!(the_list_is_of_twenty, Setup::default(), mint_many);

async fn mint_many(app: &TestApp) {
    let ana = Person::new("ana");
    for n in 0..22 {
        let language = if n == 2 { "es" } else { "en" };
        assert_eq!(app.mint(&ana, json!({"language": language})).await.status, 200);
        app.advance(400);
    }
    app.expect_outcomes(&["issued"; 22]).await;
    let usage = app.usage(&ana).await.json();
    let recent = usage["recent"].as_array().unwrap();
    assert_eq!(recent.len(), 20);
    assert_eq!(recent[19]["language"], "es", "the two oldest are left out");
    let times: Vec<&str> = recent.iter().map(|mint| mint["created_at"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|newer, older| newer > older), "{times:?}");
    assert_eq!(usage["tokens"], tokens(8, 22, 22));
}

on_both_stores!(nobody_sees_what_others_use, Setup::default().set("JWT_ISSUER", ""), mint_as_others_and_read);

async fn mint_as_others_and_read(app: &TestApp) {
    let ana = Person::new("ana");
    let others = [
        Person::new("anab"),
        Person::new("Ana"),
        Person::new("ana ").as_role("teacher"),
        ana.clone().with("iss", json!("https://other.example")),
        ana.clone().with("iss", json!("https://sign-in.exampleana")).with("sub", json!("a")),
    ];
    for other in &others {
        assert_eq!(app.mint(other, json!({})).await.json()["rate_limit"], left(9, 3600));
        app.advance(1);
    }
    app.expect_outcomes(&["issued"; 5]).await;
    let usage = app.usage(&ana).await.json();
    assert_eq!((&usage["rate_limit"], &usage["recent"]), (&left(10, 0), &json!([])));
    assert_eq!(usage["tokens"], tokens(0, 0, 0));
    // No parameter and no header makes somebody somebody else.
    let path = format!("{USAGE}?user_id=anab&sub=anab&role=teacher");
    let request = app.request(reqwest::Method::GET, &path).bearer_auth(ana.token());
    assert_eq!(send(request.header("x-user-id", "anab")).await.json(), usage);
}

const ROLES: &str = "
    [defaults]
    default_role = 'guest'
    instructions.en = 'Speak.'
    [roles.guest]
    hourly_tokens = 1
    [roles.member]
    hourly_tokens = 5
    [roles.patron]
    hourly_tokens = 7
";

on_both_stores!(the_role_is_the_users_own, Setup::policy(ROLES), read_under_several_roles);

async fn read_under_several_roles(app: &TestApp) {
    let member = Person::new("ana").as_role("member");
    let role_and_limit = async |person: &Person| {
        let usage = app.usage(person).await.json();
        (usage["role"].as_str().unwrap().to_owned(), usage["rate_limit"]["limit"].as_u64().unwrap())
    };
    assert_eq!(role_and_limit(&Person::new("bo")).await, ("guest".to_owned(), 1));
    assert_eq!(role_and_limit(&Person::new("cy").as_role("unknown")).await, ("guest".to_owned(), 1));
    assert_eq!(role_and_limit(&member).await, ("member".to_owned(), 5));
    app.database.put_user(&member.user(), "'patron'", "NULL", false).await;
    assert_eq!(role_and_limit(&member).await, ("patron".to_owned(), 7));
    app.database.put_user(&member.user(), "'king'", "NULL", false).await;
    assert_eq!(app.usage(&member).await.error(), (403, "role_not_allowed".to_owned(), "role".to_owned()));
}
