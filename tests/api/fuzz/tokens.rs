//! Whoever calls with a token that nobody signed is nobody.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ephemint::auth::sign;
use ephemint_test_support::{ISSUER, JWT_SECRET, Person, TestApp, USAGE, on_sqlite, send};
use proptest::prelude::*;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::{Value, json};

use super::{ask_about, open_to_all};

on_sqlite!(what_nobody_signed_is_refused, open_to_all(), send_forgeries);
on_sqlite!(a_changed_token_is_refused, open_to_all(), send_changed_tokens);
on_sqlite!(signed_claims_are_taken_or_refused, open_to_all(), send_claims);

/// The status for a token; none where it can't stand in a header.
async fn status(app: &TestApp, token: &[u8]) -> Option<u16> {
    let header = HeaderValue::from_bytes(&[b"Bearer ", token].concat()).ok()?;
    let request = app.request(Method::GET, USAGE).header(AUTHORIZATION, header);
    Some(send(request).await.status)
}

/// Anything; anything with two dots; any JSON in the three parts; good claims under any algorithm, with any signature.
fn forgery() -> impl Strategy<Value = Vec<u8>> {
    let part = || prop_oneof![super::json().prop_map(|json| json.to_string().into_bytes()), any::<Vec<u8>>()];
    let header =
        prop::sample::select(vec!["HS256", "hs256", "HS512", "RS256", "ES256", "EdDSA", "none", "None"]);
    let joined =
        |parts: [Vec<u8>; 3]| parts.map(|part| BASE64_URL_SAFE_NO_PAD.encode(part)).join(".").into_bytes();
    prop_oneof![
        any::<Vec<u8>>(),
        "[ -~]{0,80}".prop_map(String::into_bytes),
        "[A-Za-z0-9_=-]{0,40}\\.[A-Za-z0-9_=-]{0,40}\\.[A-Za-z0-9_=-]{0,40}".prop_map(String::into_bytes),
        [part(), part(), part()].prop_map(joined),
        (header, claims(), any::<Vec<u8>>()).prop_map(move |(algorithm, claims, signature)| {
            let header = json!({ "typ": "JWT", "alg": algorithm });
            joined([header.to_string().into_bytes(), claims.to_string().into_bytes(), signature])
        }),
    ]
}

async fn send_forgeries(app: &TestApp) {
    ask_about(400, forgery(), async |token| {
        prop_assert!(matches!(status(app, &token).await, None | Some(401)));
        Ok(())
    });
}

/// One change to a text.
#[derive(Debug, Clone)]
enum Change {
    Replace(prop::sample::Index, u8),
    Insert(prop::sample::Index, u8),
    Remove(prop::sample::Index),
    Cut(prop::sample::Index),
    Append(Vec<u8>),
    Swap(prop::sample::Index, prop::sample::Index),
}

impl Change {
    fn any() -> impl Strategy<Value = Self> {
        let sign = || prop_oneof![4 => prop::sample::select(&b"ABCXYZabcxyz0189-_.="[..]), 1 => 33_u8..=255];
        let index = any::<prop::sample::Index>;
        prop_oneof![
            (index(), sign()).prop_map(|(at, sign)| Self::Replace(at, sign)),
            (index(), sign()).prop_map(|(at, sign)| Self::Insert(at, sign)),
            index().prop_map(Self::Remove),
            index().prop_map(Self::Cut),
            prop::collection::vec(sign(), 1..9).prop_map(Self::Append),
            (index(), index()).prop_map(|(one, other)| Self::Swap(one, other)),
        ]
    }

    fn apply(&self, text: &mut Vec<u8>) {
        let length = text.len();
        match self {
            Self::Replace(at, sign) => text[at.index(length)] = *sign,
            Self::Insert(at, sign) => text.insert(at.index(length), *sign),
            Self::Remove(at) => drop(text.remove(at.index(length))),
            Self::Cut(at) => text.truncate(at.index(length)),
            Self::Append(signs) => text.extend(signs),
            Self::Swap(one, other) => text.swap(one.index(length), other.index(length)),
        }
    }
}

async fn send_changed_tokens(app: &TestApp) {
    let good = Person::new("ana").as_role("teacher").token().into_bytes();
    assert_eq!(status(app, &good).await, Some(200));
    ask_about(400, Change::any(), async |change| {
        let mut token = good.clone();
        change.apply(&mut token);
        let status = status(app, &token).await;
        let expected = if token == good { Some(200) } else { Some(401) };
        prop_assert!(status == expected || status.is_none(), "{status:?}");
        Ok(())
    });
}

/// Claims of a token that is signed as it should be, some of them good.
fn claims() -> impl Strategy<Value = Value> {
    let or_any = |good: Value| prop_oneof![3 => Just(good), 1 => super::json()];
    let good = [
        ("sub", or_any(json!("ana"))),
        ("iss", or_any(json!(ISSUER))),
        ("exp", or_any(json!(4_000_000_000_i64))),
        ("nbf", or_any(json!(0))),
        ("aud", or_any(json!("app"))),
        ("app_metadata", or_any(json!({ "role": "teacher" }))),
        ("user_metadata", or_any(json!({ "full_name": "Ana" }))),
    ];
    let names = good.each_ref().map(|(name, _)| *name);
    let values = good.map(|(_, value)| prop::option::weighted(0.9, value));
    values.prop_map(move |values| {
        names.into_iter().zip(values).filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    })
}

async fn send_claims(app: &TestApp) {
    ask_about(400, prop_oneof![9 => claims(), 1 => super::json()], async |claims| {
        let token = sign(&claims, &JWT_SECRET.to_owned().into()).unwrap();
        let believable = claims["iss"] == ISSUER
            && claims["sub"].as_str().is_some_and(|sub| !sub.is_empty())
            && claims["exp"].as_f64().is_some();
        let status = status(app, token.as_bytes()).await;
        prop_assert!(status == Some(401) || (believable && status == Some(200)), "{status:?}");
        Ok(())
    });
}
