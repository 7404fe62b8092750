//! Bursts: how many pass at once, by whom they are counted, and that nothing behind is asked.

use chrono::TimeDelta;
use ephemint_test_support::{
    Answer, METRICS, MINT, Person, Setup, TestApp, USAGE, on_both_stores, on_sqlite, send,
};
use reqwest::Method;
use serde_json::json;

/// What every refusal looks like; `what` is in its detail.
fn assert_refused(answer: &Answer, what: &str) {
    assert_eq!(answer.error(), (429, "burst_limit_exceeded".to_owned(), String::new()), "{}", answer.text);
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.header("ratelimit"), "", "the hour has nothing to do with it");
    assert!(answer.json()["detail"].as_str().unwrap().contains(what), "{}", answer.text);
}

fn per_user(burst: &str) -> Setup {
    Setup::default().set("BURST_PER_USER", burst)
}

fn per_address(burst: &str) -> Setup {
    Setup::default().set("BURST_PER_IP", burst)
}

on_both_stores!(a_user_has_five_at_once, per_user(""), five_pass);

async fn five_pass(app: &TestApp) {
    let (ana, bea) = (Person::new("ana"), Person::new("bea"));
    for _ in 0..4 {
        assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    }
    assert_eq!(app.usage(&ana).await.status, 200, "every route of the user's counts");
    assert_refused(&app.mint(&ana, json!({})).await, "user");
    assert_refused(&app.usage(&ana).await, "user");
    assert_eq!(app.mint(&bea, json!({})).await.status, 200, "others have a burst of their own");

    app.clock.advance(TimeDelta::milliseconds(200));
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    assert_refused(&app.mint(&ana, json!({})).await, "user");
    assert_eq!(app.simulator.minted(), 6);

    app.advance(1);
    let counted = "SELECT count FROM refusals WHERE code = 'burst_limit_exceeded' AND user_id = 'ana'";
    eventually_texts(app, counted, &["3"]).await;
}

async fn eventually_texts(app: &TestApp, sql: &str, expected: &[&str]) {
    for _ in 0..200 {
        if app.database.texts(sql).await == expected {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    assert_eq!(app.database.texts(sql).await, expected);
}

on_both_stores!(a_burst_asks_nothing_of_the_store, per_user("1"), refuse_without_a_store);

async fn refuse_without_a_store(app: &TestApp) {
    let ana = Person::new("ana");
    for table in ["mints", "users"] {
        app.database.execute(&format!("ALTER TABLE {table} RENAME TO {table}_away")).await;
    }
    assert_eq!(app.usage(&ana).await.status, 503);
    for _ in 0..20 {
        assert_refused(&app.usage(&ana).await, "user");
        assert_refused(&app.mint(&ana, json!({})).await, "user");
    }
}

on_sqlite!(many_at_once_get_exactly_their_burst, per_user("7"), rush);

async fn rush(app: &TestApp) {
    let ana = Person::new("ana");
    let requests = (0..40).map(|_| send(app.request(Method::GET, USAGE).bearer_auth(ana.token())));
    let mut clients: tokio::task::JoinSet<_> = requests.collect();
    let mut passed = 0;
    while let Some(answer) = clients.join_next().await {
        passed += usize::from(answer.unwrap().status == 200);
    }
    assert_eq!(passed, 7);
}

on_sqlite!(an_address_is_held_before_its_token_is_looked_at, per_address("3"), knock_without_a_token);

async fn knock_without_a_token(app: &TestApp) {
    let knock = async || send(app.request(Method::POST, MINT).bearer_auth("no.jwt.at-all")).await;
    for _ in 0..3 {
        assert_eq!(knock().await.status, 401);
    }
    assert_refused(&knock().await, "address");
    assert_refused(&app.mint(&Person::new("ana"), json!({})).await, "address");
    let large = app.mint_request(&Person::new("ana")).body("x".repeat(70_000));
    assert_refused(&send(large).await, "address");
    assert_refused(&send(app.request(Method::GET, METRICS)).await, "address");
    for open in ["/healthz", "/readyz", "/openapi.yaml", "/nowhere"] {
        assert_ne!(send(app.request(Method::GET, open)).await.status, 429, "{open} takes no token");
    }
    app.clock.advance(TimeDelta::milliseconds(334));
    assert_eq!(knock().await.status, 401);
}

/// Asks as if this were forwarded, and says whether the request passed.
async fn passes(app: &TestApp, forwarded: &[&str]) -> bool {
    let request = app.request(Method::GET, USAGE).bearer_auth(Person::new("ana").token());
    let request = forwarded.iter().fold(request, |request, value| request.header("x-forwarded-for", *value));
    let answer = send(request).await;
    if answer.status == 200 {
        return true;
    }
    assert_refused(&answer, "address");
    false
}

on_sqlite!(strangers_may_not_say_where_they_come_from, per_address("2"), lie);

async fn lie(app: &TestApp) {
    assert!(passes(app, &["198.51.100.1"]).await);
    assert!(passes(app, &["198.51.100.2"]).await);
    assert!(!passes(app, &["198.51.100.3"]).await, "it is one address, whatever it says");
}

fn behind_proxies() -> Setup {
    per_address("1").set("TRUSTED_PROXIES", "127.0.0.0/8, 10.0.0.0/8")
}

on_sqlite!(trusted_proxies_say_where_requests_come_from, behind_proxies(), forward);

async fn forward(app: &TestApp) {
    assert!(passes(app, &["198.51.100.1"]).await);
    assert!(!passes(app, &["198.51.100.1"]).await);
    assert!(passes(app, &["198.51.100.2"]).await);
    assert!(!passes(app, &["203.0.113.99, 198.51.100.2"]).await, "what the client wrote is not believed");
    assert!(!passes(app, &["198.51.100.2", "10.1.1.1"]).await, "several headers are one list");
    assert!(passes(app, &["198.51.100.3, unknown, 10.1.1.1"]).await, "the walk ends at what can't be read");
    assert!(!passes(app, &["198.51.100.4, unknown, 10.1.1.1"]).await);

    assert!(passes(app, &["2001:db8:1:1::1"]).await);
    assert!(!passes(app, &["2001:db8:1:1:ffff::2"]).await, "a customer has at least a /64");
    assert!(passes(app, &["2001:db8:1:2::1"]).await);
    assert!(!passes(app, &["::ffff:198.51.100.1"]).await, "IPv4 in other words");
}

on_sqlite!(
    nothing_is_kept_of_the_idle,
    Setup::default().with_operator().set("BURST_PER_USER", "5"),
    come_and_go
);

async fn come_and_go(app: &TestApp) {
    for n in 0..30 {
        app.usage(&Person::new(&format!("user {n}"))).await;
    }
    app.expect_metric("ephemint_burst_keys{kind=\"user\"} 30").await;
    app.advance(2);
    app.expect_metric("ephemint_burst_keys{kind=\"user\"} 0").await;
}

#[test]
fn mistakes_in_the_settings_are_told_with_their_mend() {
    let settings = [
        ("JWT_SECRET", ephemint_test_support::JWT_SECRET),
        ("BURST_PER_USER", "-1"),
        ("BURST_PER_IP", "lots"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, nginx, 10.0.0.0/99"),
        ("RATE_LIMIT_ON_STORE_ERROR", "maybe"),
    ];
    let mistakes = ephemint::config::Config::read(&settings.into_iter().collect()).unwrap_err();
    let told: Vec<_> = mistakes.iter().map(|mistake| (mistake.at.as_str(), mistake.mend.as_str())).collect();
    let networks = "write addresses and networks with commas between them, such as 10.0.0.0/8, 192.0.2.7";
    let expected = [
        ("BURST_PER_USER", "write a whole number from 0 to 100000"),
        ("BURST_PER_IP", "write a whole number from 0 to 100000"),
        ("TRUSTED_PROXIES", networks),
        ("TRUSTED_PROXIES", networks),
        ("RATE_LIMIT_ON_STORE_ERROR", "write deny or allow"),
    ];
    assert_eq!(told, expected);
}
