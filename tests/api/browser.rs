//! What browsers need, and what they must not be given: CORS, headers of caution, request ids.

use std::collections::BTreeSet;

use ephemint_test_support::{Answer, MINT, Person, Setup, TestApp, USAGE, on_sqlite, send};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

const APP: &str = "https://app.example.com";
const LOCAL: &str = "http://localhost:5173";

const ALLOWED_HEADERS: &str =
    "authorization, content-type, x-client-info, apikey, x-openai-agents-sdk, x-request-id";
const EXPOSED_HEADERS: &str = "date, location, ratelimit, ratelimit-policy, retry-after, x-request-id";

/// Origins that are not those allowed, however much they look like them.
const STRANGERS: &[&str] = &[
    "https://evil.example",
    "https://app.example.com.evil.example",
    "https://evil-app.example.com",
    "https://sub.app.example.com",
    "https://example.com",
    "http://app.example.com",
    "https://app.example.com:8443",
    "https://app.example.com:443",
    "https://app.example.com/",
    "https://APP.example.com",
    "https://app.example.com, https://evil.example",
    "https://app.example.com@evil.example",
    "http://localhost",
    "http://localhost:51730",
    "http://127.0.0.1:5173",
    "null",
    "*",
    "app.example.com",
    "",
];

fn two_origins() -> Setup {
    Setup::policy(ONE_TOKEN).set("ALLOWED_ORIGINS", &format!("{APP}, {LOCAL}"))
}

const ONE_TOKEN: &str = "
    defaults.default_role = 'one'
    defaults.instructions.en = 'Speak.'
    roles.one.hourly_tokens = 1
";

fn preflight(app: &TestApp, path: &str, origin: &str, method: &str, headers: &str) -> RequestBuilder {
    app.request(Method::OPTIONS, path)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", headers)
}

/// A list in a header, as a set of lower-case words.
fn words(list: &str) -> BTreeSet<String> {
    list.split(',').map(|word| word.trim().to_ascii_lowercase()).filter(|word| !word.is_empty()).collect()
}

/// The names of the CORS headers in an answer.
fn cors_headers(answer: &Answer) -> Vec<&str> {
    let names = answer.headers.keys().map(|name| name.as_str());
    names.filter(|name| name.starts_with("access-control-")).collect()
}

on_sqlite!(allowed_origins_may_ask, two_origins(), preflight_from_allowed_origins);

async fn preflight_from_allowed_origins(app: &TestApp) {
    for origin in [APP, LOCAL] {
        for (path, method) in
            [(MINT, "POST"), (USAGE, "GET"), ("/v1/me/settings", "PUT"), ("/v1/me", "DELETE")]
        {
            let answer = send(preflight(app, path, origin, method, ALLOWED_HEADERS)).await;
            assert!(matches!(answer.status, 200 | 204), "{} {}", answer.status, answer.text);
            assert_eq!(answer.text, "");
            assert_eq!(answer.header("access-control-allow-origin"), origin);
            assert_eq!(words(answer.header("access-control-allow-methods")), words("get, post, put, delete"));
            assert_eq!(words(answer.header("access-control-allow-headers")), words(ALLOWED_HEADERS));
            assert_eq!(answer.header("access-control-allow-credentials"), "", "JWTs come in a header");
            assert!(words(answer.header("vary")).contains("origin"), "{:?}", answer.headers);
            assert_caution(&answer);
        }
    }
}

on_sqlite!(strangers_are_not_let_in, two_origins(), ask_from_strange_origins);

async fn ask_from_strange_origins(app: &TestApp) {
    for origin in STRANGERS {
        let answer = send(preflight(app, MINT, origin, "POST", "authorization")).await;
        assert_eq!(cors_headers(&answer), Vec::<&str>::new(), "{origin}");
        assert!((400..500).contains(&answer.status), "{origin}: {}", answer.status);
        assert_caution(&answer);
        let usage = app.request(Method::GET, USAGE).bearer_auth(Person::new("ana").token());
        let answer = send(usage.header("origin", *origin)).await;
        assert_eq!(cors_headers(&answer), Vec::<&str>::new(), "{origin}");
    }
}

on_sqlite!(a_preflight_may_not_ask_for_more, two_origins(), preflight_for_more);

async fn preflight_for_more(app: &TestApp) {
    for (method, headers) in [
        ("POST", "authorization, x-forwarded-for"),
        ("POST", "cookie"),
        ("PATCH", "authorization"),
        ("PUT", ""),
    ] {
        let answer = send(preflight(app, MINT, APP, method, headers)).await;
        assert_eq!(answer.code(), "invalid_request", "{method} {headers}: {}", answer.text);
    }
}

on_sqlite!(every_answer_can_be_read_by_allowed_origins, two_origins(), call_from_an_allowed_origin);

async fn call_from_an_allowed_origin(app: &TestApp) {
    let ana = Person::new("ana");
    let provider_fails = ephemint_sim::Fault::ServerError;
    let token = app.mint_request(&ana);
    let spent = app.mint_request(&ana);
    let fails = app.mint_request(&Person::new("bo"));
    for (request, status) in [
        (token, 200),
        (app.request(Method::GET, USAGE).bearer_auth(ana.token()), 200),
        (app.request(Method::GET, "/healthz"), 200),
        (app.request(Method::POST, MINT), 401),
        (app.mint_request(&ana).json(&json!({"rol": "x"})), 400),
        (app.mint_request(&ana).json(&json!({"role": "king"})), 403),
        (app.request(Method::GET, "/nowhere"), 404),
        (app.request(Method::GET, MINT), 405),
        (app.mint_request(&ana).header("content-type", "application/json").body(" ".repeat(70_000)), 413),
        (app.mint_request(&ana).body("{}"), 415),
        (spent, 429),
    ] {
        assert_readable(&send(request.header("origin", APP)).await, status);
    }
    app.simulator.fail_next(1, provider_fails);
    assert_readable(&send(fails.header("origin", APP)).await, 502);
}

fn assert_readable(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.header("access-control-allow-origin"), APP, "{status}");
    assert_eq!(words(answer.header("access-control-expose-headers")), words(EXPOSED_HEADERS), "{status}");
    assert_eq!(answer.header("access-control-allow-credentials"), "", "{status}");
    assert!(words(answer.header("vary")).contains("origin"), "{status}: {:?}", answer.headers);
}

on_sqlite!(caches_are_told_that_the_origin_matters, two_origins(), call_without_an_origin);

async fn call_without_an_origin(app: &TestApp) {
    for request in [
        app.request(Method::GET, "/openapi.yaml"),
        app.request(Method::GET, USAGE),
        app.request(Method::GET, "/x"),
    ] {
        let answer = send(request).await;
        assert!(words(answer.header("vary")).contains("origin"), "{:?}", answer.headers);
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}

on_sqlite!(without_origins_there_is_no_cors, Setup::default(), call_where_nobody_is_allowed);

async fn call_where_nobody_is_allowed(app: &TestApp) {
    for origin in [APP, LOCAL, "null", app.base()] {
        let answer = send(preflight(app, MINT, origin, "POST", "authorization")).await;
        assert_eq!(cors_headers(&answer), Vec::<&str>::new(), "{origin}");
        assert!((400..500).contains(&answer.status), "{origin}");
        for request in [app.request(Method::GET, USAGE), app.mint_request(&Person::new("ana"))] {
            let answer = send(request.header("origin", origin)).await;
            assert_eq!(cors_headers(&answer), Vec::<&str>::new(), "{origin}");
        }
    }
}

/// Headers of caution, which no answer goes without.
fn assert_caution(answer: &Answer) {
    for (name, value) in [
        ("cache-control", "no-store"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(answer.header(name), value, "{name}: {} {}", answer.status, answer.text);
    }
    assert_eq!(answer.header("server"), "");
    assert_eq!(answer.header("set-cookie"), "");
}

on_sqlite!(every_answer_is_cautious, Setup::default(), call_everything);

async fn call_everything(app: &TestApp) {
    let ana = Person::new("ana");
    for request in [
        app.mint_request(&ana),
        app.request(Method::GET, USAGE).bearer_auth(ana.token()),
        app.request(Method::GET, "/healthz"),
        app.request(Method::GET, "/readyz"),
        app.request(Method::GET, "/openapi.yaml"),
        app.request(Method::GET, "/nowhere"),
        app.request(Method::DELETE, MINT),
        app.request(Method::OPTIONS, MINT),
        app.request(Method::GET, USAGE),
        app.mint_request(&ana).json(&json!({"rol": "x"})),
        app.mint_request(&ana).json(&json!({"role": "teacher"})),
        app.mint_request(&ana).header("content-type", "application/json").body(" ".repeat(70_000)),
    ] {
        assert_caution(&send(request).await);
    }
    app.simulator.set_fault(ephemint_sim::Fault::ServerError);
    assert_caution(&send(app.mint_request(&ana)).await);
}

on_sqlite!(health_and_contract_are_public, Setup::default(), read_what_is_public);

async fn read_what_is_public(app: &TestApp) {
    let get = async |path: &str| send(app.request(Method::GET, path)).await;
    assert_eq!(get("/healthz").await.json(), json!({"status": "alive"}));
    assert_eq!(get("/readyz").await.json(), json!({"status": "ready"}));
    let contract = get("/openapi.yaml").await;
    assert_eq!(contract.header("content-type"), "application/yaml");
    assert!(contract.text.starts_with("openapi: 3."));
    assert!(app.simulator.requests().is_empty(), "none of it asks the provider");
}

on_sqlite!(a_request_has_one_id, Setup::default(), call_with_and_without_an_id);

async fn call_with_and_without_an_id(app: &TestApp) {
    let id_of = async |path: &str, given: Option<&str>| {
        let request = app.request(Method::GET, path);
        let answer =
            send(given.into_iter().fold(request, |request, id| request.header("x-request-id", id))).await;
        assert_eq!(answer.headers.get_all("x-request-id").iter().count(), 1);
        let id = answer.header("x-request-id").to_owned();
        if answer.status >= 400 {
            assert_eq!(answer.json()["instance"], format!("urn:ephemint:request:{id}"));
        }
        id
    };
    let longest = "x".repeat(64);
    let mut seen = BTreeSet::new();
    for path in ["/healthz", "/nowhere", USAGE] {
        for good in ["trace-01.AB_c", "7", &longest] {
            assert_eq!(id_of(path, Some(good)).await, good);
        }
        let too_long = "x".repeat(65);
        for bad in ["", "a b", "a\"b", "<script>", "a/b", "a:b", "é", "{}", "a\tb", &too_long] {
            let id = id_of(path, Some(bad)).await;
            assert!(is_ours(&id), "{bad:?}: {id}");
            assert!(seen.insert(id), "{bad:?}");
        }
        for _ in 0..5 {
            let id = id_of(path, None).await;
            assert!(is_ours(&id) && seen.insert(id.clone()), "{id}");
        }
    }
}

fn is_ours(id: &str) -> bool {
    let rest = id.strip_prefix("req_").unwrap_or_default();
    rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
}
