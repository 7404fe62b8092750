//! Two hundred users at once, each doing whatever users and backends can do: nothing that anybody is told, and nothing that goes
//! upstream, has anything of somebody else's in it. Logs are searched for the same by `tests/leaks`.

use std::collections::{BTreeMap, BTreeSet};

use ephemint_sim::Standing;
use ephemint_test_support::run::{self, Kind};
use ephemint_test_support::{Answer, OLDER, Person, Setup, TestApp, on_both_stores, send};
use futures_util::future::join_all;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use uuid::Uuid;

const USERS: usize = 200;

/// What each of them does.
const ACTIONS: usize = 14;

const POLICY: &str = "
    [defaults]
    default_role = 'free'
    hourly_tokens = 1000
    operator_key = 'fallback'
    instructions.en = 'Speak{% if name %} with {{ name }}{% endif %}.'
    user_may_set = ['system_prompt', 'greeting']
    [roles.free]
";

fn setup() -> Setup {
    Setup::policy(POLICY)
        .with_operator()
        .set("ENCRYPTION_KEYS", "first:a3e49f3daa9f2ae47816224f72664c896be185650667cb649d9b98efc1bd4763")
        .set("DEPLOY_ENV", "production")
        .set("SERVICE_KEY_ACCESS", "on")
}

/// Random numbers that a seed brings back.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// What is in everything of a user's: their id, name, keys and texts.
fn mark(user: usize) -> String {
    format!("Q{user:03}Q")
}

/// The marks in a text.
fn marks(text: &str) -> BTreeSet<String> {
    let is_mark =
        |piece: &&[u8]| piece[0] == b'Q' && piece[4] == b'Q' && piece[1..4].iter().all(u8::is_ascii_digit);
    text.as_bytes()
        .windows(5)
        .filter(is_mark)
        .map(|mark| String::from_utf8_lossy(mark).into_owned())
        .collect()
}

/// Somebody, and the app they are on.
struct Somebody<'a> {
    app: &'a TestApp,
    backend: &'a str,
    mark: String,
    person: Person,
}

impl Somebody<'_> {
    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.request(method, path).bearer_auth(self.person.token())
    }

    fn backend(&self, method: Method, path: &str) -> RequestBuilder {
        let path = format!("/v1/service/users/user-{}/{path}", self.mark);
        self.app.request(method, &path).bearer_auth(self.backend).header("x-reason", "isolation")
    }

    fn key(&self, provider: &str) -> RequestBuilder {
        let key = format!("sk-{provider}-{}-0123456789-canary", self.mark);
        run::secret(Kind::ProviderKey, &key);
        if provider == "openai" {
            self.app.simulator.put_account(&format!("account-{}", self.mark), &key, Standing::Good);
        }
        self.ask(Method::PUT, &format!("/v1/me/keys/{provider}")).json(&json!({ "key": key }))
    }

    fn settings(&self) -> serde_json::Value {
        json!({ "system_prompt": format!("I am {}.", self.mark), "greeting": format!("Greet {}.", self.mark) })
    }

    fn random(&self, dice: &mut Dice) -> RequestBuilder {
        match dice.below(15) {
            0 => self.key("openai"),
            1 => self.key("exa"),
            2 => self.ask(Method::GET, "/v1/me/keys"),
            3 => self.ask(Method::POST, "/v1/me/keys/openai/validate"),
            4 => self.ask(Method::DELETE, "/v1/me/keys/openai"),
            5 => self.ask(Method::PUT, "/v1/me/settings").json(&self.settings()),
            6 => self.ask(Method::GET, "/v1/me/settings"),
            7 => self.ask(Method::DELETE, "/v1/me/settings"),
            8 => self.ask(Method::POST, "/v1/me/settings/preview").json(&json!({})),
            9 => self.ask(Method::GET, "/v1/me/usage"),
            10 => self.ask(Method::POST, OLDER).json(&json!({})),
            11 => self.backend(Method::GET, "keys/exa"),
            12 => self.backend(Method::POST, "client_secrets").json(&json!({})),
            _ => self.app.mint_request(&self.person).json(&json!({})),
        }
    }

    /// Does it, and looks at what comes back.
    async fn act(&self, request: RequestBuilder) -> Answer {
        let answer = send(request).await;
        assert!(answer.status < 500, "{} {}", answer.status, answer.text);
        let found = marks(&format!("{:?} {}", answer.headers, answer.text));
        assert!(
            found.is_empty() || found == BTreeSet::from([self.mark.clone()]),
            "{found:?} told {}",
            self.mark
        );
        answer
    }
}

on_both_stores!(two_hundred_users_share_nothing, setup(), do_everything);

async fn do_everything(app: &TestApp) {
    let body = json!({ "name": "tutor", "scopes": ["keys:read", "mint"], "providers": ["exa"] });
    let backend = send(app.admin(Method::POST, "/v1/admin/services").json(&body)).await.json();
    let backend = backend["secret"].as_str().unwrap();
    let seed = u64::from_be_bytes(*Uuid::new_v4().as_bytes().first_chunk().unwrap()) | 1;
    let everybody = (0..USERS).map(|user| async move {
        let mark = mark(user);
        let person = Person::new(&format!("user-{mark}")).named(&mark);
        let somebody = Somebody { app, backend, mark, person };
        let mut dice = Dice(seed.rotate_left(user as u32) ^ (user as u64 + 1));
        let mut statuses = Vec::new();
        for _ in 0..ACTIONS {
            statuses.push(somebody.act(somebody.random(&mut dice)).await.status);
        }
        statuses
    });
    let statuses: Vec<u16> = join_all(everybody).await.into_iter().flatten().collect();
    let well = statuses.iter().filter(|status| **status < 300).count();
    assert!(well > statuses.len() * 2 / 3, "seed {seed}: only {well} of {}", statuses.len());
    expect_apart_upstream(app);
    let metrics = marks(&app.metrics().await);
    assert!(metrics.is_empty(), "{metrics:?}");
}

/// Each request upstream is one user's, down to the key; and nobody else has that user's safety identifier.
fn expect_apart_upstream(app: &TestApp) {
    let mut identifiers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut own = 0;
    for request in app.simulator.requests() {
        let account = request.account.unwrap_or_default();
        let body = request.body.map(|body| body.to_string()).unwrap_or_default();
        let whose = marks(&format!("{account} {body}"));
        assert!(whose.len() <= 1, "{account}: {body}");
        own += usize::from(!marks(&account).is_empty());
        if let (Some(identifier), Some(mark)) = (request.safety_identifier, whose.first()) {
            identifiers.entry(identifier).or_default().insert(mark.clone());
        }
    }
    assert!(own > USERS / 4, "only {own} requests by keys of users");
    assert!(identifiers.values().all(|whose| whose.len() == 1), "{identifiers:?}");
    assert!(identifiers.len() > USERS / 2, "only {} users were minted for", identifiers.len());
}
