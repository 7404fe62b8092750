//! What browsers say of languages never keeps anybody from a token.

use std::sync::atomic::{AtomicU32, Ordering};

use ephemint_test_support::{Person, TestApp, on_sqlite, send};
use proptest::prelude::*;
use reqwest::header::{ACCEPT_LANGUAGE, HeaderValue};

use super::{ask_about, open_to_all};

on_sqlite!(any_accept_language_is_taken, open_to_all(), send_headers);

fn header() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        any::<Vec<u8>>(),
        "([a-zA-Z]{1,9}([-_][a-zA-Z0-9]{1,9}){0,3}|\\*)( ?; ?q ?= ?[0-9]{0,2}(\\.[0-9]{0,4})?)?( ?, ?(es|en|zh)(;q=[01]\\.?[0-9]{0,3})?){0,30}"
            .prop_map(String::into_bytes),
        ",{0,3000}".prop_map(String::into_bytes),
    ]
}

async fn send_headers(app: &TestApp) {
    let count = AtomicU32::new(0);
    ask_about(300, header(), async |bytes| {
        let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
        let person = Person::new(&format!("user-{}", count.fetch_add(1, Ordering::Relaxed)));
        let answer = send(app.mint_request(&person).header(ACCEPT_LANGUAGE, value)).await;
        prop_assert_eq!(answer.status, 200, "{}", answer.text);
        let language = answer.json()["language"].clone();
        prop_assert!(language == "en" || language == "es", "{language}");
        Ok(())
    });
}
