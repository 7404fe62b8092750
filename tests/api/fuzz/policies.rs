//! A policy file is good, or every mistake in it is told; a good one has a text for everybody.

use ephemint::kernel::session::Session;
use ephemint::policy::{Asked, Policy};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use toml::{Table, Value};

/// Keys and words that policies are made of, so that more than the outermost door is tried.
const WORDS: &[&str] = &[
    "defaults",
    "roles",
    "default_role",
    "default_language",
    "allow_unknown",
    "hourly_tokens",
    "token_ttl_seconds",
    "max_call_seconds",
    "model",
    "allowed_models",
    "voice",
    "allowed_voices",
    "output_modalities",
    "session_types",
    "turn_detection",
    "transcription",
    "noise_reduction",
    "max_output_tokens",
    "self_assignable",
    "allow_instructions",
    "allow_tools",
    "user_may_set",
    "max_system_prompt_chars",
    "max_greeting_chars",
    "max_user_tools",
    "greeting",
    "tools",
    "instructions",
    "type",
    "name",
    "description",
    "parameters",
    "threshold",
    "prefix_padding_ms",
    "silence_duration_ms",
    "idle_timeout_ms",
    "eagerness",
    "create_response",
    "language",
    "prompt",
    "student",
    "en",
    "es",
    "marin",
    "gpt-realtime-2.1-mini",
    "gpt-transcribe",
    "server_vad",
    "semantic_vad",
    "none",
    "inf",
    "audio",
    "text",
    "realtime",
    "function",
    "object",
    "near_field",
    "{{ name }}",
    "{% if name %}",
    "{{ x }}",
    "",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![6 => prop::sample::select(WORDS).prop_map(str::to_owned), 1 => any::<String>()]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        word().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0_i64..2000).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::from("1979-05-27T07:32:00Z".parse::<toml::value::Datetime>().unwrap())),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..6)
                .prop_map(|pairs| Value::Table(pairs.into_iter().collect())),
        ]
    })
}

fn table() -> impl Strategy<Value = Table> {
    prop::collection::vec((word(), value()), 0..6).prop_map(|pairs| pairs.into_iter().collect())
}

/// What holds of every text that is given for a policy; `name` is somebody's.
fn check(text: &str, name: &str) -> Result<(), TestCaseError> {
    match Policy::load(text) {
        Ok(policy) => {
            for role in policy.roles() {
                for (language, name) in
                    role.languages().flat_map(|language| [(language, None), (language, Some(name))])
                {
                    match role.grant(language, name, &Asked::default()).map(|grant| grant.session) {
                        Ok(Session::Realtime(session)) => {
                            prop_assert!(
                                !session.instructions.trim().is_empty(),
                                "{} says nothing",
                                role.name()
                            );
                        }
                        Ok(other) => prop_assert!(false, "{:?} came for nothing asked", other.kind()),
                        // A role may be without conversations.
                        Err(refusal) => prop_assert_eq!(refusal.param, "session.type"),
                    }
                }
            }
        }
        Err(mistakes) => {
            prop_assert!(!mistakes.is_empty());
            for mistake in mistakes {
                let parts = [&mistake.at, &mistake.problem, &mistake.mend];
                prop_assert!(parts.iter().all(|part| !part.trim().is_empty()), "{mistake:?}");
                prop_assert!(!mistake.to_string().contains('\n'), "{mistake:?}");
            }
        }
    }
    Ok(())
}

/// One change in a table, some way down.
#[derive(Debug, Clone)]
enum Change {
    Put(String, Value),
    Replace(Value),
    Remove,
    Rename(String),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (word(), value()).prop_map(|(key, value)| Change::Put(key, value)),
        value().prop_map(Change::Replace),
        Just(Change::Remove),
        word().prop_map(Change::Rename),
    ]
}

/// Goes down by these steps as far as there are tables, and changes what is there.
fn apply(table: &mut Table, steps: &[prop::sample::Index], change: &Change) {
    let Some((first, rest)) = steps.split_first().filter(|_| !table.is_empty()) else { return };
    let key = table.keys().nth(first.index(table.len())).unwrap().clone();
    if let (Some(Value::Table(inner)), false) = (table.get_mut(&key), rest.is_empty()) {
        return apply(inner, rest, change);
    }
    match change {
        Change::Put(name, value) => drop(table.insert(name.clone(), value.clone())),
        Change::Replace(value) => drop(table.insert(key, value.clone())),
        Change::Remove => drop(table.remove(&key)),
        Change::Rename(name) => {
            let value = table.remove(&key).unwrap();
            table.insert(name.clone(), value);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_table_is_read_or_its_mistakes_are_told(table in table(), name in any::<String>()) {
        check(&toml::to_string(&table).unwrap(), &name)?;
    }

    #[test]
    fn the_built_in_policy_may_be_changed_anywhere(
        changes in prop::collection::vec((prop::collection::vec(any::<prop::sample::Index>(), 1..5), change()), 1..4),
        name in any::<String>(),
    ) {
        let mut table: Table = Policy::BUILT_IN.parse().unwrap();
        for (steps, change) in &changes {
            apply(&mut table, steps, change);
        }
        check(&toml::to_string(&table).unwrap(), &name)?;
    }

    #[test]
    fn the_built_in_policy_may_be_damaged_anywhere(
        at in any::<prop::sample::Index>(), length in 0_usize..40, text in prop_oneof![word(), "[\\PC\n]{0,8}"],
    ) {
        let chars: Vec<char> = Policy::BUILT_IN.chars().collect();
        let start = at.index(chars.len());
        let end = (start + length).min(chars.len());
        let damaged: String = chars[..start].iter().copied().chain(text.chars()).chain(chars[end..].iter().copied()).collect();
        check(&damaged, &text)?;
    }

    #[test]
    fn any_text_is_told_apart_from_a_policy(text in any::<String>()) {
        check(&text, &text)?;
    }
}
