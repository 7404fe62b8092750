//! Whole policy files: the built-in one, and many that are wrong.

use super::*;
use crate::kernel::session::{Eagerness, MaxOutputTokens, Microphone, Modality, TurnDetection};

/// A file that is fine, but for what is added to its role.
fn with(role: &str) -> Result<Policy, Vec<Mistake>> {
    Policy::load(&format!("[defaults]\ndefault_role = 'r'\ninstructions.en = 'Speak.'\n[roles.r]\n{role}"))
}

fn mistakes(result: Result<Policy, Vec<Mistake>>) -> Vec<String> {
    result.unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn the_built_in_policy_renders_for_everybody() {
    let policy = Policy::load(Policy::BUILT_IN).unwrap();
    let names: Vec<_> = policy.roles().map(Role::name).collect();
    assert_eq!(names, ["student", "family", "teacher"]);
    assert_eq!(policy.default_language(), "en");
    for role in policy.roles() {
        assert_eq!(role.self_assignable(), role.name() != "teacher");
        assert_eq!((role.hourly_limit(), role.ttl_seconds()), (10, 60));
        assert_eq!(role.languages().collect::<Vec<_>>(), ["en", "es"]);
        for language in ["en", "es"] {
            let say = |name| role.grant(language, name, &Asked::default()).unwrap().session.instructions;
            let (named, anonymous) = (say(Some("Ana Núñez")), say(None));
            assert!(named.contains("\"Ana Núñez\"") && !anonymous.contains("Ana"));
            for text in [named, anonymous] {
                assert!(!text.contains(['{', '}']) && !text.contains("\n\n\n"), "{text}");
            }
        }
    }
    let mentor = |language| policy.default_role().grant(language, None, &Asked::default()).unwrap().session;
    assert!(mentor("en").instructions.contains("Virtual Mentor"));
    assert!(mentor("es").instructions.contains("Mentor Virtual"));
}

#[test]
fn the_built_in_policy_says_what_the_defaults_are() {
    let built_in = Policy::load(Policy::BUILT_IN).unwrap();
    let bare = with("").unwrap();
    let session = |policy: &Policy| {
        let mut grant = policy.default_role().grant("en", None, &Asked::default()).unwrap();
        grant.session.instructions.clear();
        (grant.session, grant.ttl_seconds, policy.default_role().hourly_limit())
    };
    assert_eq!(session(&built_in), session(&bare));
}

#[test]
fn a_policy_may_be_shared_by_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Policy>();
}

#[test]
fn a_role_may_say_everything() {
    let policy = with(
        "hourly_tokens = 0
         token_ttl_seconds = 7200
         model = 'gpt-realtime-2'
         voice = 'ash'
         output_modalities = ['text']
         allowed_models = ['gpt-realtime-2', 'gpt-realtime-1.5']
         allowed_voices = ['coral']
         session_types = ['realtime']
         turn_detection = { type = 'semantic_vad', eagerness = 'low', create_response = false }
         transcription = { model = 'gpt-transcribe', language = 'es', prompt = 'Quijote' }
         noise_reduction = { type = 'far_field' }
         max_output_tokens = 'inf'
         self_assignable = true
         allow_instructions = true
         allow_tools = true
         instructions.es = 'Habla.'
         tools = [{ type = 'function', name = 'f', description = 'd',
                    parameters = { type = 'object', properties = { n = { type = 'number', minimum = 0.5 } } } }]",
    )
    .unwrap();
    let role = policy.default_role();
    assert_eq!(role.models().collect::<Vec<_>>(), ["gpt-realtime-2", "gpt-realtime-1.5"]);
    assert_eq!(role.voices().collect::<Vec<_>>(), ["ash", "coral"]);
    let session = role.grant("es", None, &Asked::default()).unwrap().session;
    let eagerness = match session.turn_detection {
        Some(TurnDetection::SemanticVad { eagerness, .. }) => eagerness,
        other => panic!("{other:?}"),
    };
    assert_eq!(eagerness, Some(Eagerness::Low));
    assert_eq!(session.transcription.unwrap().prompt.as_deref(), Some("Quijote"));
    assert_eq!(session.noise_reduction.unwrap().kind, Microphone::FarField);
    assert_eq!(
        (session.max_output_tokens, session.output_modality),
        (MaxOutputTokens::Unlimited, Modality::Text)
    );
    let tools = serde_json::to_value(&session.tools).unwrap();
    assert_eq!(tools[0]["parameters"]["properties"]["n"]["minimum"], 0.5);
}

#[test]
fn a_role_may_switch_off_what_the_defaults_switch_on() {
    let policy = Policy::load(
        "[defaults]
         default_role = 'r'
         instructions.en = 'Speak.'
         transcription = { model = 'gpt-transcribe' }
         noise_reduction = { type = 'near_field' }
         [roles.r]
         turn_detection = 'none'
         transcription = 'none'",
    )
    .unwrap();
    let session = policy.default_role().grant("en", None, &Asked::default()).unwrap().session;
    assert_eq!((session.turn_detection, session.transcription), (None, None));
    assert!(session.noise_reduction.is_some());
}

#[test]
fn every_mistake_of_a_file_is_told_at_once() {
    let all = mistakes(Policy::load(
        "default_language = 'es'
         [defaults]
         default_role = 'studnet'
         default_language = 'español'
         hourly_tokens = 1001
         vioce = 'marin'
         [roles.student]
         voice = 'nova'
         model = 'gpt-realtime-2.1-mimi'
         token_ttl_seconds = '60'
         turn_detection = { type = 'server_vad', threshold = 1.5, idle_timeout_ms = 100 }
         instructions.en = 'Hi {{ name }}'
         [roles.Teacher]
         session_types = ['translation']
         allowed_voices = ['ash', 'ash']
         default_role = 'Teacher'
         instructions.en = '{{ role }'",
    ));
    let expected = [
        "defaults.default_language: \"español\" is not a language",
        "defaults.hourly_tokens: 1001 is out of range; write a whole number from 0 to 1000",
        "defaults.vioce: is not a key that is known here; did you mean `voice`?",
        "roles.Teacher: is no name for a role; use 1 to 64 of a-z, 0-9, _ and -",
        "roles.Teacher.session_types: \"translation\" can't be had; write [\"realtime\"]: this version does not",
        "roles.Teacher.allowed_voices: \"ash\" stands there twice; keep one",
        "roles.Teacher.instructions.en: fails with `syntax error` on line 1",
        "roles.Teacher.default_role: is not a key that is known here; it belongs under [defaults]",
        "roles.student.token_ttl_seconds: is a string; write a whole number from 10 to 7200",
        "roles.student.model: \"gpt-realtime-2.1-mimi\" is not a model of realtime sessions; did you mean",
        "roles.student.voice: \"nova\" is not a voice of realtime sessions (it exists for speech from text",
        "roles.student.turn_detection.threshold: 1.5 is out of range; write a number from 0.0 to 1.0",
        "roles.student.turn_detection.idle_timeout_ms: 100 is out of range; write a whole number from 5000",
        "roles.student.instructions.en: fails with `undefined value` on line 1",
        "default_language: is not a key that is known here; it belongs under [defaults]",
        "defaults.default_role: \"studnet\" is not a role of this file; did you mean \"student\"?",
    ];
    for start in expected {
        assert!(all.iter().any(|mistake| mistake.starts_with(start)), "{start}\n{all:#?}");
    }
    assert_eq!(all.len(), expected.len(), "{all:#?}");
    assert!(all.iter().all(|mistake| !mistake.contains('\n')));
}

/// What a role may say wrongly, and how the mistake begins.
const WRONG: &str = r#"
hourly_tokens = -1 => hourly_tokens: -1 is out of range
hourly_tokens = 1.5 => hourly_tokens: is a number with a point
token_ttl_seconds = 9 => token_ttl_seconds: 9 is out of range
token_ttl_seconds = 7201 => token_ttl_seconds: 7201 is out of range
model = 1 => model: is a whole number; write a string
allowed_models = ['nope'] => allowed_models: "nope" is not a model
allowed_models = 'gpt-realtime-2' => allowed_models: is a string; write an array of strings
allowed_voices = [1] => allowed_voices: has a whole number in it
output_modalities = [] => output_modalities: [] is not a choice
output_modalities = ['audio', 'text'] => output_modalities: ["audio", "text"] is not a choice
session_types = [] => session_types: is empty
session_types = ['realtime', 'transcription'] => session_types: "transcription" can't be had
session_types = ['video'] => session_types: "video" is not a kind of session
max_output_tokens = 0 => max_output_tokens: 0 is out of range
max_output_tokens = 4097 => max_output_tokens: 4097 is out of range
max_output_tokens = 'all' => max_output_tokens: is a string
turn_detection = 'off' => turn_detection: is a string; write a table in braces, or "none"
turn_detection = {} => turn_detection.type: is missing; add type = "server_vad" or
turn_detection = { type = 'vad' } => turn_detection.type: "vad" is not a choice
turn_detection = { type = 'server_vad', eagerness = 'low' } => turn_detection.eagerness: is not a key
turn_detection = { type = 'server_vad', threshold = nan } => turn_detection.threshold: NaN is out of
turn_detection = { type = 'server_vad', silence_duration_ms = 10001 } => turn_detection.silence_duration
turn_detection = { type = 'semantic_vad', eagerness = 'now' } => turn_detection.eagerness: "now"
transcription = {} => transcription.model: is missing
transcription = { model = 'whisper' } => transcription.model: "whisper" is not a transcription model
transcription = { model = 'whisper-1', language = 'es-MX' } => transcription.language: "es-MX" is not
noise_reduction = { type = 'near' } => noise_reduction.type: "near" is not a choice
noise_reduction = {} => noise_reduction.type: is missing
self_assignable = 'yes' => self_assignable: is a string; write true or false
allow_unknown = true => allow_unknown: is not a key that is known here; it belongs under [defaults]
tools = ['f'] => tools[0]: is a string; write a table
tools = [{}] => tools[0].name: is missing
tools = [{ name = 'a b' }] => tools[0].name: "a b" is no name
tools = [{ name = 'f' }, { name = 'f' }] => tools[1].name: "f" stands there twice
tools = [{ name = 'f', type = 'mcp' }] => tools[0].type: "mcp" is not a choice; write "function"
tools = [{ name = 'f', strict = true }] => tools[0].strict: is not a key
tools = [{ name = 'f', parameters = { type = 'array' } }] => tools[0].parameters: does not describe
tools = [{ name = 'f', parameters = { type = 'object', x = inf } }] => tools[0].parameters: has a number
instructions = 'Speak.' => instructions: is a string; write a table
instructions.'e s' = 'x' => instructions."e s": is not a language
instructions = { es = 'x', ES = 'y' } => instructions.es: stands there twice
instructions.es = 5 => instructions.es: is a whole number
instructions.es = '' => instructions.es: renders to nothing
"#;

#[test]
fn each_key_of_a_role_is_checked() {
    for (line, start) in WRONG.trim().lines().map(|row| row.split_once(" => ").unwrap()) {
        let all = mistakes(with(line));
        assert!(all.len() == 1 && all[0].starts_with(&format!("roles.r.{start}")), "{line}: {all:#?}");
    }
}

#[test]
fn names_that_are_new_pass_only_where_the_file_says_so() {
    let file = |allow| {
        format!(
            "[defaults]\ndefault_role = 'r'\nallow_unknown = {allow}\nvoice = 'fresh'\nmodel = 'gpt-next'
             transcription = {{ model = 'gpt-hears' }}\ninstructions.en = 'Speak.'\n[roles.r]"
        )
    };
    assert!(Policy::load(&file(true)).is_ok());
    assert_eq!(mistakes(Policy::load(&file(false))).len(), 3);
}

#[test]
fn what_a_whole_file_needs_is_asked_for() {
    let all = mistakes(Policy::load(
        "[defaults]\ndefault_role = 'r'\ndefault_language = 'es'\ninstructions.en = 'Speak.'\n[roles.r]",
    ));
    assert!(
        all.len() == 1
            && all[0].starts_with("roles.r.instructions: has no text in the default language, \"es\"")
    );
    let all = mistakes(Policy::load(""));
    assert_eq!(all.len(), 2, "{all:#?}");
    assert!(all[0].starts_with("roles: there is no role; add one"));
    assert!(all[1].starts_with("defaults.default_role: names no role; add default_role = \"student\""));
    // A shared text is wrong once, however many roles it serves.
    let all = mistakes(Policy::load(
        "defaults.default_role = 'a'\ndefaults.instructions.en = '{{ x }}'\nroles.a = {}\nroles.b = {}",
    ));
    assert_eq!(all.len(), 1, "{all:#?}");
}

#[test]
fn files_that_are_not_toml_are_told_where() {
    let errors = Policy::load("[defaults]\ndefault_role = 'a\nvoice == 'x'\n[roles.a\n").unwrap_err();
    assert!(errors.len() >= 2, "{errors:#?}");
    assert!(errors[0].at.starts_with("line 2, column "), "{errors:#?}");
    assert!(errors.iter().all(|error| !error.to_string().contains('\n')));
    let errors = Policy::load("[defaults]\nvoice = 'a'\nvoice = 'b'\n").unwrap_err();
    assert!(
        errors[0].at.starts_with("line 3, column 1") && errors[0].problem.contains("duplicate"),
        "{errors:#?}"
    );
}
