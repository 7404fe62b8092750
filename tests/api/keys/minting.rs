//! Whose key pays for a mint.

use ephemint_sim::Standing;
use ephemint_test_support::{ADMIN_TOKEN, Person, Setup, TestApp, on_both_stores, on_sqlite, send};
use reqwest::Method;
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
    say_who_paid(app).await;
}

/// Whose key paid for those five, as operators see it: in the ledger, in the reports and in the metrics.
async fn say_who_paid(app: &TestApp) {
    app.expect_outcomes(&["issued"; 5]).await;
    let read = async |path: &str| {
        let answer = send(app.request(Method::GET, path).bearer_auth(ADMIN_TOKEN)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    };
    for (source, users) in [
        ("operator", ["guest false", "treated false", "treated true"].as_slice()),
        ("user", &["alone true", "guest true"]),
    ] {
        let ledger = read(&format!("/v1/admin/mints?key_source={source}")).await;
        let mints = ledger["mints"].as_array().unwrap();
        assert!(mints.iter().all(|mint| mint["key_source"] == source), "{mints:?}");
        let mut who: Vec<_> = mints.iter().map(|mint| mint["user_id"].as_str().unwrap()).collect();
        who.sort_unstable();
        assert_eq!(who, users);
        let one = read(&format!("/v1/admin/mints?key_source={source}&user=guest%20true")).await;
        assert_eq!(one["mints"].as_array().unwrap().len(), usize::from(source == "user"));
        let line = format!("ephemint_tokens_total{{key_source=\"{source}\"}} {}", users.len());
        let metrics = app.metrics().await;
        assert!(metrics.lines().any(|known| known == line), "{line} is missing in {metrics}");
    }
    for report in ["daily", "hourly"] {
        let report = read(&format!("/v1/admin/usage/{report}?group_by=key_source&from=2026-11-20")).await;
        let rows = report["rows"].as_array().unwrap().iter();
        let paid: Vec<_> = rows.map(|row| (row["key_source"].clone(), row["tokens"].clone())).collect();
        let tokens = |source: &str| {
            paid.iter().filter(|(of, _)| of == source).filter_map(|(_, tokens)| tokens.as_u64()).sum::<u64>()
        };
        assert_eq!((tokens("operator"), tokens("user")), (3, 2), "{paid:?}");
    }
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
