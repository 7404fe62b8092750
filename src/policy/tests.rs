//! Whole policy files: the built-in one, and many that are wrong.

use super::*;
use crate::kernel::session::{
    Eagerness, MaxOutputTokens, McpServer, Microphone, Modality, RealtimeSession, Session, Tool,
    TurnDetection,
};
use secrecy::{ExposeSecret, SecretString};

/// A file that is fine, but for what is added to its role.
fn with(role: &str) -> Result<Policy, Vec<Mistake>> {
    Policy::load(&format!("[defaults]\ndefault_role = 'r'\ninstructions.en = 'Speak.'\n[roles.r]\n{role}"))
}

/// The default role's conversation.
fn conversation(policy: &Policy, language: &str, name: Option<&str>) -> RealtimeSession {
    spoken(policy.default_role(), language, name)
}

fn spoken(role: &Role, language: &str, name: Option<&str>) -> RealtimeSession {
    match role.grant(language, name, &Asked::default()).unwrap().session {
        Session::Realtime(session) => session,
        other => panic!("{other:?}"),
    }
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
            let say = |name| spoken(role, language, name).instructions;
            let (named, anonymous) = (say(Some("Ana Núñez")), say(None));
            assert!(named.contains("\"Ana Núñez\"") && !anonymous.contains("Ana"));
            for text in [named, anonymous] {
                assert!(!text.contains(['{', '}']) && !text.contains("\n\n\n"), "{text}");
            }
        }
    }
    let mentor = |language| conversation(&policy, language, None);
    assert!(mentor("en").instructions.contains("Virtual Mentor"));
    assert!(mentor("es").instructions.contains("Mentor Virtual"));
}

#[test]
fn the_built_in_policy_says_what_the_defaults_are() {
    let built_in = Policy::load(Policy::BUILT_IN).unwrap();
    let bare = with("").unwrap();
    let said = |policy: &Policy| {
        let role = policy.default_role();
        let session = conversation(policy, "en", None);
        assert!(session.tools.is_empty());
        (
            (session.model, session.voice, session.output_modality, session.max_output_tokens),
            (session.turn_detection, session.transcription, session.noise_reduction),
            (role.ttl_seconds(), role.hourly_limit(), role.max_call_seconds()),
            (others(policy), format!("{:?}", role.settings.left)),
        )
    };
    assert_eq!(said(&built_in), said(&bare));
}

/// The default role's other sessions, whether it may have them or not.
fn others(policy: &Policy) -> String {
    let settings = &policy.default_role().settings;
    let transcription = settings.transcription.narrowed(&AskedTranscription::default()).unwrap();
    let translation = settings.translation.narrowed(&AskedTranslation::default()).unwrap();
    format!("{:?} {transcription:?} {translation:?}", settings.session_types)
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
         max_call_seconds = 3600
         model = 'gpt-realtime-2'
         voice = 'ash'
         output_modalities = ['text']
         allowed_models = ['gpt-realtime-2', 'gpt-realtime-1.5']
         allowed_voices = ['coral']
         session_types = ['transcription', 'realtime', 'translation']
         turn_detection = { type = 'semantic_vad', eagerness = 'low', create_response = false }
         transcription = { model = 'gpt-transcribe', language = 'es', prompt = 'Quijote' }
         noise_reduction = { type = 'far_field' }
         max_output_tokens = 'inf'
         self_assignable = true
         allow_instructions = true
         allow_tools = true
         user_may_set = ['voice', 'tools', 'mcp_tools', 'system_prompt', 'greeting', 'speed', 'language']
         max_system_prompt_chars = 16000
         max_greeting_chars = 1
         max_user_tools = 128
         instructions.es = 'Habla.'
         tools = [{ type = 'function', name = 'f', description = 'd',
                    parameters = { type = 'object', properties = { n = { type = 'number', minimum = 0.5 } } } }]",
    )
    .unwrap();
    let role = policy.default_role();
    assert_eq!(role.models().collect::<Vec<_>>(), ["gpt-realtime-2", "gpt-realtime-1.5"]);
    assert_eq!(role.voices().collect::<Vec<_>>(), ["ash", "coral"]);
    assert_eq!(role.max_call_seconds(), Some(3600));
    let choices = role.choices();
    assert_eq!(choices.settings.len(), 7);
    assert_eq!(choices.languages, ["en", "es"]);
    let limits = (choices.max_system_prompt_chars, choices.max_greeting_chars, choices.max_tools);
    assert_eq!(limits, (16_000, 1, 128));
    let session = conversation(&policy, "es", None);
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
    let [Tool::Function(function)] = session.tools.as_slice() else { panic!("{:?}", session.tools) };
    let parameters = function.parameters.as_ref().unwrap();
    assert_eq!(parameters["properties"]["n"]["minimum"], 0.5);
}

#[test]
fn a_role_may_switch_off_what_the_defaults_switch_on() {
    let policy = Policy::load(
        "[defaults]
         default_role = 'r'
         instructions.en = 'Speak.'
         transcription = { model = 'gpt-transcribe' }
         noise_reduction = { type = 'near_field' }
         max_call_seconds = 10
         [roles.heir]
         [roles.r]
         max_call_seconds = 'none'
         turn_detection = 'none'
         transcription = 'none'",
    )
    .unwrap();
    let session = conversation(&policy, "en", None);
    assert_eq!((session.turn_detection, session.transcription), (None, None));
    assert!(session.noise_reduction.is_some());
    let limits = ["r", "heir"].map(|role| policy.find(role).unwrap().max_call_seconds());
    assert_eq!(limits, [None, Some(10)]);
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
         session_types = ['translations']
         allowed_voices = ['ash', 'ash']
         default_role = 'Teacher'
         instructions.en = '{{ role }'",
    ));
    let expected = [
        "defaults.default_language: \"español\" is not a language",
        "defaults.hourly_tokens: 1001 is out of range; write a whole number from 0 to 1000",
        "defaults.vioce: is not a key that is known here; did you mean `voice`?",
        "roles.Teacher: is no name for a role; use 1 to 64 of a-z, 0-9, _ and -",
        "roles.Teacher.session_types: \"translations\" is not a kind of session; known: realtime, transcription",
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
max_call_seconds = 9 => max_call_seconds: 9 is out of range; write a whole number from 10 to 3600, or "none"
max_call_seconds = 3601 => max_call_seconds: 3601 is out of range
max_call_seconds = 65546 => max_call_seconds: 65546 is out of range
max_call_seconds = -10 => max_call_seconds: -10 is out of range
max_call_seconds = 60.5 => max_call_seconds: is a number with a point
max_call_seconds = 'inf' => max_call_seconds: is a string
model = 1 => model: is a whole number; write a string
allowed_models = ['nope'] => allowed_models: "nope" is not a model
allowed_models = 'gpt-realtime-2' => allowed_models: is a string; write an array of strings
allowed_voices = [1] => allowed_voices: has a whole number in it
output_modalities = [] => output_modalities: [] is not a choice
output_modalities = ['audio', 'text'] => output_modalities: ["audio", "text"] is not a choice
session_types = [] => session_types: is empty
session_types = ['realtime', 'realtime'] => session_types: "realtime" stands there twice
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
tools = [{ name = 'f', type = 'web_search' }] => tools[0].type: "web_search" is not a choice
tools = [{ type = 'mcp', server_url = 'https://a.example' }] => tools[0].server_label: is missing
tools = [{ type = 'mcp', server_label = 'a b', connector_id = 'c' }] => tools[0].server_label: "a b" is no name
tools = [{ type = 'mcp', server_label = 'a' }] => tools[0].server_url: is missing
tools = [{ type = 'mcp', server_label = 'a', server_url = 'http://a.example' }] => tools[0].server_url: is not an https
tools = [{ type = 'mcp', server_label = 'a', server_url = 'https://' }] => tools[0].server_url: is not an https
tools = [{ type = 'mcp', server_label = 'a', server_url = 'https://u:p@a.example/' }] => tools[0].server_url: is not an https
tools = [{ type = 'mcp', server_label = 'a', server_url = 'https://a.example', connector_id = 'c' }] => tools[0].connector_id: stands beside
tools = [{ type = 'mcp', server_label = 'a', connector_id = 'c', allowed_tools = [] }] => tools[0].allowed_tools: is empty
tools = [{ type = 'mcp', server_label = 'a', connector_id = 'c', allowed_tools = 'b' }] => tools[0].allowed_tools: is a string
tools = [{ type = 'mcp', server_label = 'a', connector_id = 'c', require_approval = 'no' }] => tools[0].require_approval: "no"
tools = [{ type = 'mcp', server_label = 'a', connector_id = 'c', authorization = 'x' }] => tools[0].authorization: would be a secret
tools = [{ type = 'mcp', server_label = 'a', connector_id = 'c', headers = { x = 'y' } }] => tools[0].headers: would be a secret
tools = [{ type = 'mcp', server_label = 'a', connector_id = 'c', authorization_env = 'UNSET' }] => tools[0].authorization_env: UNSET is not set; set UNSET, or UNSET_FILE
tools = [{ type = 'mcp', server_label = 'a', connector_id = 'c', authorization_env = 'sk-x' }] => tools[0].authorization_env: is not the name
tools = [{ type = 'mcp', server_label = 'a', connector_id = 'c', headers_env = { 'a b' = 'TOKEN' } }] => tools[0].headers_env."a b": is no name
tools = [{ type = 'mcp', server_label = 'a', connector_id = 'c', headers_env = { x = 1 } }] => tools[0].headers_env.x: is a whole number
tools = [{ type = 'mcp', server_label = 'a', connector_id = 'c', headers_env = 'X' }] => tools[0].headers_env: is a string
tools = [{ type = 'mcp', server_label = 'a', connector_id = 'c', name = 'f' }] => tools[0].name: is not a key
tools = [{ name = 'f' }, { type = 'mcp', server_label = 'f', connector_id = 'c' }] => tools[1].server_label: "f" stands there twice
user_may_set = 'voice' => user_may_set: is a string
user_may_set = ['vioce'] => user_may_set: "vioce" is nothing that users set; known: system_prompt, greeting,
user_may_set = ['voice', 'voice'] => user_may_set: "voice" stands there twice
user_may_set = ['mcp_tools'] => user_may_set: has "mcp_tools" without "tools"; add "tools"
max_system_prompt_chars = 0 => max_system_prompt_chars: 0 is out of range; write a whole number from 1 to 16000
max_system_prompt_chars = 16001 => max_system_prompt_chars: 16001 is out
max_greeting_chars = '300' => max_greeting_chars: is a string
max_user_tools = 129 => max_user_tools: 129 is out of range; write a whole number from 1 to 128
transcription_session = 'none' => transcription_session: is a string; write a table
transcription_session = { model = 'gpt-realtime-2' } => transcription_session.model: "gpt-realtime-2" is not a transcription
transcription_session = { allowed_models = ['x'] } => transcription_session.allowed_models: "x" is not a transcription
transcription_session = { language = 'es-MX' } => transcription_session.language: "es-MX" is not
transcription_session = { allowed_languages = ['es', 'spa'] } => transcription_session.allowed_languages: "spa" is not
transcription_session = { voice = 'marin' } => transcription_session.voice: is not a key
transcription_session = { instructions = 'x' } => transcription_session.instructions: is not a key
transcription_session = { turn_detection = { type = 'server_vad', create_response = true } } => transcription_session.turn_detection.create_response: is not a key
transcription_session = { turn_detection = { type = 'server_vad', idle_timeout_ms = 6000 } } => transcription_session.turn_detection.idle_timeout_ms: is not a key
translation_session = [] => translation_session: is an array; write a table
translation_session = { model = 'whisper-1' } => translation_session.model: "whisper-1" is not a translation model
translation_session = { language = 'Spanish' } => translation_session.language: "Spanish" is not
translation_session = { language = 'ES' } => translation_session.language: "ES" is not
translation_session = { allowed_languages = 'es' } => translation_session.allowed_languages: is a string
translation_session = { turn_detection = 'none' } => translation_session.turn_detection: is not a key
translation_session = { transcription = {} } => translation_session.transcription.model: is missing
translation_session = { transcription = { model = 'whisper-1', language = 'es' } } => translation_session.transcription.language: is not
translation_session = { noise_reduction = { type = 'x' } } => translation_session.noise_reduction.type: "x"
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

const SERVER: &str =
    "tools = [{ type = 'mcp', server_label = 'library', server_url = 'https://mcp.example.com/sse',
    server_description = 'Books', allowed_tools = ['search'], require_approval = 'never',
    authorization_env = 'LIBRARY_TOKEN', headers_env = { X-Key = 'LIBRARY_KEY' } }]";

#[test]
fn credentials_of_servers_come_from_elsewhere() {
    let secrets = |name: &str| Ok(SecretString::from(format!("value of {name}")));
    let text = format!("[defaults]\ndefault_role = 'r'\ninstructions.en = 'Speak.'\n[roles.r]\n{SERVER}");
    let policy = Policy::load_with(&text, &secrets).unwrap();
    let tools = conversation(&policy, "en", None).tools;
    let [Tool::Mcp(mcp)] = tools.as_slice() else { panic!("{tools:?}") };
    assert_eq!(mcp.server, McpServer::Url("https://mcp.example.com/sse".to_owned()));
    assert_eq!(mcp.authorization.as_ref().unwrap().expose_secret(), "value of LIBRARY_TOKEN");
    assert_eq!(mcp.headers["X-Key"].expose_secret(), "value of LIBRARY_KEY");
    assert!(!format!("{tools:?}").contains("value of"), "{tools:?}");

    let all = mistakes(with(SERVER));
    assert_eq!(all.len(), 2, "{all:#?}");
    assert!(all[0].starts_with("roles.r.tools[0].authorization_env: LIBRARY_TOKEN is not set"), "{all:#?}");
    assert!(all[1].starts_with("roles.r.tools[0].headers_env.X-Key: LIBRARY_KEY is not set"), "{all:#?}");
}

#[test]
fn what_might_be_a_secret_is_not_repeated() {
    for key in ["authorization = 'hush-hush'", "authorization_env = 'hush-hush'", "headers.x = 'hush-hush'"] {
        let tool = format!("tools = [{{ type = 'mcp', server_label = 'a', connector_id = 'c', {key} }}]");
        let all = mistakes(with(&tool));
        assert!(all.len() == 1 && !all[0].contains("hush"), "{all:#?}");
    }
}

#[test]
fn other_sessions_are_read_key_by_key_over_the_defaults() {
    let policy = Policy::load(
        "[defaults]
         default_role = 'r'
         instructions.en = 'Speak.'
         session_types = ['transcription', 'translation']
         [defaults.transcription_session]
         model = 'gpt-transcribe'
         language = 'es'
         prompt = 'Quijote'
         turn_detection = { type = 'semantic_vad', eagerness = 'low' }
         [defaults.translation_session]
         language = 'qu'
         transcription = { model = 'whisper-1' }
         [roles.r.transcription_session]
         language = 'en'
         turn_detection = 'none'
         [roles.r.translation_session]
         noise_reduction = { type = 'far_field' }",
    )
    .unwrap();
    let settings = &policy.default_role().settings;
    let heard = settings.transcription.narrowed(&AskedTranscription::default()).unwrap();
    let words = (heard.transcription.model.as_str(), heard.transcription.language.as_deref());
    assert_eq!(words, ("gpt-transcribe", Some("en")));
    assert_eq!(heard.transcription.prompt.as_deref(), Some("Quijote"));
    assert_eq!(heard.turn_detection, None);
    let said = settings.translation.narrowed(&AskedTranslation::default()).unwrap();
    assert_eq!((said.language.as_str(), said.transcription_model.as_deref()), ("qu", Some("whisper-1")));
    assert_eq!(said.noise_reduction.unwrap().kind, Microphone::FarField);
}
