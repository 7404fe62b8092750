//! Nothing that is secret gets into a log, at whatever level: the program itself, run through successes and failures
//! with a canary in every place that has something to hide.

use ephemint_sim::{Fault, Settings, Simulator};
use ephemint_test_support::{
    Answer, EmptyDirectory, ISSUER, JWT_SECRET, MINT, OLDER, Person, ServiceProcess, StoreKind, TestDatabase,
    USAGE, send,
};
use reqwest::{Client, Method, RequestBuilder, Url};
use serde_json::{Value, json};

const API_KEY: &str = "sk-canary-0b7e";
const ADMIN_TOKEN: &str = "admin-canary-0123456789abcdef012345";
const SAFETY_SECRET: &str = "safety-canary-0123456789abcdef0123";
const DATABASE_PASSWORD: &str = "password-canary-5d2a";
const NAME: &str = "Canaria";
const TABLE_NAME: &str = "Tabularia";

const SERVER_TOKEN: &str = "server-token-canary-91c3";
const SERVER_KEY: &str = "server-key-canary-a6f8";

/// In the policy's text, in own instructions, in own tools, in bodies, paths, queries and headers.
const TEXTS: [&str; 13] = [
    "canary-of-the-policy",
    "canary-of-a-server",
    "canary-of-its-tools",
    "canary-of-a-spelling",
    "canary-of-own-words",
    "canary-of-own-tools",
    "canary-of-a-setting",
    "canary-of-malformed-json",
    "canary-of-unknown-members",
    "canary-of-a-voice",
    "canary-of-a-query",
    "canary-of-a-cookie",
    "canary-of-a-bad-id",
];

const POLICY: &str = "
    [defaults]
    default_role = 'free'
    hourly_tokens = 1000
    instructions.en = 'canary-of-the-policy{% if name %} {{ name }}{% endif %}'
    instructions.es = 'canary-of-the-policy, en español'
    session_types = ['realtime', 'transcription', 'translation']
    tools = [{ type = 'mcp', server_label = 'library', server_url = 'https://canary-of-a-server.example',
               allowed_tools = ['canary-of-its-tools'], authorization_env = 'SERVER_TOKEN',
               headers_env = { X-Key = 'SERVER_KEY' } }]
    [defaults.transcription_session]
    prompt = 'canary-of-a-spelling'
    [roles.free]
    allow_instructions = true
    allow_tools = true
    user_may_set = ['system_prompt', 'greeting', 'tools']
";

/// The program, what it talks to, and all that must not be in its log.
struct Aviary {
    process: ServiceProcess,
    simulator: Simulator,
    database: TestDatabase,
    http: Client,
    person: Person,
    canaries: Vec<String>,
    /// How each mint ended, in the log's words.
    mints: Vec<String>,
    _policy: EmptyDirectory,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_is_logged_on_sqlite() {
    fly(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_is_logged_on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        fly(StoreKind::Postgres).await;
    }
}

async fn fly(store: StoreKind) {
    let mut aviary = Aviary::open(store).await;
    aviary.mint_in_every_way().await;
    aviary.be_refused().await;
    aviary.meet_faults().await;
    aviary.lose_the_store().await;
    let Aviary { process, simulator, canaries, mints, .. } = aviary;
    let (status, log) = process.stop();
    assert!(status.success(), "{status}: {log}");
    for canary in &canaries {
        let line = log.lines().find(|line| line.contains(canary));
        assert_eq!(line, None, "{canary} is in the log");
    }
    check_lines(&log, &mints);
    simulator.stop().await;
}

/// Every line is JSON; each mint has one, and in order.
fn check_lines(log: &str, mints: &[String]) {
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap_or_default()).collect();
    for (line, text) in lines.iter().zip(log.lines()) {
        assert!(line["level"].is_string() && line["timestamp"].is_string(), "{text}");
    }
    let of_mints: Vec<&Value> = lines.iter().filter(|line| line["message"] == "mint").collect();
    let outcomes: Vec<&str> = of_mints.iter().map(|line| line["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, mints);
    for line in of_mints {
        assert_eq!(line["user"], "ana", "{line}");
        assert!(line["span"]["id"].as_str().is_some_and(|id| id.starts_with("req_")), "{line}");
        assert_eq!((&line["role"], &line["language"]), (&json!("free"), &json!("en")), "{line}");
    }
    assert!(lines.iter().any(|line| line["level"] == "TRACE"), "the log was not at its loudest");
}

impl Aviary {
    async fn open(store: StoreKind) -> Self {
        let settings = Settings { api_key: API_KEY.to_owned(), ..Settings::default() };
        let simulator = Simulator::start(settings).await.unwrap();
        let database = TestDatabase::create(store).await;
        let policy = EmptyDirectory::create();
        let policy_file = policy.0.join("policy.toml");
        std::fs::write(&policy_file, POLICY).unwrap();
        let (place, password) = with_password(database.setting());
        let settings = [
            ("BIND_ADDR", "127.0.0.1:0".to_owned()),
            ("OPENAI_API_KEY", API_KEY.to_owned()),
            ("OPENAI_BASE_URL", simulator.base_url().to_owned()),
            ("OPENAI_TIMEOUT_MS", "1000".to_owned()),
            ("JWT_SECRET", JWT_SECRET.to_owned()),
            ("JWT_ISSUER", ISSUER.to_owned()),
            ("SAFETY_ID_SECRET", SAFETY_SECRET.to_owned()),
            ("ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
            ("SERVER_TOKEN", SERVER_TOKEN.to_owned()),
            ("SERVER_KEY", SERVER_KEY.to_owned()),
            ("POLICY_FILE", policy_file.display().to_string()),
            // Everything below comes as fast as it can.
            ("BURST_PER_USER", "0".to_owned()),
            ("BURST_PER_IP", "0".to_owned()),
            ("RUST_LOG", "trace".to_owned()),
            ("LOG_FORMAT", "json".to_owned()),
            place,
        ];
        let process = ServiceProcess::start(env!("CARGO_BIN_EXE_ephemint"), &settings);
        let person = Person::new("ana").named(NAME);
        let secrets =
            [API_KEY, JWT_SECRET, ADMIN_TOKEN, SAFETY_SECRET, SERVER_TOKEN, SERVER_KEY, NAME, TABLE_NAME];
        let mut canaries: Vec<String> =
            secrets.iter().chain(&TEXTS).map(|&canary| canary.to_owned()).collect();
        canaries.extend(password);
        // Any part of the token would do harm or tell who it was.
        canaries.extend(person.token().split('.').map(str::to_owned));
        let http = Client::builder().no_proxy().build().unwrap();
        Self { process, simulator, database, http, person, canaries, mints: Vec::new(), _policy: policy }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.process.base()))
    }

    fn mint_request(&self) -> RequestBuilder {
        self.request(Method::POST, MINT).bearer_auth(self.person.token())
    }

    /// Asks for a token, and notes what the log is to say.
    async fn mint(&mut self, body: Value) -> Answer {
        let answer = send(self.mint_request().json(&body)).await;
        for canary in [SERVER_TOKEN, SERVER_KEY].iter().chain(&TEXTS) {
            let own = body.to_string().contains(canary);
            assert!(own || !answer.text.contains(canary), "{canary} is in the answer: {}", answer.text);
        }
        if answer.status == 200 {
            self.canaries.push(answer.json()["value"].as_str().unwrap().to_owned());
            self.mints.push("issued".to_owned());
        } else if answer.code() != "invalid_request" {
            self.mints.push(answer.code());
        }
        answer
    }

    async fn mint_in_every_way(&mut self) {
        self.set_everything().await;
        let tool = json!({"type": "function", "name": "f", "description": "canary-of-own-tools"});
        for body in [
            json!({}),
            json!({"session": {"type": "transcription"}}),
            json!({"session": {"type": "translation"}}),
            json!({"session": {"instructions": "canary-of-own-words"}}),
            json!({"session": {"tools": [tool]}}),
            json!({"session": {"output_modalities": ["text"]}, "expires_after": {"seconds": 10}}),
        ] {
            assert_eq!(self.mint(body).await.status, 200);
        }
        self.database.put_user(&self.person.user(), "NULL", &format!("'{TABLE_NAME}'"), false).await;
        assert_eq!(self.mint(json!({})).await.status, 200);
        let older = self.request(Method::POST, OLDER).bearer_auth(self.person.token());
        let answer = send(older.json(&json!({"userRole": "canary-of-a-query"}))).await;
        self.canaries.push(answer.json()["token"].as_str().unwrap().to_owned());
        self.mints.push("issued".to_owned());
        let usage = self.request(Method::GET, &format!("{USAGE}?token=canary-of-a-query"));
        let usage = usage.bearer_auth(self.person.token()).header("cookie", "a=canary-of-a-cookie");
        assert_eq!(send(usage.header("x-request-id", "canary-of-a-bad-id/x")).await.status, 200);
        for path in ["/healthz", "/readyz", "/openapi.yaml"] {
            assert_eq!(send(self.request(Method::GET, path)).await.status, 200);
        }
    }

    /// Settings that are refused, and then some that are in force in all mints that follow.
    async fn set_everything(&self) {
        let canary = "canary-of-a-setting";
        let tool = json!({"type": "function", "name": "g", "description": canary});
        for (settings, status) in [
            (json!({"speed": canary}), 400),
            (json!({"voice": canary}), 403),
            (json!({"system_prompt": canary, "greeting": canary, "tools": [tool]}), 200),
        ] {
            let put = self.request(Method::PUT, "/v1/me/settings").bearer_auth(self.person.token());
            assert_eq!(send(put.json(&settings)).await.status, status);
            let preview = self.request(Method::POST, "/v1/me/settings/preview");
            let preview =
                send(preview.bearer_auth(self.person.token()).json(&json!({"settings": settings}))).await;
            assert_eq!(preview.status, status);
            assert!(!preview.text.contains("canary-of-the-policy"), "{}", preview.text);
        }
        let shown = self.request(Method::GET, "/v1/me/settings").bearer_auth(self.person.token());
        assert!(send(shown).await.text.contains(canary));
    }

    async fn be_refused(&mut self) {
        let voice = json!({"session": {"audio": {"output": {"voice": "canary-of-a-voice"}}}});
        assert_eq!(self.mint(voice).await.code(), "not_allowed");
        assert_eq!(self.mint(json!({"canary-of-unknown-members": 1})).await.status, 400);
        for malformed in ["{\"role\": \"canary-of-malformed-json", "canary-of-malformed-json"] {
            let request = self.mint_request().header("content-type", "application/json").body(malformed);
            assert_eq!(send(request).await.status, 400);
        }
        let large = "canary-of-malformed-json".repeat(4_000);
        assert_eq!(send(self.mint_request().body(large)).await.status, 413);
        assert_eq!(send(self.mint_request().body("canary-of-malformed-json")).await.status, 415);
        assert_eq!(send(self.request(Method::GET, "/canary-of-a-query")).await.status, 404);
        let token = self.person.token();
        for bad in [format!("Bearer {token}x"), format!("Basic {token}"), token] {
            let request = self.request(Method::GET, USAGE).header("authorization", bad);
            assert_eq!(send(request).await.status, 401);
        }
    }

    async fn meet_faults(&mut self) {
        for fault in [
            Fault::Unauthorized,
            Fault::Forbidden,
            Fault::RateLimited { retry_after: 20 },
            Fault::InsufficientQuota,
            Fault::ServerError,
            Fault::Unavailable,
            Fault::Hang,
            Fault::Reset,
            Fault::Cut,
            Fault::Garbage,
            Fault::NoValue,
            Fault::Redirect { location: "http://127.0.0.1:9/canary-of-a-query".to_owned() },
            Fault::Oversized { bytes: 600_000 },
        ] {
            self.simulator.set_fault(fault);
            assert!(self.mint(json!({})).await.status >= 500);
        }
        self.simulator.clear_fault();
    }

    async fn lose_the_store(&mut self) {
        self.database.execute("ALTER TABLE mints RENAME TO taken_away").await;
        assert_eq!(self.mint(json!({})).await.code(), "store_unavailable");
        self.database.execute("ALTER TABLE taken_away RENAME TO mints").await;
        assert_eq!(self.mint(json!({})).await.status, 200);
    }
}

/// The database's setting with a password to look for. A server that trusts us takes any; where ours has one, that is it.
fn with_password((name, value): (&'static str, String)) -> ((&'static str, String), Option<String>) {
    let Ok(mut url) = Url::parse(&value) else {
        return ((name, value), None);
    };
    if url.password().is_none() {
        url.set_password(Some(DATABASE_PASSWORD)).unwrap();
    }
    let password = url.password().map(str::to_owned);
    ((name, url.to_string()), password)
}
