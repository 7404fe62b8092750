//! Random input at every door: tokens, bodies, headers, policy files. Nothing may panic, nothing may be a 5xx, and nothing but
//! what is good may pass. `scripts/fuzz-contract` does the like from outside, by the contract.

mod bodies;
mod languages;
mod policies;
mod tokens;

use ephemint_test_support::Setup;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::Value;

/// Asks a service about random input, smaller and smaller where it fails.
pub(crate) fn ask_about<S: Strategy>(
    cases: u32,
    inputs: S,
    ask: impl AsyncFn(S::Value) -> Result<(), TestCaseError>,
) {
    // Nothing is written beside the sources; a failure prints its input.
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let runtime = tokio::runtime::Handle::current();
    let once = |input| runtime.block_on(ask(input));
    let result = tokio::task::block_in_place(|| TestRunner::new(config).run(&inputs, once));
    assert!(result.is_ok(), "{}", result.unwrap_err());
}

/// A service that limits nobody: refusals are about the input.
fn open_to_all() -> Setup {
    let policy = ephemint::policy::Policy::BUILT_IN;
    let policy = policy.replace("\nhourly_tokens = 10 ", "\nhourly_tokens = 1000 ");
    assert!(policy.contains("\nhourly_tokens = 1000 "), "the built-in policy has no limit to raise");
    Setup::policy(&policy).set("BURST_PER_USER", "0").set("BURST_PER_IP", "0")
}

/// Any JSON value, not too large.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((prop_oneof![word(), ".{0,6}".prop_map(String::from)], inner), 0..5)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// Words that mean something somewhere.
fn word() -> impl Strategy<Value = String> {
    prop::sample::select(WORDS).prop_map(str::to_owned)
}

const WORDS: &[&str] = &[
    "role",
    "language",
    "session",
    "type",
    "model",
    "audio",
    "output",
    "voice",
    "instructions",
    "tools",
    "output_modalities",
    "expires_after",
    "anchor",
    "seconds",
    "created_at",
    "realtime",
    "transcription",
    "translation",
    "student",
    "teacher",
    "text",
    "marin",
    "cedar",
    "gpt-realtime-2.1-mini",
    "es-MX",
    "function",
    "mcp",
    "name",
    "parameters",
    "object",
    "sub",
    "exp",
    "nbf",
    "iss",
    "aud",
    "app_metadata",
    "user_metadata",
    "alg",
    "kid",
    "crit",
    "HS256",
    "RS256",
    "none",
    "",
];
