//! Random settings: what is accepted, the provider accepts as well; what is refused is refused by name.

use std::sync::atomic::{AtomicU32, Ordering};

use ephemint_test_support::{Person, TestApp, on_both_stores};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{get, preview, put, setup};
use crate::fuzz::ask_about;

on_both_stores!(the_provider_takes_whatever_is_accepted, setup(), set_anything);

/// Texts of all kinds, some of them too long, some that would close a fence.
fn text() -> impl Strategy<Value = Value> {
    prop_oneof![
        "\\PC{1,60}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "(-----|end of user|user|\n|[0-9a-f]{16}| ){1,12}".prop_map(Value::from),
        (40_usize..60).prop_map(|n| "ñ".repeat(n).into()),
        (190_usize..210).prop_map(|n| "🦜".repeat(n).into()),
        Just(Value::Null),
    ]
}

fn name() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => "[a-z][A-Za-z0-9_-]{0,8}".prop_map(Value::from),
        1 => ".{0,3}".prop_map(Value::from),
        1 => Just(json!("show_word")),
    ]
}

/// Any JSON value, not too large.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|number| (f64::from(number) / 64.0).into()),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z$]{1,6}", inner), 0..4).prop_map(object),
        ]
    })
}

fn object(pairs: Vec<(String, Value)>) -> Value {
    Value::Object(pairs.into_iter().collect())
}

fn schema() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => prop::collection::vec(("[a-z$]{1,8}", anything()), 0..4).prop_map(|pairs| {
            let mut schema = object(pairs);
            schema["type"] = "object".into();
            schema
        }),
        1 => anything(),
    ]
}

fn tool() -> impl Strategy<Value = Value> {
    let function = (name(), prop::option::of(text()), prop::option::of(schema())).prop_map(
        |(name, description, parameters)| {
            json!({"type": "function", "name": name, "description": description, "parameters": parameters})
        },
    );
    let url = prop_oneof![Just("https://mcp.example/sse".to_owned()), "https?://[a-z@:./?#]{0,12}"];
    let names = prop::option::of(prop::collection::vec("[a-z]{0,2}", 0..3));
    let approval = prop::option::of(prop::sample::select(vec!["always", "never", "maybe"]));
    let server = (name(), url, names, approval).prop_map(|(label, url, names, approval)| {
        json!({"type": "mcp", "server_label": label, "server_url": url, "allowed_tools": names,
               "require_approval": approval})
    });
    prop_oneof![4 => function, 2 => server, 1 => anything()]
}

fn settings() -> impl Strategy<Value = Value> {
    let voices = vec!["marin", "cedar", "marin", "cedar", "nova", ""];
    let languages = vec!["es", "en-GB", "ES_mx", "fr", "?"];
    let speed = prop_oneof![3 => (25_u8..=150).prop_map(|percent| (f64::from(percent) / 100.0).into()), 1 => any::<f64>().prop_map(Value::from)];
    let member = prop_oneof![
        text().prop_map(|value| ("system_prompt", value)),
        text().prop_map(|value| ("greeting", value)),
        prop::sample::select(voices).prop_map(|value| ("voice", value.into())),
        prop::sample::select(languages).prop_map(|value| ("language", value.into())),
        speed.prop_map(|value| ("speed", value)),
        prop::collection::vec(tool(), 0..5).prop_map(|value| ("tools", value.into())),
        anything().prop_map(|value| ("tools", value)),
    ];
    prop::collection::vec(member, 0..4).prop_map(|members| {
        let members: Map<_, _> = members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        members.into()
    })
}

async fn set_anything(app: &TestApp) {
    let (count, accepted) = (AtomicU32::new(0), AtomicU32::new(0));
    ask_about(250, settings(), async |settings| {
        let person = Person::new(&format!("user-{}", count.fetch_add(1, Ordering::Relaxed)));
        let answer = put(app, &person, &settings).await;
        let tried = preview(app, &person, &json!({"settings": settings})).await;
        prop_assert_eq!(answer.status, tried.status);
        prop_assert!(matches!(answer.status, 200 | 400 | 403), "{}", answer.text);
        if answer.status != 200 {
            prop_assert!(!answer.param().is_empty(), "{}", answer.text);
            prop_assert_eq!(&get(app, &person).await.json()["settings"], &json!({}));
            return Ok(());
        }
        accepted.fetch_add(1, Ordering::Relaxed);
        prop_assert_eq!(&answer.json()["not_in_force"], &json!([]));
        // The simulator is as strict as the provider: a session that it does not take would be a 502.
        let minted = app.mint(&person, json!({})).await;
        prop_assert_eq!(minted.status, 200, "{}", minted.text);
        // What is kept is good, and stays as it is.
        let kept = answer.json()["settings"].clone();
        let again = put(app, &person, &kept).await;
        prop_assert_eq!(&again.json()["settings"], &kept);
        Ok(())
    });
    let (count, accepted) = (count.into_inner(), accepted.into_inner());
    assert!(accepted > 40 && count - accepted > 40, "{accepted} of {count} were accepted");
}
