//! Keys that the provider refuses, and keys that don't open.

use ephemint_sim::{Fault, Standing};
use ephemint_test_support::{Person, TestApp, on_both_stores, on_sqlite};
use serde_json::json;

use super::{accounts, key, setup, state, validate, with_key};

on_both_stores!(a_refused_key_is_told_and_left_alone, setup(), refuse_keys);

async fn refuse_keys(app: &TestApp) {
    for (standing, expected, words) in [
        (Standing::Revoked, "refused", "does not take your key"),
        (Standing::NoQuota, "no_quota", "run out of money"),
        (Standing::NoRealtime, "no_access", "may not open voice sessions"),
    ] {
        let ana = Person::new(expected);
        with_key(app, &ana, "ana").await;
        key(app, "ana", standing);
        for asked in [1, 1] {
            let answer = app.mint(&ana, json!({})).await;
            assert_eq!(answer.error(), (409, "provider_key_refused".to_owned(), String::new()));
            assert!(answer.text.contains(words), "{}", answer.text);
            assert_eq!(accounts(app).len(), asked, "the provider is not asked again");
        }
        assert_eq!(state(app, &ana).await, expected);
        app.expect_texts("SELECT count(*) FROM mints WHERE outcome = 'pending'", &["0"]).await;
        assert_eq!(app.usage(&ana).await.json()["rate_limit"]["remaining"], 5, "nothing was counted");

        // Whoever has mended it says so, or waits.
        key(app, "ana", Standing::Good);
        assert_eq!(app.mint(&ana, json!({})).await.status, 409);
        assert_eq!(validate(app, &ana).await.json()["state"], "valid");
        assert_eq!(app.mint(&ana, json!({})).await.status, 200);
        key(app, "ana", standing);
        assert_eq!(app.mint(&ana, json!({})).await.status, 409);
        key(app, "ana", Standing::Good);
        app.advance(601);
        assert_eq!(app.mint(&ana, json!({})).await.status, 200);
        app.expect_texts("SELECT count(*) FROM provider_keys WHERE state <> 'valid'", &["0"]).await;
    }
    let codes = "SELECT error_code FROM mints WHERE outcome = 'refunded'";
    app.expect_texts(codes, &["provider_key_refused"; 6]).await;
    let judged = "SELECT count(*) FROM audit WHERE action = 'judge_provider_key' AND actor = 'service'";
    app.expect_texts(judged, &["9"]).await;
}

on_both_stores!(the_operator_s_key_steps_in_where_the_policy_says_so, setup(), fall_back);

/// With one token an hour: what was spent on the refused mint is back before the second is spent.
async fn fall_back(app: &TestApp) {
    let ana = Person::new("ana").as_role("caught");
    with_key(app, &ana, "ana").await;
    key(app, "ana", Standing::NoQuota);
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    assert_eq!(accounts(app), ["ana", "default"]);
    assert_eq!(state(app, &ana).await, "no_quota");
    app.expect_texts(
        "SELECT key_source || ' ' || outcome FROM mints ORDER BY key_source DESC",
        &["user refunded", "operator issued"],
    )
    .await;
    assert_eq!(app.mint(&ana, json!({})).await.code(), "rate_limit_exceeded");
    app.simulator.clear();
    let alone = Person::new("alone").as_role("alone");
    with_key(app, &alone, "alone").await;
    key(app, "alone", Standing::NoQuota);
    assert_eq!(app.mint(&alone, json!({})).await.code(), "provider_key_refused", "never is never");
    assert_eq!(accounts(app), ["alone"]);
    app.simulator.clear();
    let bea = Person::new("bea").as_role("caught");
    with_key(app, &bea, "bea").await;
    assert_eq!(app.mint(&bea, json!({})).await.status, 200);
    assert_eq!(accounts(app), ["bea"]);
}

on_sqlite!(a_provider_in_trouble_says_nothing_of_the_key, setup(), mint_in_trouble);

async fn mint_in_trouble(app: &TestApp) {
    let ana = Person::new("ana");
    with_key(app, &ana, "ana").await;
    for (fault, code) in [
        (Fault::ServerError, "provider_error"),
        (Fault::RateLimited { retry_after: 3 }, "provider_busy"),
        (Fault::Reset, "provider_error"),
    ] {
        app.simulator.fail_next(1, fault);
        assert_eq!(app.mint(&ana, json!({})).await.code(), code);
    }
    assert_eq!(state(app, &ana).await, "valid");
}

on_both_stores!(a_key_that_was_tampered_with_does_not_open, setup(), tamper);

async fn tamper(app: &TestApp) {
    let (ana, bea) = (Person::new("ana").as_role("caught"), Person::new("bea"));
    with_key(app, &ana, "ana").await;
    with_key(app, &bea, "bea").await;
    // Bea's key in Ana's place. The version too, so that nothing but the seal can tell.
    let bytes = super::in_sql(app, &bea);
    let moved = format!(
        "UPDATE provider_keys SET sealed = (SELECT sealed FROM provider_keys WHERE user_key = {bytes})
         WHERE user_key <> {bytes}"
    );
    app.database.execute(&moved).await;
    let answer = app.mint(&ana, json!({})).await;
    assert_eq!(answer.error(), (409, "provider_key_unreadable".to_owned(), String::new()));
    assert!(answer.text.contains("Enter it again"), "{}", answer.text);
    assert_eq!(accounts(app), [""; 0], "nobody else's key was sent");
    assert_eq!(state(app, &ana).await, "unreadable");
    assert_eq!(validate(app, &ana).await.code(), "provider_key_unreadable");
    assert_eq!(app.mint(&bea, json!({})).await.status, 200);
    app.advance(61);
    let trail =
        "SELECT actor || ' ' || action || ' ' || result FROM audit WHERE result <> 'done' ORDER BY actor";
    let unreadable = ["service open_provider_key", "user judge_provider_key"]
        .map(|act| format!("{act} provider_key_unreadable"));
    app.expect_texts(trail, &[&unreadable[0], &unreadable[1]]).await;
    with_key(app, &ana, "ana").await;
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    assert_eq!(accounts(app), ["ana"]);
}
