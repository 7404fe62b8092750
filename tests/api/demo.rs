//! The demo, as a newcomer runs it: nothing set, everything there.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use ephemint_test_support::run::{Place, heard};
use ephemint_test_support::{Answer, EmptyDirectory, MINT, command, send};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

struct Demo {
    child: Child,
    base: String,
    /// Where the dashboard is, and what one signs in with.
    dashboard: String,
    admin_token: String,
    http: Client,
    /// Where it may leave things.
    temporary: EmptyDirectory,
    _directory: EmptyDirectory,
}

impl Demo {
    fn start() -> Self {
        let temporary = EmptyDirectory::create();
        let settings = [("TMPDIR", temporary.0.display().to_string())];
        let (mut command, directory) =
            command(env!("CARGO_BIN_EXE_ephemint"), &["demo", "--port", "0"], &settings);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut said =
            |words: &str| lines.find_map(|line| line.trim().strip_prefix(words).map(str::to_owned)).unwrap();
        let base = said("Open ");
        let dashboard = said("What operators see: ");
        let admin_token = said("Sign in with ");
        // What it says later is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(|line| heard(Place::Log, &line)));
        let http = Client::builder().no_proxy().build().unwrap();
        Self { child, base, dashboard, admin_token, http, temporary, _directory: directory }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    async fn token(&self, user: &str) -> String {
        let answer = send(self.request(Method::POST, "/demo/token").json(&json!({"user": user}))).await;
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    async fn mint(&self, token: &str) -> Answer {
        send(self.request(Method::POST, MINT).bearer_auth(token)).await
    }

    fn stop(mut self) -> (bool, usize) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let well = self.child.wait().unwrap().success();
        (well, std::fs::read_dir(&self.temporary.0).unwrap().count())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn ten_are_minted_as_fast_as_one_clicks_and_the_eleventh_waits() {
    let demo = Demo::start();
    let ana = demo.token("ana").await;
    assert_eq!(demo.get("/demo/upstream").await.status, 404);
    for left in (0..10).rev() {
        let answer = demo.mint(&ana).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json()["rate_limit"]["remaining"], left);
    }
    let eleventh = demo.mint(&ana).await;
    assert_eq!((eleventh.status, eleventh.code().as_str()), (429, "rate_limit_exceeded"));
    assert!((3500..=3600).contains(&eleventh.header("retry-after").parse::<u32>().unwrap()));

    let upstream = demo.get("/demo/upstream").await.json();
    assert_eq!(
        (&upstream["path"], &upstream["status"]),
        (&json!("/v1/realtime/client_secrets"), &json!(200))
    );
    assert!(upstream["body"]["session"]["instructions"].as_str().unwrap().contains("Ana"));
    assert!(!upstream.to_string().contains(ephemint_sim::DEMO_API_KEY), "{upstream}");
    assert_eq!(demo.stop(), (true, 0), "it ends well and leaves nothing behind");
}

#[tokio::test]
async fn the_page_is_there_with_all_that_it_names() {
    let demo = Demo::start();
    let page = demo.get("/").await;
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    let is_file = |part: &&str| part.starts_with("/demo/") || part.starts_with("/dashboard");
    let named = page.text.split('"').filter(is_file).collect::<Vec<_>>();
    assert!(named.len() >= 3, "{named:?}");
    for path in named {
        assert_eq!(demo.get(path).await.status, 200, "{path}");
    }
    let mut modules = vec!["demo.js".to_owned()];
    for read in 0.. {
        let Some(name) = modules.get(read) else { break };
        let module = demo.get(&format!("/demo/{name}")).await;
        assert_eq!(module.status, 200, "{name}");
        let named = module.text.split('"').filter_map(|part| part.strip_prefix("./")).map(str::to_owned);
        let new: Vec<_> = named.filter(|name| !modules.contains(name)).collect();
        modules.extend(new);
    }
    assert!(modules.contains(&"ephemint.js".to_owned()), "{modules:?}");
    let choices = demo.get("/demo/config").await.json();
    assert_eq!(choices["mode"], "simulator");
    let provider = choices["provider"].as_str().unwrap();
    let policy = page.header("content-security-policy");
    assert!(policy.contains(&format!("connect-src 'self' {provider};")), "{policy}");
    let users: Vec<&Value> = choices["users"].as_array().unwrap().iter().map(|user| &user["id"]).collect();
    for user in users {
        let token = demo.token(user.as_str().unwrap()).await;
        assert_eq!(demo.mint(&token).await.status, 200, "{user}");
    }
}

#[tokio::test]
async fn operators_see_what_was_minted() {
    let demo = Demo::start();
    assert_eq!(demo.dashboard, format!("{}/dashboard", demo.base));
    assert_eq!(demo.get("/dashboard").await.status, 200);
    assert_eq!(demo.get("/demo/config").await.json()["admin_token"], demo.admin_token.as_str());
    let ana = demo.token("ana").await;
    assert_eq!(demo.mint(&ana).await.status, 200);
    let path = "/v1/admin/usage/summary";
    let summary = send(demo.request(Method::GET, path).bearer_auth(&demo.admin_token)).await;
    assert_eq!(summary.json()["rows"][0]["mints"], 1, "{}", summary.text);
    assert_eq!(send(demo.request(Method::GET, path).bearer_auth(&ana)).await.status, 401);
}

#[tokio::test]
async fn whose_key_pays_is_seen_by_everybody_who_may() {
    let demo = Demo::start();
    let config = demo.get("/demo/config").await.json();
    let key = |id: &str| {
        let users = config["users"].as_array().unwrap();
        users.iter().find(|user| user["id"] == id).unwrap()["key"].as_str().unwrap().to_owned()
    };
    let paid_by = async || {
        let upstream = demo.get("/demo/upstream").await.json();
        assert!(!upstream.to_string().contains("sk-demo"), "{upstream}");
        upstream["paid_by"].clone()
    };
    for (user, payer) in [("ana", json!("Ana")), ("rosa", json!("Rosa")), ("profe-luis", Value::Null)] {
        assert_eq!(demo.mint(&demo.token(user).await).await.status, 200);
        assert_eq!(paid_by().await, payer);
    }
    let luis = demo.token("profe-luis").await;
    let own = demo.request(Method::PUT, "/v1/me/keys/openai").bearer_auth(&luis);
    assert_eq!(send(own.json(&json!({ "key": key("profe-luis") }))).await.status, 200);
    assert_eq!(demo.mint(&luis).await.status, 200);
    assert_eq!(paid_by().await, "Luis");

    let ledger =
        send(demo.request(Method::GET, "/v1/admin/mints").bearer_auth(&demo.admin_token)).await.json();
    let rows = ledger["mints"].as_array().unwrap().iter();
    let told: Vec<_> = rows.map(|row| json!([row["user_id"], row["key_source"]])).collect();
    let expected = [
        json!(["profe-luis", "user"]),
        json!(["profe-luis", "operator"]),
        json!(["rosa", "user"]),
        json!(["ana", "user"]),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn people_may_set_something_for_themselves() {
    let demo = Demo::start();
    let ana = demo.token("ana").await;
    let own = demo.request(Method::PUT, "/v1/me/settings").bearer_auth(&ana);
    let answer = send(own.json(&json!({ "system_prompt": "Speak of boats.", "speed": 1.25 }))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(demo.mint(&ana).await.status, 200);
    let upstream = demo.get("/demo/upstream").await.json();
    assert!(upstream["body"]["session"]["instructions"].as_str().unwrap().contains("Speak of boats."));
}

#[tokio::test]
async fn it_answers_to_its_own_names_only() {
    let demo = Demo::start();
    let port = demo.base.rsplit(':').next().unwrap().to_owned();
    let with = |name: &'static str, value: String| {
        let request = demo.request(Method::GET, "/demo/config").header(name, value);
        async { send(request).await.status }
    };
    assert_eq!(with("host", format!("localhost:{port}")).await, 200);
    assert_eq!(with("host", format!("demo.example:{port}")).await, 403);
    assert_eq!(with("origin", demo.base.clone()).await, 200);
    assert_eq!(with("origin", "https://demo.example".to_owned()).await, 403);
    assert_eq!(with("origin", "null".to_owned()).await, 403);
}

#[tokio::test]
async fn the_real_provider_is_never_asked_by_accident() {
    let (mut command, _directory) = command(env!("CARGO_BIN_EXE_ephemint"), &["demo", "--live"], &[]);
    let output = command.output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("OPENAI_API_KEY"));
}
