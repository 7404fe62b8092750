//! The address of older designs: exactly the form that their front ends know, and nothing of ours in it.

use ephemint_sim::Fault;
use ephemint_test_support::{
    Answer, OLDER, Person, Setup, StoreKind, TestApp, on_both_stores, on_sqlite, send,
};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

fn request(app: &TestApp, person: &Person) -> RequestBuilder {
    app.request(Method::POST, OLDER).bearer_auth(person.token())
}

async fn ask(app: &TestApp, person: &Person, body: Value) -> Answer {
    send(request(app, person).json(&body)).await
}

on_both_stores!(an_older_page_gets_its_token, Setup::default(), ask_as_of_old);

async fn ask_as_of_old(app: &TestApp) {
    let ana = Person::new("ana").named("Ana");
    let answer = ask(app, &ana, json!({"userRole": "student", "language": "es"})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    assert!(body["token"].as_str().unwrap().starts_with("ek_"), "{body}");
    let asked_at = app.simulator.last_request().unwrap().at.timestamp();
    let expires_at = body["expiresAt"].as_i64().unwrap();
    assert!(((asked_at + 60) * 1000..=(asked_at + 61) * 1000).contains(&expires_at), "{expires_at}");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("ratelimit-policy"), "\"hourly\";q=10;w=3600");
    assert_eq!(answer.header("ratelimit"), "\"hourly\";r=9;t=3600");
    assert_eq!(answer.header("cache-control"), "no-store");

    let sent = app.simulator.last_request().unwrap();
    assert_eq!(sent.path, "/v1/realtime/client_secrets");
    assert_eq!(app.sent_upstream()["session"]["type"], "realtime");
    let told = app.instructions_upstream();
    assert!(told.starts_with("Eres Mentor Virtual") && told.contains("Ana"), "{told}");
    app.expect_outcomes(&["issued"]).await;
    assert_eq!(app.database.texts("SELECT session_type FROM mints").await, ["realtime"]);
    assert_eq!(app.usage(&ana).await.json()["tokens"]["last_hour"], 1);
}

on_sqlite!(nothing_has_to_be_said, Setup::default(), ask_for_little);

async fn ask_for_little(app: &TestApp) {
    let json = ("content-type", "application/json");
    let forms: [fn(RequestBuilder) -> RequestBuilder; 5] = [
        |request| request,
        |request| request.body(""),
        |request| request.json(&json!({})),
        |request| request.json(&json!({"userRole": null, "language": null})),
        |request| request.header("content-type", "application/json; charset=utf-8").body("{}"),
    ];
    for (n, form) in forms.iter().enumerate() {
        let plain = request(app, &Person::new(&format!("user {n}"))).header("accept-language", "es-MX");
        assert_eq!(send(form(plain)).await.status, 200, "{n}");
        assert!(app.instructions_upstream().starts_with("Eres"), "{n}: the browser's language holds");
    }
    let empty = request(app, &Person::new("ana")).header(json.0, json.1).body("");
    assert_eq!(send(empty).await.status, 200);
}

on_both_stores!(a_role_that_is_not_the_users_is_passed_over, Setup::default(), ask_for_roles);

async fn ask_for_roles(app: &TestApp) {
    let nobody = Person::new("ana");
    let teacher = Person::new("tea").as_role("teacher");
    let tabled = Person::new("tab").as_role("teacher");
    app.database.put_user(&tabled.user(), "'family'", "NULL", false).await;
    let mut expected = Vec::new();
    for (person, asked, role) in [
        (&nobody, "student", "student"),
        (&nobody, "family", "family"),
        (&nobody, "teacher", "student"),
        (&nobody, "king", "student"),
        (&nobody, "", "student"),
        (&teacher, "teacher", "teacher"),
        (&teacher, "student", "teacher"),
        (&teacher, "king", "teacher"),
        (&tabled, "teacher", "family"),
        (&tabled, "family", "family"),
    ] {
        let answer = ask(app, person, json!({"userRole": asked})).await;
        assert_eq!(answer.status, 200, "{asked}: {}", answer.text);
        expected.push(role);
        app.advance(1);
    }
    let roles = app.database.texts("SELECT role FROM mints ORDER BY created_at, id").await;
    assert_eq!(roles, expected);
}

on_both_stores!(both_addresses_spend_one_hour, Setup::default(), spend_at_both);

async fn spend_at_both(app: &TestApp) {
    let ana = Person::new("ana");
    for _ in 0..5 {
        assert_eq!(app.mint(&ana, json!({})).await.status, 200);
        assert_eq!(ask(app, &ana, json!({})).await.status, 200);
    }
    app.advance(600);
    assert_eq!(app.mint(&ana, json!({})).await.status, 429);
    let answer = ask(app, &ana, json!({})).await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.header("retry-after"), "3000");
    assert_eq!(answer.header("ratelimit-policy"), "\"hourly\";q=10;w=3600");
    assert_eq!(answer.header("ratelimit"), "\"hourly\";r=0;t=3000");
    assert_eq!(app.simulator.minted(), 10);
    app.advance(3000);
    assert_eq!(ask(app, &ana, json!({})).await.status, 200);
}

/// An error's status, and what its one member says. That it has one is checked of every answer.
fn refusal(answer: &Answer) -> (u16, String) {
    assert!(!answer.header("x-request-id").is_empty());
    (answer.status, answer.json()["error"].as_str().unwrap().to_owned())
}

const NARROW: &str = "
    defaults.default_role = 'one'
    defaults.instructions.en = 'Speak.'
    roles.one.hourly_tokens = 1
    roles.mute.session_types = ['transcription']
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_error_is_a_sentence_on_sqlite() {
    err(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_error_is_a_sentence_on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        err(StoreKind::Postgres).await;
    }
}

async fn err(store: StoreKind) {
    let setup = Setup::policy(NARROW).set("OPENAI_TIMEOUT_MS", "500");
    let app = TestApp::start(store, setup).await;
    be_refused(&app).await;
    meet_faults(&app).await;
    lose_the_store(&app).await;
    app.stop().await;
    let keyless = TestApp::start(store, Setup::default().set("OPENAI_API_KEY", "")).await;
    let (status, said) = refusal(&ask(&keyless, &Person::new("ana"), json!({})).await);
    assert!(status == 409 && said.contains("OPENAI_API_KEY"), "{status} {said}");
    keyless.stop().await;
}

async fn be_refused(app: &TestApp) {
    let ana = Person::new("ana");
    for (body, said) in [
        ("{\"role\": \"student\"}", "unknown field `role`"),
        ("{\"userrole\": \"student\"}", "unknown field"),
        ("{\"session\": {}}", "unknown field"),
        ("{\"userRole\": 7}", "invalid type"),
        ("{\"userRole\": \"a\", \"userRole\": \"b\"}", "duplicate"),
        ("[]", "expected an object"),
        ("{", "EOF"),
        ("{\"language\": \"not a language\"}", "language tag"),
    ] {
        let request = request(app, &ana).header("content-type", "application/json").body(body);
        let (status, text) = refusal(&send(request).await);
        assert!(status == 400 && text.contains(said), "{body}: {status} {text}");
    }
    let stranger = send(app.request(Method::POST, OLDER)).await;
    assert_eq!(refusal(&stranger).0, 401);
    assert_eq!(stranger.header("www-authenticate"), "Bearer error=\"invalid_token\"");
    let forged = app.request(Method::POST, OLDER).bearer_auth(format!("{}x", ana.token()));
    assert_eq!(refusal(&send(forged).await).0, 401);

    let disabled = Person::new("dis");
    app.database.put_user(&disabled.user(), "NULL", "NULL", true).await;
    assert_eq!(refusal(&ask(app, &disabled, json!({})).await).0, 403);
    let mute = Person::new("mute").as_role("mute");
    let (status, said) = refusal(&ask(app, &mute, json!({})).await);
    assert!(status == 403 && said.contains("allowed: transcription"), "{said}");
    let unknown = Person::new("unk");
    app.database.put_user(&unknown.user(), "'king'", "NULL", false).await;
    assert_eq!(refusal(&ask(app, &unknown, json!({"userRole": "one"})).await).0, 403);

    for method in [Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let answer = send(app.request(method, OLDER).bearer_auth(ana.token())).await;
        assert_eq!((refusal(&answer).0, answer.header("allow")), (405, "POST"));
    }
    let large = request(app, &ana).header("content-type", "application/json").body(" ".repeat(70_000));
    assert_eq!(refusal(&send(large).await).0, 413);
    let text = request(app, &ana).header("content-type", "text/plain").body("{}");
    assert_eq!(refusal(&send(text).await).0, 415);

    assert_eq!(app.simulator.requests().len(), 0);
    assert_eq!(ask(app, &ana, json!({})).await.status, 200, "none of it cost anything");
    let spent = ask(app, &ana, json!({})).await;
    assert_eq!((refusal(&spent).0, spent.header("retry-after")), (429, "3600"));
}

async fn meet_faults(app: &TestApp) {
    for (n, (fault, expected, retry_after)) in [
        (Fault::Forbidden, 502, ""),
        (Fault::ServerError, 502, ""),
        (Fault::Garbage, 502, ""),
        (Fault::RateLimited { retry_after: 7 }, 503, "7"),
        (Fault::Hang, 504, ""),
    ]
    .into_iter()
    .enumerate()
    {
        app.simulator.fail_next(1, fault);
        let answer = ask(app, &Person::new(&format!("user {n}")), json!({})).await;
        assert_eq!((refusal(&answer).0, answer.header("retry-after")), (expected, retry_after));
    }
}

async fn lose_the_store(app: &TestApp) {
    app.database.execute("ALTER TABLE mints RENAME TO taken_away").await;
    let answer = ask(app, &Person::new("bo"), json!({})).await;
    assert_eq!((refusal(&answer).0, answer.header("retry-after")), (503, "1"));
    assert!(!answer.text.contains("mints"), "{}", answer.text);
    app.database.execute("ALTER TABLE taken_away RENAME TO mints").await;
}

const APP: &str = "https://app.example.com";

on_sqlite!(
    older_pages_call_from_their_origin,
    Setup::default().set("ALLOWED_ORIGINS", APP),
    call_from_a_page
);

async fn call_from_a_page(app: &TestApp) {
    let headers = "authorization, x-client-info, apikey, content-type";
    let preflight = |origin: &str| {
        app.request(Method::OPTIONS, OLDER)
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", headers)
    };
    let answer = send(preflight(APP)).await;
    assert!(matches!(answer.status, 200 | 204), "{} {}", answer.status, answer.text);
    assert_eq!(answer.header("access-control-allow-origin"), APP);
    let allowed = answer.header("access-control-allow-headers").to_ascii_lowercase();
    assert!(headers.split(", ").all(|header| allowed.contains(header)), "{allowed}");
    let stranger = send(preflight("https://evil.example")).await;
    assert_eq!(refusal(&stranger).0, 400);
    assert_eq!(stranger.header("access-control-allow-origin"), "");

    let ana = Person::new("ana");
    let like_supabase = |request: RequestBuilder| {
        request
            .header("origin", APP)
            .header("x-client-info", "supabase-js-web/2.45.0")
            .header("apikey", "anon")
    };
    let minted = send(like_supabase(request(app, &ana)).json(&json!({"userRole": "student"}))).await;
    assert_eq!(minted.status, 200, "{}", minted.text);
    let refused = send(like_supabase(app.request(Method::POST, OLDER))).await;
    assert_eq!(refusal(&refused).0, 401);
    for answer in [minted, refused] {
        assert_eq!(answer.header("access-control-allow-origin"), APP);
        let exposed = answer.header("access-control-expose-headers").to_ascii_lowercase();
        assert!(
            ["ratelimit", "retry-after", "x-request-id"].iter().all(|name| exposed.contains(name)),
            "{exposed}"
        );
    }
}
