//! Which language the instructions are in.

use ephemint_test_support::{Person, Setup, TestApp, on_both_stores, on_sqlite, send};
use serde_json::{Value, json};

/// What the request asks for, what the token claims, what the browser accepts; and what it comes to.
type Case = (Option<&'static str>, Value, Option<&'static str>, &'static str);

fn cases() -> Vec<Case> {
    let none = Value::Null;
    vec![
        // Nobody says anything.
        (None, none.clone(), None, "en"),
        // Each voice alone, exact and by falling back.
        (Some("es"), none.clone(), None, "es"),
        (Some("es-MX"), none.clone(), None, "es"),
        (Some("ES_mx"), none.clone(), None, "es"),
        (None, json!("es-AR"), None, "es"),
        (None, json!("es_AR"), None, "es"),
        (None, none.clone(), Some("es-ES,es;q=0.9"), "es"),
        (None, none.clone(), Some("en;q=0.3, es;q=0.8"), "es"),
        (None, none.clone(), Some("es;q=0, en;q=0.1"), "en"),
        // The request goes before the token, the token before the browser.
        (Some("en"), json!("es"), Some("es"), "en"),
        (Some("es"), json!("en"), Some("en"), "es"),
        (None, json!("es"), Some("en"), "es"),
        (None, json!("en"), Some("es"), "en"),
        // A language without a text leaves the word to the next.
        (Some("zh"), none.clone(), None, "en"),
        (Some("zh"), json!("es"), Some("en"), "es"),
        (Some("zh-Hant"), json!("fr"), Some("de, es;q=0.1"), "es"),
        (Some("zh"), json!("fr"), Some("de"), "en"),
        // What can't be read is passed over, where it isn't the request's own.
        (None, json!("¡español!"), Some("es"), "es"),
        (None, json!(["es"]), None, "en"),
        (None, json!(""), Some("es"), "es"),
        (None, none.clone(), Some("?, ;;q=x, es"), "es"),
        (None, none.clone(), Some("¿?"), "en"),
        (None, none, Some("*"), "en"),
    ]
}

on_sqlite!(
    the_first_language_with_a_text_is_taken,
    Setup::default().set("JWT_LANGUAGE_CLAIM", "locale"),
    ask_in_many_tongues
);

async fn ask_in_many_tongues(app: &TestApp) {
    for (n, (requested, claimed, accepted, expected)) in cases().into_iter().enumerate() {
        let person = Person::new(&format!("user {n}")).with("locale", claimed.clone());
        let mut request = app.mint_request(&person);
        if let Some(accepted) = accepted {
            request = request.header("accept-language", accepted);
        }
        if let Some(language) = requested {
            request = request.json(&json!({"language": language}));
        }
        let answer = send(request).await;
        let case = format!("{requested:?}, {claimed}, {accepted:?}: {}", answer.text);
        assert_eq!(answer.status, 200, "{case}");
        assert_eq!(answer.json()["language"], expected, "{case}");
        let begins = if expected == "es" { "Eres Mentor Virtual." } else { "You are Virtual Mentor." };
        assert!(app.instructions_upstream().starts_with(begins), "{case}");
    }
}

on_sqlite!(a_claim_counts_only_where_it_is_named, Setup::default(), claim_without_a_setting);

async fn claim_without_a_setting(app: &TestApp) {
    let person = Person::new("ana").with("locale", json!("es"));
    assert_eq!(app.mint(&person, json!({})).await.json()["language"], "en");
}

const OTHER_DEFAULT: &str = "
    [defaults]
    default_role = 'guest'
    default_language = 'pt-BR'
    [roles.guest.instructions]
    pt-BR = 'Fale.'
    zh-Hant = '說。'
";

on_both_stores!(the_policy_names_the_default, Setup::policy(OTHER_DEFAULT), ask_under_another_policy);

async fn ask_under_another_policy(app: &TestApp) {
    for (asked, language, told) in [
        ("fr", "pt-BR", "Fale."),
        ("pt-br", "pt-BR", "Fale."),
        ("pt", "pt-BR", "Fale."),
        ("zh-hant-tw", "zh-Hant", "說。"),
        ("zh", "pt-BR", "Fale."),
    ] {
        let answer = app.mint(&Person::new("ana"), json!({"language": asked})).await;
        assert_eq!(answer.json()["language"], language, "{asked}");
        assert_eq!(app.instructions_upstream(), told, "{asked}");
    }
}
