//! `ephemint check`: what is wrong is found, said with its mend, and told by the exit status.

use std::io::{Read, Write};
use std::net::TcpListener;

use chrono::TimeDelta;
use ephemint::kernel::clock::{Clock, SystemClock};
use ephemint_sim::{DEMO_API_KEY, Settings, Simulator};
use ephemint_test_support::{
    EmptyDirectory, JWT_SECRET, KeyServer, ServiceProcess, SigningKey, StoreKind, TestDatabase, command,
};
use serde_json::Value;

use crate::cli::{PROGRAM, run, stderr, stdout};

/// What is right of itself, but for the provider.
const GOOD: [(&str, &str); 3] =
    [("JWT_SECRET", JWT_SECRET), ("JWT_AUDIENCE", "app"), ("OPENAI_API_KEY", DEMO_API_KEY)];

const SEALING: &str = "first:a3e49f3daa9f2ae47816224f72664c896be185650667cb649d9b98efc1bd4763";

/// A report, by its JSON.
struct Report {
    ok: bool,
    findings: Vec<Value>,
}

impl Report {
    /// Runs `check` with these settings over the good ones.
    fn of(arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let all: Vec<_> = GOOD.iter().chain(settings).copied().collect();
        let output = run(&[&["check", "--json"], arguments].concat(), &all);
        for secret in [JWT_SECRET, DEMO_API_KEY] {
            assert!(!stdout(&output).contains(secret), "a secret is told: {}", stdout(&output));
        }
        Self::read(&output)
    }

    fn read(output: &std::process::Output) -> Self {
        let document: Value = serde_json::from_str(&stdout(output)).unwrap();
        let ok = document["ok"].as_bool().unwrap();
        assert_eq!(output.status.code(), Some(if ok { 0 } else { 1 }), "{document}");
        let findings = document["findings"].as_array().unwrap().clone();
        for finding in &findings {
            let mut members: Vec<_> = finding.as_object().unwrap().keys().map(String::as_str).collect();
            members.sort_unstable();
            assert_eq!(members, ["at", "check", "mend", "problem", "severity"]);
            let bad = matches!(finding["severity"].as_str(), Some("warning" | "error"));
            assert_eq!(bad, finding["mend"].is_string(), "what is wrong has a mend: {finding}");
        }
        assert_eq!(ok, findings.iter().all(|finding| finding["severity"] != "error"));
        Self { ok, findings }
    }

    /// Whether there is a finding of this check and severity, about this, that says so.
    fn has(&self, check: &str, severity: &str, at: &str, says: &str) -> bool {
        self.findings.iter().any(|finding| {
            let text = |member: &str| finding[member].as_str().unwrap_or_default();
            (text("check"), text("severity")) == (check, severity)
                && text("at") == at
                && (text("problem").contains(says) || text("mend").contains(says))
        })
    }

    #[track_caller]
    fn expect(&self, check: &str, severity: &str, at: &str, says: &str) {
        let list: Vec<String> = self.findings.iter().map(ToString::to_string).collect();
        assert!(self.has(check, severity, at, says), "no {severity} {at} {says:?} in\n{}", list.join("\n"));
    }

    /// What is no error and no warning is as it should be.
    #[track_caller]
    fn expect_clean(&self) {
        let bad = |finding: &&Value| finding["mend"].is_string();
        let bad: Vec<String> = self.findings.iter().filter(bad).map(ToString::to_string).collect();
        assert!(bad.is_empty(), "{}", bad.join("\n"));
    }
}

/// Settings, and what is to be found without the network: the check, how bad it is, what it is about, and what it says.
type Case<'a> = (&'a [(&'a str, &'a str)], [&'a str; 4]);

const CASES: &[Case<'_>] = &[
    (&[], ["settings", "ok", "the environment and .env", "understood"]),
    (&[("JWT_SECRET", ""), ("JWT_AUDIENCE", "")], ["settings", "error", "JWT_SECRET", "not set"]),
    (&[("JWT_SECRET", "")], ["settings", "error", "JWT_AUDIENCE", "set JWT_SECRET"]),
    (
        &[("JWT_SECRET", "change-me-to-something-else-please")],
        ["settings", "error", "JWT_SECRET", "example value"],
    ),
    (&[("PORT", "http"), ("LOG_FORMAT", "xml")], ["settings", "error", "LOG_FORMAT", "json or text"]),
    (&[("ALLOWED_ORIGINS", "*")], ["settings", "error", "ALLOWED_ORIGINS", "`*` is not an origin"]),
    (&[("POLICY_FILE", "/nowhere")], ["settings", "error", "POLICY_FILE", "/nowhere"]),
    (
        &[("JWT_ROLE_CLAIM", "user_metadata.role")],
        ["settings", "error", "JWT_ROLE_CLAIM", "would choose their own role"],
    ),
    (
        &[("JWT_ROLE_CLAIM", "/user_metadata/role")],
        ["settings", "error", "JWT_ROLE_CLAIM", "app_metadata.role"],
    ),
    (&[("JWT_AUDIENCE", "")], ["identity", "warning", "JWT_AUDIENCE", "another application"]),
    (&[], ["identity", "info", "ADMIN_TOKEN", "nobody is an operator"]),
    (&[], ["key sets", "ok", "JWT_SECRET", "HS256"]),
    (&[], ["limits", "ok", "RATE_LIMIT_ON_STORE_ERROR", "nothing is handed out"]),
    (&[], ["limits", "info", "TRUSTED_PROXIES", "share BURST_PER_IP"]),
    (
        &[("RATE_LIMIT_ON_STORE_ERROR", "allow")],
        ["limits", "warning", "RATE_LIMIT_ON_STORE_ERROR", "its own memory"],
    ),
    (&[], ["policy", "ok", "the built-in policy", "student (10 tokens an hour, the default)"]),
    (&[], ["listening", "ok", "BIND_ADDR", "this machine only"]),
    (&[("BIND_ADDR", "[::]:8080")], ["listening", "info", "BIND_ADDR", "put a proxy with TLS before it"]),
    (&[("BIND_ADDR", "0.0.0.0:8080")], ["listening", "info", "BIND_ADDR", "from elsewhere"]),
    (
        &[("ALLOWED_ORIGINS", "http://localhost:3000,http://app.example")],
        ["listening", "warning", "ALLOWED_ORIGINS", "http://app.example is without TLS"],
    ),
    (&[], ["mode", "ok", "DEPLOY_ENV", "local mode"]),
    (&[("DEBUG", "true")], ["mode", "ok", "DEPLOY_ENV", "local mode"]),
    (&[("DEPLOY_ENV", "staging")], ["mode", "ok", "DEPLOY_ENV", "deployed mode, as `staging`"]),
    (&[("BIND_ADDR", "0.0.0.0:8080")], ["mode", "warning", "DEPLOY_ENV", "unsafe: not set"]),
    (&[("TRUSTED_PROXIES", "127.0.0.1")], ["mode", "warning", "DEPLOY_ENV", "unset TRUSTED_PROXIES"]),
    (&[("DEPLOY_ENV", "staging"), ("DEBUG", "true")], ["mode", "warning", "DEBUG", "this is `staging`"]),
    (&[("DEPLOY_ENV", "Staging")], ["settings", "error", "DEPLOY_ENV", "a letter first"]),
    (
        &[("BIND_ADDR", "0.0.0.0:8080"), ("SERVICE_KEY_ACCESS", "on")],
        ["settings", "error", "DEPLOY_ENV", "with SERVICE_KEY_ACCESS=on that is not safe"],
    ),
    (&[("SERVICE_KEY_ACCESS", "on")], ["mode", "info", "SERVICE_KEY_ACCESS", "those in the environment"]),
    (
        &[("DEPLOY_ENV", "staging"), ("SERVICE_KEY_ACCESS", "on")],
        ["mode", "warning", "SERVICE_KEY_ACCESS", "set ENCRYPTION_KEYS"],
    ),
    (
        &[("DEPLOY_ENV", "staging"), ("EXA_API_KEY", "exa-0123456789")],
        ["mode", "info", "EXA_API_KEY", "local mode only"],
    ),
    (&[("OPENAI_API_KEY", "")], ["provider", "warning", "OPENAI_API_KEY", "every mint is refused"]),
    (
        &[("OPENAI_API_KEY", ""), ("ENCRYPTION_KEYS", SEALING)],
        ["provider", "info", "OPENAI_API_KEY", "users mint with keys of their own"],
    ),
    (
        &[("OPENAI_BASE_URL", "http://provider.example/v1")],
        ["provider", "error", "OPENAI_BASE_URL", "travel unencrypted"],
    ),
    (
        &[("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")],
        ["provider", "info", "OPENAI_BASE_URL", "this machine itself"],
    ),
    (&[], ["provider", "info", "OPENAI_BASE_URL", "--offline"]),
    (
        &[("DATABASE_URL", "postgres://u:p@db.example/x?sslmode=disable")],
        ["database", "error", "DATABASE_URL", "unencrypted to db.example"],
    ),
    (
        &[("DATABASE_URL", "postgres://u:p@db.example/x")],
        ["database", "warning", "DATABASE_URL", "sslmode=require"],
    ),
    (
        &[("DATABASE_URL", "postgres://u:p@db.example/x?sslmode=require")],
        ["database", "ok", "DATABASE_URL", "are encrypted"],
    ),
    (&[("DATABASE_URL", "postgres://u:p@db.example/x")], ["database", "info", "DATABASE_URL", "--offline"]),
    (&[], ["database", "ok", "DATA_DIR", "there is none yet"]),
    (&[], ["database", "info", "DATA_DIR", "`ephemint serve` brings it up to date"]),
    (&[("MIGRATE", "off")], ["database", "error", "DATA_DIR", "ephemint migrate"]),
    (&[("DATA_DIR", "/dev/null/data")], ["database", "error", "DATA_DIR", "can't be written to"]),
];

#[test]
fn what_the_settings_alone_tell_is_found() {
    for (settings, [check, severity, at, says]) in CASES {
        let report = Report::of(&["--offline"], settings);
        report.expect(check, severity, at, says);
    }
}

#[test]
fn what_is_safe_is_not_complained_about() {
    let settings = [
        ("ALLOWED_ORIGINS", "http://localhost:3000,https://app.example"),
        ("JWT_ROLE_CLAIM", "app_metadata.role"),
        ("OPENAI_BASE_URL", "http://[::1]:9/v1"),
        ("DATABASE_URL", "postgres://u:p@localhost/x?sslmode=disable"),
    ];
    let report = Report::of(&["--offline"], &settings);
    report.expect_clean();
    assert!(report.ok);
}

#[test]
fn a_role_claim_that_users_write_keeps_the_service_from_starting() {
    let output = run(&["serve"], &[("JWT_SECRET", JWT_SECRET), ("JWT_ROLE_CLAIM", "user_metadata.role")]);
    assert!(!output.status.success());
    assert!(stderr(&output).contains("JWT_ROLE_CLAIM"), "{}", stderr(&output));
}

#[test]
fn a_generous_policy_is_shown_as_one() {
    let directory = EmptyDirectory::create();
    let file = directory.0.join("policy.toml");
    let policy = "
        [defaults]
        default_role = 'guest'
        instructions.en = 'Speak.'
        [roles.guest]
        [roles.staff]
        token_ttl_seconds = 601
        hourly_tokens = 101
    ";
    std::fs::write(&file, policy).unwrap();
    let path = file.to_str().unwrap();
    let report = Report::of(&["--offline"], &[("POLICY_FILE", path)]);
    report.expect("policy", "ok", path, "guest (10 tokens an hour, the default), staff (101 tokens an hour)");
    report.expect("policy", "warning", "roles.staff.token_ttl_seconds", "601 seconds");
    report.expect("policy", "info", "roles.staff.hourly_tokens", "101");
    assert!(!report.has("policy", "warning", "roles.guest.token_ttl_seconds", ""));

    std::fs::write(&file, policy.replace("token_ttl_seconds", "token_tll_seconds")).unwrap();
    let report = Report::of(&["--offline"], &[("POLICY_FILE", path)]);
    let at = format!("{path}: roles.staff.token_tll_seconds");
    report.expect("settings", "error", &at, "did you mean `token_ttl_seconds`?");
}

#[test]
fn dot_env_is_looked_through() {
    let (mut command, directory) = command(PROGRAM, &["check", "--json", "--offline"], &[]);
    let file = directory.0.join(".env");
    std::fs::write(&file, format!("JWT_SECRET={JWT_SECRET}\nDATABASE_URI=x\nALOWED_ORIGINS=x\nHOST=x\n"))
        .unwrap();
    let report = Report::read(&command.output().unwrap());
    assert!(report.ok, "a misspelt name is a warning");
    report.expect("settings", "warning", "DATABASE_URI", "did you mean DATABASE_URL?");
    report.expect("settings", "warning", "ALOWED_ORIGINS", "did you mean ALLOWED_ORIGINS?");
    assert!(!report.has("settings", "warning", "HOST", ""));

    std::fs::write(&file, "JWT_SECRET='never closed\n").unwrap();
    let report = Report::read(&command.output().unwrap());
    report.expect("settings", "error", ".env", "can't be understood");
    assert!(!report.ok);
}

#[cfg(unix)]
#[test]
fn what_others_can_read_is_told() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    let settings = [("JWT_SECRET_FILE", "jwt".to_owned()), ("DATA_DIR", "data".to_owned())];
    let (mut command, directory) = command(PROGRAM, &["check", "--json", "--offline"], &settings);
    let place = |name: &str| directory.0.join(name);
    std::fs::write(place(".env"), "LOG_FORMAT=text\n").unwrap();
    std::fs::write(place("jwt"), JWT_SECRET).unwrap();
    std::fs::create_dir(place("data")).unwrap();
    let set = |file: u32, folder: u32| {
        for name in [".env", "jwt"] {
            set_permissions(place(name), Permissions::from_mode(file)).unwrap();
        }
        set_permissions(place("data"), Permissions::from_mode(folder)).unwrap();
    };
    set(0o644, 0o755);
    let report = Report::read(&command.output().unwrap());
    report.expect("files", "warning", ".env", "chmod o-rwx .env");
    report.expect("files", "warning", "jwt", "chmod o-rwx jwt");
    report.expect("database", "warning", "DATA_DIR", "chmod o-rwx data");
    set(0o640, 0o750);
    let report = Report::read(&command.output().unwrap());
    report.expect("files", "ok", ".env, jwt", "others can't read it");
    assert!(!report.has("database", "warning", "DATA_DIR", ""));
}

#[cfg(unix)]
#[test]
fn a_data_directory_is_made_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let (mut command, directory) = command(PROGRAM, &["migrate"], &[("DATA_DIR", "new/data".to_owned())]);
    assert!(command.output().unwrap().status.success());
    let mode = std::fs::metadata(directory.0.join("new/data")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_machine_without_certificates_is_told_what_to_install() {
    let directory = EmptyDirectory::create();
    let file = directory.0.join("none.pem");
    std::fs::write(&file, "").unwrap();
    let none = ("SSL_CERT_FILE", file.to_str().unwrap());
    let report = Report::of(&["--offline"], &[none]);
    report.expect("certificates", "error", "CA certificates", "ca-certificates");
    let report = Report::of(&["--offline"], &[none, ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")]);
    report.expect("certificates", "info", "CA certificates", "needs none");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_provider_is_asked_and_nothing_is_minted() {
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    let url = simulator.base_url().to_owned();
    let base = ("OPENAI_BASE_URL", url.as_str());
    let report = Report::of(&[], &[base]);
    report.expect("provider", "ok", base.0, "models");
    report.expect("provider", "ok", "clock", "agree");
    report.expect_clean();
    let asked: Vec<_> = simulator.requests().iter().map(|request| request.path.clone()).collect();
    assert_eq!((asked, simulator.minted()), (vec!["/v1/models".to_owned()], 0));

    let report = Report::of(&[], &[base, ("OPENAI_API_KEY", "sk-wrong")]);
    report.expect("provider", "error", "OPENAI_API_KEY", "this one is not");
    let report = Report::of(&[], &[base, ("OPENAI_API_KEY", "")]);
    report.expect("provider", "ok", base.0, "wants a key");
    let elsewhere = base.1.replace("/v1", "/v2");
    let report = Report::of(&[], &[(base.0, &elsewhere)]);
    report.expect("provider", "error", base.0, "with the version");
    simulator.stop().await;
    let report = Report::of(&[], &[base]);
    report.expect("provider", "error", base.0, "can't be reached");
}

/// A provider that gives everybody the same answer, whose clock is off by so much.
fn canned_provider(status: &str, body: &str, off: TimeDelta) -> String {
    let date = (SystemClock.now() + off).format("%a, %d %b %Y %H:%M:%S GMT");
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\nDate: {date}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(answer.as_bytes());
    });
    format!("http://{address}/v1")
}

#[test]
fn models_that_go_or_are_gone_are_told() {
    let day = |days| (SystemClock.now() + TimeDelta::days(days)).format("%Y-%m-%d").to_string();
    let list =
        |days| format!(r#"{{"data":[{{"id":"gpt-realtime-2.1-mini","shutdown_date":"{}"}}]}}"#, day(days));
    for (days, warned) in [(89, true), (-1, true), (92, false)] {
        let base = canned_provider("200 OK", &list(days), TimeDelta::zero());
        let report = Report::of(&[], &[("OPENAI_BASE_URL", &base)]);
        let goes = report.has("provider", "warning", "model gpt-realtime-2.1-mini", "shuts down on");
        assert_eq!(goes, warned, "{days} days");
        report.expect("provider", "warning", "model gpt-realtime-2.1", "does not list it");
        assert!(report.ok);
    }
}

#[test]
fn answers_of_all_kinds_are_told_apart() {
    let quota = r#"{"error":{"code":"insufficient_quota"}}"#;
    for (status, body, [severity, at, says]) in [
        ("403 Forbidden", "{}", ["warning", "OPENAI_API_KEY", "let the key list models"]),
        ("429 Too Many Requests", quota, ["error", "OPENAI_API_KEY", "credit"]),
        ("429 Too Many Requests", "{}", ["warning", "OPENAI_BASE_URL", "busy"]),
        ("503 Service Unavailable", "", ["warning", "OPENAI_BASE_URL", "status 503"]),
        ("200 OK", "<html>", ["warning", "OPENAI_BASE_URL", "not a list of models"]),
    ] {
        let base = canned_provider(status, body, TimeDelta::zero());
        Report::of(&[], &[("OPENAI_BASE_URL", &base)]).expect("provider", severity, at, says);
    }
}

#[test]
fn a_clock_that_is_off_is_told() {
    for (off, severity, says) in [
        (-40, "error", "ahead of the provider"),
        (40, "error", "behind the provider"),
        (15, "warning", "behind the provider"),
    ] {
        let base = canned_provider("401 Unauthorized", "{}", TimeDelta::seconds(off));
        Report::of(&[], &[("OPENAI_BASE_URL", &base)]).expect("provider", severity, "clock", says);
    }
}

#[test]
fn a_provider_that_never_answers_is_not_waited_for_long() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    let started = SystemClock.instant();
    let report = Report::of(&[], &[("OPENAI_BASE_URL", &base)]);
    report.expect("provider", "error", "OPENAI_BASE_URL", "did not answer in time");
    assert!(started.elapsed().as_secs() < 8, "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn key_sets_are_fetched_for_a_look() {
    let key = SigningKey::p256("es");
    let server = KeyServer::start(&[&key]).await;
    let issuer = server.base().to_owned();
    let settings = [
        ("JWT_SECRET", ""),
        ("JWT_ISSUER", &issuer),
        ("SAFETY_ID_SECRET", "safety-secret-of-the-tests-0123456789"),
    ];
    let look = |arguments: &'static [&str]| {
        let settings = settings.map(|(name, value)| (name, value.to_owned()));
        tokio::task::spawn_blocking(move || {
            Report::of(arguments, &settings.each_ref().map(|(name, value)| (*name, value.as_str())))
        })
    };
    look(&[]).await.unwrap().expect("key sets", "ok", &issuer, "has 1 that can be used");
    look(&["--offline"]).await.unwrap().expect("key sets", "info", &issuer, "not fetched");
    server.publish(&[]);
    look(&[]).await.unwrap().expect("key sets", "error", &issuer, "no key that can be used");
    server.stop().await;
    look(&[]).await.unwrap().expect("key sets", "error", &issuer, "the issuer can't be asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_looked_at_and_left_as_it_is_on_sqlite() {
    a_store_is_looked_at_and_left_as_it_is(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_looked_at_and_left_as_it_is_on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        a_store_is_looked_at_and_left_as_it_is(StoreKind::Postgres).await;
    }
}

async fn a_store_is_looked_at_and_left_as_it_is(kind: StoreKind) {
    let database = TestDatabase::create(kind).await;
    let (name, place) = database.setting();
    let base = ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1");
    let settings = [base, (name, place.as_str())];
    // Twice the same: looking has not migrated anything.
    for _ in 0..2 {
        Report::of(&[], &settings).expect("database", "info", name, "the schema lacks V1__ledger");
    }
    let off = [settings[0], settings[1], ("MIGRATE", "off")];
    Report::of(&[], &off).expect("database", "error", name, "run `ephemint migrate`");

    let mut serving = [GOOD.as_slice(), &settings].concat();
    serving.push(("BIND_ADDR", "127.0.0.1:0"));
    let owned: Vec<_> = serving.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let service = ServiceProcess::start(PROGRAM, &owned);
    let report = Report::of(&[], &settings);
    report.expect("database", "ok", name, "up to date");
    if kind == StoreKind::Sqlite {
        report.expect("database", "info", name, "a server runs on it");
    } else {
        report.expect("database", "ok", "clock", "PostgreSQL agree");
        report.expect("database", "ok", name, "answers");
    }
    let (status, output) = service.stop();
    assert!(status.success(), "{output}");
    let report = Report::of(&[], &settings);
    report.expect("database", "ok", name, "up to date");
    assert!(!report.has("database", "info", name, "a server runs on it"));
}

#[test]
fn a_server_that_is_not_there_is_told_without_its_password() {
    let url = "postgres://ana:password-canary@127.0.0.1:9/x";
    let output = run(&["check"], &[("DATABASE_URL", url), ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains("DATABASE_URL: the database can't be opened"), "{text}");
    assert!(!text.contains("password-canary"), "{text}");
}

#[test]
fn people_get_a_list_and_a_summary() {
    let settings = [GOOD.as_slice(), &[("PORT", "x")]].concat();
    let output = run(&["check", "--offline"], &settings);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(1), ""));
    let text = stdout(&output);
    assert!(text.starts_with("error    settings      PORT: `x`"), "{text}");
    assert!(text.contains("\n                       write a port number"), "{text}");
    assert!(text.ends_with("\n\n1 error, no warnings\n"), "{text}");
    let help = stdout(&run(&["check", "--help"], &[]));
    assert!(help.contains("0 when nothing is wrong (warnings are allowed), 1 when something is"), "{help}");
}
