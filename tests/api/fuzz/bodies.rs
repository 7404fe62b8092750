//! Bodies are taken, found malformed, or refused by the policy; the provider never sees what the policy doesn't give.

use std::sync::atomic::{AtomicU32, Ordering};

use ephemint::policy::Policy;
use ephemint_test_support::{Person, TestApp, on_both_stores, on_sqlite, send};
use proptest::prelude::*;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::{ask_about, json as any_json, open_to_all};

on_sqlite!(any_json_is_answered, open_to_all(), send_any_json);
on_both_stores!(a_changed_body_is_answered, open_to_all(), send_changed_bodies);
on_sqlite!(a_damaged_body_is_answered, open_to_all(), send_damaged_bodies);

/// Somebody who has not called before, so that nobody runs out of tokens.
fn somebody(count: &AtomicU32) -> Person {
    Person::new(&format!("user-{}", count.fetch_add(1, Ordering::Relaxed)))
}

async fn status(app: &TestApp, person: &Person, body: Vec<u8>) -> u16 {
    send(app.mint_request(person).header(CONTENT_TYPE, "application/json").body(body)).await.status
}

fn good() -> Value {
    json!({
        "role": "student",
        "language": "es-MX",
        "session": {
            "type": "realtime",
            "model": "gpt-realtime-2.1-mini",
            "output_modalities": ["audio"],
            "audio": { "output": { "voice": "marin" } },
        },
        "expires_after": { "anchor": "created_at", "seconds": 60 },
    })
}

/// A change to one place of a JSON value.
#[derive(Debug, Clone)]
enum Change {
    Replace(Value),
    Remove,
    Add(String, Value),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any_json().prop_map(Change::Replace),
        Just(Change::Remove),
        (super::word(), any_json()).prop_map(|(name, value)| Change::Add(name, value)),
    ]
}

/// Every place in a value, as JSON Pointers, the whole first.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, inner)| places(inner, &format!("{at}/{key}"), found))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, inner)| places(inner, &format!("{at}/{i}"), found))
        }
        _ => {}
    }
}

fn changed(place: prop::sample::Index, change: Change) -> Value {
    let (mut body, mut all) = (good(), Vec::new());
    places(&body, "", &mut all);
    let place = place.get(&all);
    match change {
        Change::Replace(value) => *body.pointer_mut(place).unwrap() = value,
        Change::Remove => {
            let (parent, key) = place.rsplit_once('/').unwrap_or(("", ""));
            if let Some(Value::Object(members)) = body.pointer_mut(parent) {
                members.remove(key);
            }
        }
        Change::Add(name, value) => {
            if let Some(Value::Object(members)) = body.pointer_mut(place) {
                members.insert(name, value);
            }
        }
    }
    body
}

async fn send_any_json(app: &TestApp) {
    let count = AtomicU32::new(0);
    ask_about(300, any_json(), async |body| {
        let status = status(app, &somebody(&count), body.to_string().into_bytes()).await;
        let empty = body == json!({});
        prop_assert!(if empty { status == 200 } else { matches!(status, 200 | 400 | 403) }, "{status}");
        prop_assert!(body.is_object() || status == 400, "{status}");
        Ok(())
    });
}

async fn send_changed_bodies(app: &TestApp) {
    let count = AtomicU32::new(0);
    let policy = Policy::load(Policy::BUILT_IN).unwrap();
    let models: Vec<_> = policy.default_role().models().collect();
    assert_eq!(status(app, &somebody(&count), good().to_string().into_bytes()).await, 200);
    let inputs = (any::<prop::sample::Index>(), change()).prop_map(|(place, change)| changed(place, change));
    ask_about(300, inputs, async |body| {
        let (person, asked) = (somebody(&count), app.simulator.minted());
        let first = status(app, &person, body.to_string().into_bytes()).await;
        prop_assert!(matches!(first, 200 | 400 | 403), "{first}");
        // Only what is answered with a token has reached the provider, and within the policy.
        prop_assert_eq!(app.simulator.minted() - asked, u64::from(first == 200));
        if first == 200 {
            let sent = app.sent_upstream();
            prop_assert!(
                sent["session"]["model"].as_str().is_some_and(|model| models.contains(&model)),
                "{sent}"
            );
        }
        let again = status(app, &person, body.to_string().into_bytes()).await;
        prop_assert_eq!(first, again, "the same is answered otherwise the second time");
        Ok(())
    });
}

async fn send_damaged_bodies(app: &TestApp) {
    let count = AtomicU32::new(0);
    let text = good().to_string().into_bytes();
    let damage = (any::<prop::sample::Index>(), 0_usize..6, prop::collection::vec(any::<u8>(), 0..6));
    ask_about(300, damage, async |(at, length, bytes)| {
        let (mut body, start) = (text.clone(), at.index(text.len()));
        body.splice(start..(start + length).min(text.len()), bytes);
        let status = status(app, &somebody(&count), body).await;
        prop_assert!(matches!(status, 200 | 400 | 403), "{status}");
        Ok(())
    });
}
