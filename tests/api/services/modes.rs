//! Local and deployed mode: where the operator's own keys may stand in, and what is not safe.

use ephemint::config::{Config, Environment};
use ephemint_sim::DEMO_API_KEY;
use ephemint_test_support::{JWT_SECRET, Setup, TestApp, on_both_stores, on_sqlite};
use serde_json::json;

use super::{add, mint, read, setup, store_key};

const GEMINI: &str = "gemini-of-the-operator-canary";

/// One developer, whose keys are in the environment.
fn local() -> Setup {
    setup().set("DEPLOY_ENV", "").set("GEMINI_API_KEY", GEMINI)
}

on_both_stores!(in_local_mode_the_environment_stands_in, local(), read_locally);

async fn read_locally(app: &TestApp) {
    let own = store_key(app, "ana", "exa").await;
    let secret = add(app, "tutor", &["keys:read"], &["openai", "gemini", "exa"]).await;
    let key = async |user: &str, provider: &str| {
        let answer = read(app, &secret, user, provider).await;
        (answer.status, answer.json()["key"].clone())
    };
    assert_eq!(key("ana", "openai").await, (200, json!(DEMO_API_KEY)));
    assert_eq!(key("ana", "gemini").await, (200, json!(GEMINI)));
    assert_eq!(key("ana", "exa").await, (200, json!(own)), "one's own goes first");
    assert_eq!(key("bea", "exa").await.0, 404, "there is none in the environment");
    let sources = "SELECT detail ->> 'key' FROM audit WHERE action = 'read_provider_key' ORDER BY 1";
    assert_eq!(app.database.texts(sources).await, ["operator", "operator", "user"]);
}

on_sqlite!(
    without_sealing_keys_too,
    local().set("ENCRYPTION_KEYS", "").set("DEBUG", "true"),
    read_without_a_vault
);

async fn read_without_a_vault(app: &TestApp) {
    let secret = add(app, "tutor", &["keys:read"], &["gemini", "exa"]).await;
    assert_eq!(read(app, &secret, "ana", "gemini").await.json()["key"], GEMINI);
    assert_eq!(read(app, &secret, "ana", "exa").await.code(), "keys_not_stored");
}

on_both_stores!(in_deployed_mode_nothing_stands_in, setup().set("GEMINI_API_KEY", GEMINI), read_deployed);

async fn read_deployed(app: &TestApp) {
    let secret = add(app, "tutor", &["keys:read", "mint"], &["openai", "gemini"]).await;
    for provider in ["openai", "gemini"] {
        assert_eq!(read(app, &secret, "ana", provider).await.code(), "not_found", "{provider}");
    }
    assert_eq!(mint(app, &secret, "ana", json!({})).await.status, 200, "the operator's key still mints");
}

/// What keeps the service from starting, by setting.
fn mistakes(settings: &[(&str, &str)]) -> Vec<String> {
    let usual = [("JWT_SECRET", JWT_SECRET), ("SERVICE_KEY_ACCESS", "on")];
    let environment: Environment = usual.iter().chain(settings).copied().collect();
    let mistakes = Config::read(&environment).err().unwrap_or_default();
    mistakes.into_iter().map(|mistake| mistake.at).collect()
}

#[test]
fn where_it_would_hand_the_operators_keys_to_others_it_does_not_start() {
    let (production, debug) = (("DEPLOY_ENV", "production"), ("DEBUG", "true"));
    let (lan, proxy) = (("BIND_ADDR", "[::]:8080"), ("TRUSTED_PROXIES", "10.0.0.0/8"));
    for (settings, expected) in [
        (&[][..], None),
        (&[debug], None),
        (&[production, lan], None),
        (&[production, proxy], None),
        (&[lan], Some("DEPLOY_ENV")),
        (&[debug, lan], Some("DEPLOY_ENV")),
        (&[proxy], Some("DEPLOY_ENV")),
        (&[production, debug], Some("DEBUG")),
        (&[production, debug, lan], Some("DEBUG")),
    ] {
        let expected: Vec<_> = expected.map(str::to_owned).into_iter().collect();
        assert_eq!(mistakes(settings), expected, "{settings:?}");
        let off = [settings, &[("SERVICE_KEY_ACCESS", "off")]].concat();
        assert_eq!(mistakes(&off), Vec::<String>::new(), "{settings:?}, where nobody reads keys");
    }
    assert_eq!(mistakes(&[("SERVICE_KEY_ACCESS", "yes")]), ["SERVICE_KEY_ACCESS"]);
    assert_eq!(mistakes(&[("GEMINI_API_KEY", "change-me")]), ["GEMINI_API_KEY"]);
}

#[test]
fn reminders_are_for_those_who_have_users() {
    let days = |settings: &[(&str, &str)]| {
        let usual = [("JWT_SECRET", JWT_SECRET)];
        let environment: Environment = usual.iter().chain(settings).copied().collect();
        let reminders = Config::read(&environment).unwrap().sealing.reminders;
        reminders.provider_keys.map(|age| age.num_days())
    };
    assert_eq!(days(&[]), None);
    assert_eq!(days(&[("DEPLOY_ENV", "staging")]), Some(7));
    assert_eq!(days(&[("BIND_ADDR", "0.0.0.0:8080")]), Some(7));
    assert_eq!(days(&[("DEPLOY_ENV", "staging"), ("PROVIDER_KEY_ROTATION_DAYS", "0")]), None);
    assert_eq!(days(&[("PROVIDER_KEY_ROTATION_DAYS", "30")]), Some(30));
}
