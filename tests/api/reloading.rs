//! The policy file is read again while the service runs: the program itself.

use std::path::PathBuf;

use ephemint::policy::version;
use ephemint_sim::{DEMO_API_KEY, Settings, Simulator};
use ephemint_test_support::{
    ADMIN_TOKEN, EmptyDirectory, JWT_SECRET, METRICS, MINT, Person, ServiceProcess, StoreKind, TestDatabase,
    send,
};
use serde_json::{Value, json};

const LOADED: &str = "the policy file was read again and is in force";
const KEPT: &str = "the policy stays as it was";
const MISTAKE: &str = "the policy file has a mistake";

/// A policy under which everybody may mint so often.
fn policy(hourly_tokens: u16) -> String {
    format!(
        "defaults.default_role = 'one'
         defaults.instructions.en = 'Speak.'
         roles.one.hourly_tokens = {hourly_tokens}
         roles.boss.hourly_tokens = 1
        "
    )
}

struct Service {
    process: ServiceProcess,
    simulator: Simulator,
    folder: EmptyDirectory,
    http: reqwest::Client,
    database: TestDatabase,
}

impl Service {
    /// With a policy file of ten tokens an hour, under this name in a folder of its own.
    async fn start() -> Self {
        let simulator = Simulator::start(Settings::default()).await.unwrap();
        let database = TestDatabase::create(StoreKind::Sqlite).await;
        let folder = EmptyDirectory::create();
        std::fs::write(folder.0.join("policy.toml"), policy(10)).unwrap();
        let settings = [
            ("BIND_ADDR", "127.0.0.1:0".to_owned()),
            ("OPENAI_API_KEY", DEMO_API_KEY.to_owned()),
            ("OPENAI_BASE_URL", simulator.base_url().to_owned()),
            ("JWT_SECRET", JWT_SECRET.to_owned()),
            ("ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
            ("ADMIN_ROLES", "boss".to_owned()),
            ("POLICY_FILE", folder.0.join("policy.toml").display().to_string()),
            ("A_TOKEN_FILE", folder.0.join("token").display().to_string()),
            database.setting(),
        ];
        let process = ServiceProcess::start(env!("CARGO_BIN_EXE_ephemint"), &settings);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { process, simulator, folder, http, database }
    }

    fn file(&self) -> PathBuf {
        self.folder.0.join("policy.toml")
    }

    /// The limit that somebody new is told.
    async fn limit(&self, sub: &str) -> Value {
        let url = format!("{}{MINT}", self.process.base());
        let answer = send(self.http.post(url).bearer_auth(Person::new(sub).token()).json(&json!({}))).await;
        answer.json()["rate_limit"]["limit"].clone()
    }

    /// What the provider was last told to open a server with.
    fn credential(&self) -> Value {
        self.simulator.last_request().unwrap().body.unwrap()["session"]["tools"][0]["authorization"].clone()
    }

    async fn metric(&self, line: &str) {
        let url = format!("{}{METRICS}", self.process.base());
        let text = send(self.http.get(url).bearer_auth(ADMIN_TOKEN)).await.text;
        assert!(text.lines().any(|known| known == line), "{line} is missing in {text}");
    }

    /// Leaves the database to be looked at.
    async fn stop(self) -> TestDatabase {
        let (status, output) = self.process.stop();
        assert!(status.success(), "{output}");
        self.simulator.stop().await;
        self.database
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_changes_is_read_again() {
    let service = Service::start().await;
    assert_eq!(service.limit("a").await, 10);
    service.metric(&format!("ephemint_policy_version{{version=\"{}\"}} 1", version(&policy(10)))).await;

    std::fs::write(service.file(), policy(20)).unwrap();
    let lines = service.process.expect_logged(LOADED, 1).await;
    assert_eq!(lines[0]["version"], version(&policy(20)));
    assert_eq!(service.limit("b").await, 20);
    service.metric(&format!("ephemint_policy_version{{version=\"{}\"}} 1", version(&policy(20)))).await;
    service.metric("ephemint_policy_reloads_total{result=\"loaded\"} 1").await;

    // Moved into its place, as editors and deployments do.
    let beside = service.folder.0.join("new.toml");
    std::fs::write(&beside, policy(30)).unwrap();
    std::fs::rename(beside, service.file()).unwrap();
    service.process.expect_logged(LOADED, 2).await;
    assert_eq!(service.limit("c").await, 30);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hangup_reads_it_at_once() {
    let service = Service::start().await;
    std::fs::write(service.file(), policy(20)).unwrap();
    service.process.signal("HUP");
    service.process.expect_logged(LOADED, 1).await;
    assert_eq!(service.limit("a").await, 20);
    // Whether or not anything has changed.
    service.process.signal("HUP");
    service.process.expect_logged(LOADED, 2).await;
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hangup_takes_up_credentials_that_were_renewed() {
    let service = Service::start().await;
    let secret = service.folder.0.join("token");
    std::fs::write(&secret, "the-first-credential").unwrap();
    let tool = "tools = [{ type = 'mcp', server_label = 'a', server_url = 'https://a.example', authorization_env = 'A_TOKEN' }]";
    std::fs::write(
        service.file(),
        policy(20).replace("defaults.instructions", &format!("defaults.{tool}\n defaults.instructions")),
    )
    .unwrap();
    service.process.expect_logged(LOADED, 1).await;
    service.limit("a").await;
    assert_eq!(service.credential(), "the-first-credential");
    // The policy's text stays as it is.
    std::fs::write(&secret, "the-second-credential").unwrap();
    service.process.signal("HUP");
    service.process.expect_logged(LOADED, 2).await;
    service.limit("a").await;
    assert_eq!(service.credential(), "the-second-credential");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_symlink_that_is_swapped_is_followed() {
    let service = Service::start().await;
    let at = |name: &str| service.folder.0.join(name);
    // As a mounted ConfigMap has it: the file is a link into a link to a folder, and that one is swapped.
    for (version, tokens) in [("v1", 20), ("v2", 30)] {
        std::fs::create_dir(at(version)).unwrap();
        std::fs::write(at(version).join("policy.toml"), policy(tokens)).unwrap();
    }
    let swap = |target: &str| {
        std::os::unix::fs::symlink(target, at("..data_tmp")).unwrap();
        std::fs::rename(at("..data_tmp"), at("..data")).unwrap();
    };
    swap("v1");
    std::os::unix::fs::symlink("..data/policy.toml", at("link.toml")).unwrap();
    std::fs::rename(at("link.toml"), service.file()).unwrap();
    service.process.expect_logged(LOADED, 1).await;
    assert_eq!(service.limit("a").await, 20);
    swap("v2");
    service.process.expect_logged(LOADED, 2).await;
    assert_eq!(service.limit("b").await, 30);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_file_keeps_the_old_policy_until_it_is_mended() {
    let service = Service::start().await;
    let broken = policy(20).replace("hourly_tokens", "hourly_tokns");
    std::fs::write(service.file(), &broken).unwrap();
    let kept = service.process.expect_logged(KEPT, 1).await;
    assert_eq!((&kept[0]["mistakes"], &kept[0]["version"]), (&json!(2), &json!(version(&policy(10)))));
    let told = service.process.expect_logged(MISTAKE, 2).await;
    for mistake in &told {
        assert!(mistake["at"].as_str().unwrap().contains("hourly_tokns"), "{mistake}");
        assert!(!mistake["mend"].as_str().unwrap().is_empty(), "{mistake}");
    }
    assert_eq!(service.limit("a").await, 10);
    service.metric("ephemint_policy_reloads_total{result=\"refused\"} 1").await;
    service.metric("ephemint_policy_refused 1").await;

    // Away, and back under a setting that no longer fits. Each change is told once, however often it is looked at.
    std::fs::remove_file(service.file()).unwrap();
    service.process.expect_logged(KEPT, 2).await;
    std::fs::write(service.file(), policy(20).replace("boss", "chief")).unwrap();
    service.process.expect_logged(KEPT, 3).await;
    let told = service.process.logged(MISTAKE);
    assert_eq!(told.len(), 4);
    assert_eq!((&told[2]["at"], &told[3]["at"]), (&json!("POLICY_FILE"), &json!("ADMIN_ROLES")));
    assert_eq!(service.limit("b").await, 10);

    std::fs::write(service.file(), policy(20)).unwrap();
    service.process.expect_logged(LOADED, 1).await;
    assert_eq!(service.limit("c").await, 20);
    assert_eq!(service.process.logged(KEPT).len(), 3);
    service.metric("ephemint_policy_refused 0").await;
    let database = service.stop().await;
    let trail = database
        .texts("SELECT action || ' ' || actor || ' ' || result || ' ' || detail FROM audit ORDER BY id")
        .await;
    let refused = |mistakes| format!("reload_policy service invalid_request {{\"mistakes\":{mistakes}}}");
    let loaded = format!("reload_policy service done {{\"version\":\"{}\"}}", version(&policy(20)));
    assert_eq!(trail, [refused(2), refused(1), refused(1), loaded]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_file_a_hangup_ends_nothing() {
    let database = TestDatabase::create(StoreKind::Sqlite).await;
    let settings =
        [("BIND_ADDR", "127.0.0.1:0".to_owned()), ("JWT_SECRET", JWT_SECRET.to_owned()), database.setting()];
    let process = ServiceProcess::start(env!("CARGO_BIN_EXE_ephemint"), &settings);
    process.signal("HUP");
    process.expect_logged("there is no policy to read again: POLICY_FILE is not set", 1).await;
    let (status, output) = process.stop();
    assert!(status.success(), "{output}");
}
