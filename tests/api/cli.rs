//! The command line, as an operator types it.

use std::process::Output;

use ephemint::policy::Policy;
use ephemint_test_support::{EmptyDirectory, JWT_SECRET, ServiceProcess, StoreKind, TestDatabase, command};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_ephemint");

pub(crate) fn run(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let (mut command, _directory) = command(PROGRAM, arguments, &settings);
    command.output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn the_version_is_that_of_the_package() {
    let output = run(&["--version"], &[]);
    assert_eq!(stdout(&output).trim(), format!("ephemint {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_policy_that_is_shown_can_be_loaded() {
    let output = run(&["policy", "show"], &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(Policy::load(&stdout(&output)).is_ok());
}

#[test]
fn a_policy_file_is_checked() {
    let directory = EmptyDirectory::create();
    let file = directory.0.join("policy.toml");
    let path = file.to_str().unwrap();
    std::fs::write(&file, Policy::BUILT_IN).unwrap();
    assert!(run(&["policy", "check", path], &[]).status.success());

    std::fs::write(&file, Policy::BUILT_IN.replace("marin", "nova").replace("hourly_tokens", "hourly_tokns"))
        .unwrap();
    let output = run(&["policy", "check", path], &[]);
    assert!(!output.status.success());
    let text = stderr(&output);
    for said in ["2 mistakes", "nova", "hourly_tokns", "hourly_tokens"] {
        assert!(text.contains(said), "{said} is missing in {text}");
    }
    let serving = run(&["serve"], &[("POLICY_FILE", path), ("JWT_SECRET", JWT_SECRET)]);
    assert!(stderr(&serving).contains("hourly_tokns"), "{}", stderr(&serving));
}

#[test]
fn a_rendered_policy_is_what_goes_upstream() {
    let arguments = ["policy", "render", "--role", "teacher", "--language", "es-MX", "--name", "Luis"];
    let output = run(&arguments, &[]);
    let body: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(body["session"]["type"], "realtime");
    assert!(body["session"]["instructions"].as_str().unwrap().contains("Luis"));
    let other = run(&["policy", "render", "--type", "translation"], &[]);
    assert!(stderr(&other).contains("allowed: realtime"), "{}", stderr(&other));
    let unknown = run(&["policy", "render", "--role", "wizard"], &[]);
    assert!(stderr(&unknown).contains("student"), "{}", stderr(&unknown));
}

#[test]
fn what_only_the_page_is_told_is_shown_beside_it() {
    let directory = EmptyDirectory::create();
    let file = directory.0.join("policy.toml");
    let limited = Policy::BUILT_IN.replace("max_call_seconds = \"none\"", "max_call_seconds = 900");
    std::fs::write(&file, limited).unwrap();
    let settings = [("POLICY_FILE", file.to_str().unwrap())];
    let rendered = run(&["policy", "render"], &settings);
    let body: serde_json::Value = serde_json::from_str(&stdout(&rendered)).unwrap();
    assert!(!body.to_string().contains("max_call_seconds") && !body.to_string().contains("900"), "{body}");
    assert!(stderr(&rendered).contains("max_call_seconds = 900"), "{}", stderr(&rendered));
    let checked = run(&["policy", "check"], &settings);
    assert!(stdout(&checked).contains("; pages end calls after 900 seconds\n"), "{}", stdout(&checked));
    assert!(!stderr(&run(&["policy", "render"], &[])).contains("max_call_seconds"));
}

#[test]
fn every_mistake_is_told_at_once_with_its_mend() {
    let output = run(
        &["serve"],
        &[
            ("BIND_ADDR", "localhost"),
            ("PORT", "99999"),
            ("MIGRATE", "maybe"),
            ("OPENAI_BASE_URL", "ftp://nowhere"),
            ("OPENAI_TIMEOUT_MS", "soon"),
            ("JWT_SECRET", "change-me-to-something-that-nobody-knows"),
            ("JWT_ROLE_CLAIM", "a..b"),
            ("ALLOWED_ORIGINS", "https://app.example/, *"),
            ("SAFETY_ID_SECRET", "short"),
            ("ADMIN_ROLES", "student,wizard"),
            ("LOG_FORMAT", "xml"),
        ],
    );
    assert!(!output.status.success());
    let text = stderr(&output);
    for name in [
        "BIND_ADDR",
        "PORT",
        "MIGRATE",
        "OPENAI_BASE_URL",
        "OPENAI_TIMEOUT_MS",
        "JWT_SECRET",
        "JWT_ROLE_CLAIM",
        "ALLOWED_ORIGINS",
        "SAFETY_ID_SECRET",
        "ADMIN_ROLES",
        "LOG_FORMAT",
    ] {
        assert!(text.contains(&format!("- {name}: ")), "{name} is missing in {text}");
    }
    assert!(!text.contains("that-nobody-knows") && !text.contains("short\n"), "a secret is told: {text}");
}

#[test]
fn nothing_starts_without_a_way_to_verify_users() {
    let output = run(&["serve"], &[]);
    assert!(stderr(&output).contains("JWT_SECRET: not set"), "{}", stderr(&output));
}

#[test]
fn secrets_may_be_in_files() {
    let directory = EmptyDirectory::create();
    let file = directory.0.join("secret");
    std::fs::write(&file, format!("{JWT_SECRET}\n")).unwrap();
    let path = file.to_str().unwrap();
    let arguments = ["token", "--sub", "ana", "--role", "teacher"];
    let from_file = run(&arguments, &[("JWT_SECRET_FILE", path)]);
    assert!(from_file.status.success(), "{}", stderr(&from_file));
    let both = run(&arguments, &[("JWT_SECRET_FILE", path), ("JWT_SECRET", JWT_SECRET)]);
    assert!(stderr(&both).contains("both set"), "{}", stderr(&both));
    let missing = run(&arguments, &[("JWT_SECRET_FILE", "/nowhere")]);
    assert!(stderr(&missing).contains("JWT_SECRET_FILE: /nowhere"), "{}", stderr(&missing));
}

#[test]
fn dot_env_is_read_and_the_environment_goes_before_it() {
    let settings = [("JWT_SECRET", JWT_SECRET.to_owned())];
    let (mut command, directory) = command(PROGRAM, &["serve"], &settings);
    let dot_env = "# a comment\nLOG_FORMAT=xml\nJWT_SECRET=short\nexport MIGRATE='perhaps'\n";
    std::fs::write(directory.0.join(".env"), dot_env).unwrap();
    let text = stderr(&command.output().unwrap());
    assert!(text.contains("LOG_FORMAT") && text.contains("perhaps"), "{text}");
    assert!(!text.contains("JWT_SECRET"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_development_token_opens_the_service() {
    let database = TestDatabase::create(StoreKind::Sqlite).await;
    let (name, place) = database.setting();
    let settings = [
        ("BIND_ADDR", "127.0.0.1:0"),
        ("JWT_SECRET", JWT_SECRET),
        ("JWT_ISSUER", "https://issuer.example"),
        ("JWT_AUDIENCE", "app"),
        ("JWT_LANGUAGE_CLAIM", "locale"),
        (name, place.as_str()),
    ];
    let arguments = ["token", "--sub", "luis", "--role", "teacher", "--name", "Luis", "--language", "es"];
    let signed = run(&arguments, &settings);
    assert!(signed.status.success(), "{}", stderr(&signed));

    let owned = settings.map(|(name, value)| (name, value.to_owned()));
    let service = ServiceProcess::start(PROGRAM, &owned);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let usage = http.get(format!("{}/v1/me/usage", service.base())).bearer_auth(stdout(&signed).trim());
    let body: serde_json::Value = usage.send().await.unwrap().json().await.unwrap();
    assert_eq!(body["role"], "teacher", "{body}");
    // Without a provider key there is a service all the same, and a clear word at each mint.
    let mint = http.post(format!("{}/v1/realtime/client_secrets", service.base()));
    let answer = mint.bearer_auth(stdout(&signed).trim()).send().await.unwrap();
    assert_eq!(answer.status(), 409);

    let second = run(&["serve"], &settings);
    assert!(stderr(&second).contains("another server is running"), "{}", stderr(&second));
    let (status, output) = service.stop();
    assert!(status.success(), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_are_applied_once_on_sqlite() {
    migrations_are_applied_once(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_are_applied_once_on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        migrations_are_applied_once(StoreKind::Postgres).await;
    }
}

async fn migrations_are_applied_once(kind: StoreKind) {
    let database = TestDatabase::create(kind).await;
    let (name, place) = database.setting();
    let off = [("MIGRATE", "off"), ("JWT_SECRET", JWT_SECRET), (name, place.as_str())];
    // On a port of its own: the usual one may be taken, and that is found out first.
    let refused = run(&["serve"], &[("BIND_ADDR", "127.0.0.1:0"), off[0], off[1], off[2]]);
    assert!(stderr(&refused).contains("ephemint migrate"), "{}", stderr(&refused));
    let first = run(&["migrate"], &[(name, place.as_str())]);
    assert!(stdout(&first).contains("applied"), "{}{}", stdout(&first), stderr(&first));
    let second = run(&["migrate"], &[(name, place.as_str())]);
    assert!(stdout(&second).contains("up to date"), "{}{}", stdout(&second), stderr(&second));

    let settings =
        [("BIND_ADDR", "127.0.0.1:0"), off[0], off[1], off[2]].map(|(name, value)| (name, value.to_owned()));
    let (status, output) = ServiceProcess::start(PROGRAM, &settings).stop();
    assert!(status.success(), "{output}");
}
