//! Whose key pays for a mint.

use ephemint_sim::Standing;
use ephemint_test_support::{Person, Setup, TestApp, on_both_stores, on_sqlite};
use serde_json::json;

use super::{POLICY, SEALING, accounts, delete, key, put, setup, with_key};

on_both_stores!(the_policy_says_whose_key_pays, setup(), mint_under_every_rule);

async fn mint_under_every_rule(app: &TestApp) {
    for (role, own, expected) in [
        ("guest", false, Some("default")),
        ("guest", true, Some("own")),
        ("alone", false, None),
        ("alone", true, Some("own")),
        ("treated", false, Some("default")),
        ("treated", true, Some("default")),
    ] {
        let person = Person::new(&format!("{role} {own}")).as_role(role);
        if own {
            with_key(app, &person, "own").await;
        }
        app.simulator.clear();
        let answer = app.mint(&person, json!({})).await;
        match expected {
            Some(account) => assert_eq!((answer.status, accounts(app)), (200, vec![account.to_owned()])),
            None => {
                assert_eq!(answer.error(), (409, "no_provider_key".to_owned(), String::new()));
                assert!(answer.text.contains("PUT /v1/me/keys/openai"), "{}", answer.text);
                assert_eq!(accounts(app), [""; 0]);
            }
        }
    }
    let sources = "SELECT role || ' ' || key_source FROM mints ORDER BY role, key_source";
    let expected = ["alone user", "guest operator", "guest user", "treated operator", "treated operator"];
    app.expect_texts(sources, &expected).await;
    app.expect_texts("SELECT count(*) FROM provider_keys WHERE last_used_at IS NOT NULL", &["2"]).await;
}

on_sqlite!(
    the_operator_s_names_are_not_sent_with_a_user_s_key,
    setup().set("OPENAI_ORGANIZATION", "org-own").set("OPENAI_PROJECT", "proj_own"),
    mint_with_names
);

async fn mint_with_names(app: &TestApp) {
    let ana = Person::new("ana");
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    with_key(app, &ana, "ana").await;
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    let own = app.simulator.last_request().unwrap();
    assert_eq!((own.account.as_deref(), own.organization, own.project), (Some("ana"), None, None));
    assert_eq!(delete(app, &ana).await.status, 204);
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    let operators = app.simulator.last_request().unwrap();
    assert_eq!(
        (operators.organization.as_deref(), operators.project.as_deref()),
        (Some("org-own"), Some("proj_own"))
    );
}

on_sqlite!(
    users_mint_without_any_key_of_the_operator_s,
    Setup::policy(POLICY).set("ENCRYPTION_KEYS", SEALING).set("OPENAI_API_KEY", ""),
    mint_without_the_operator
);

async fn mint_without_the_operator(app: &TestApp) {
    let ana = Person::new("ana");
    let answer = app.mint(&ana, json!({})).await;
    assert_eq!(answer.code(), "no_provider_key");
    assert!(answer.text.contains("PUT /v1/me/keys/openai"), "{}", answer.text);
    with_key(app, &ana, "ana").await;
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    assert_eq!(accounts(app), ["ana"]);
    let treated = Person::new("tre").as_role("treated");
    let answer = app.mint(&treated, json!({})).await;
    assert!(answer.text.contains("OPENAI_API_KEY"), "{}", answer.text);
}

on_both_stores!(a_key_that_is_replaced_is_replaced_at_once, setup(), replace_keys);

async fn replace_keys(app: &TestApp) {
    let ana = Person::new("ana");
    for account in ["first", "second", "third"] {
        with_key(app, &ana, account).await;
        assert_eq!(app.mint(&ana, json!({})).await.status, 200);
        assert_eq!(accounts(app), [account]);
    }
    let body = json!({ "key": key(app, "none", Standing::Revoked) });
    assert_eq!(put(app, &ana, "openai", body).await.status, 409);
    app.simulator.clear();
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    assert_eq!(accounts(app), ["third"], "what was refused has not replaced it");
}

on_both_stores!(
    many_users_mint_with_their_own_keys_at_once,
    Setup::policy(&POLICY.replace("hourly_tokens = 5", "hourly_tokens = 50")).set("ENCRYPTION_KEYS", SEALING),
    mint_at_once
);

/// The provider tells whose key it saw and for whom: the safety identifier is of the user, the account of the key.
async fn mint_at_once(app: &TestApp) {
    let people: Vec<Person> = (0..40).map(|n| Person::new(&format!("user {n}"))).collect();
    for (n, person) in people.iter().enumerate() {
        if n % 4 != 0 {
            with_key(app, person, &format!("account {n}").replace(' ', "-")).await;
        }
    }
    app.simulator.clear();
    let mut mints = Vec::new();
    for round in 0..5 {
        for person in people.iter().skip(round) {
            mints.push(app.mint(person, json!({})));
        }
    }
    let answers = futures_util::future::join_all(mints).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let mut owners = std::collections::BTreeMap::new();
    for request in app.simulator.requests() {
        let (user, account) = (request.safety_identifier.unwrap(), request.account.unwrap());
        assert_eq!(*owners.entry(user).or_insert(account.clone()), account, "a user has one key");
    }
    assert_eq!(owners.len(), 40);
    let own: std::collections::BTreeSet<_> = owners.values().filter(|name| *name != "default").collect();
    assert_eq!(
        (own.len(), owners.values().filter(|name| *name == "default").count()),
        (30, 10),
        "and nobody else's"
    );
}
