//! Requests that are refused before anything is decided: each with its code, its headers and the place of the mistake.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use ephemint_test_support::{Answer, MINT, Person, Setup, TestApp, USAGE, on_sqlite, send};
use reqwest::Method;
use serde_json::{Value, json};

on_sqlite!(malformed_bodies_are_told_where, Setup::default(), send_malformed_bodies);

/// A body that can't be taken, and the part of it that the answer names.
const MALFORMED: &[(&str, &str)] = &[
    // Not JSON, or not only.
    ("{", ""),
    ("{\"role\":", "role"),
    ("role=student", ""),
    ("{} {}", ""),
    ("{}x", ""),
    ("{\"role\": 'student'}", "role"),
    ("\u{feff}{}", ""),
    ("{\"role\": \"a\u{0}b\"}", "role"),
    // Not an object.
    ("null", ""),
    ("[]", ""),
    ("[null, null, {}, null]", ""),
    ("\"student\"", ""),
    ("7", ""),
    ("{\"session\": null}", "session"),
    ("{\"session\": []}", "session"),
    ("{\"session\": [null, null, null, {}, null, null]}", "session"),
    ("{\"session\": \"realtime\"}", "session"),
    ("{\"session\": {\"audio\": []}}", "session.audio"),
    ("{\"session\": {\"audio\": {\"output\": [\"cedar\"]}}}", "session.audio.output"),
    ("{\"expires_after\": [\"created_at\", 60]}", "expires_after"),
    ("{\"expires_after\": 60}", "expires_after"),
    // Values of another type.
    ("{\"role\": 7}", "role"),
    ("{\"role\": [\"student\"]}", "role"),
    ("{\"language\": {}}", "language"),
    ("{\"session\": {\"type\": \"chat\"}}", "session.type"),
    ("{\"session\": {\"type\": 1}}", "session.type"),
    ("{\"session\": {\"type\": {\"realtime\": null}}}", "session.type"),
    ("{\"session\": {\"output_modalities\": [{\"text\": null}]}}", "session.output_modalities[0]"),
    ("{\"session\": {\"model\": true}}", "session.model"),
    ("{\"session\": {\"output_modalities\": \"text\"}}", "session.output_modalities"),
    ("{\"session\": {\"output_modalities\": [\"audio\", \"smell\"]}}", "session.output_modalities[1]"),
    ("{\"session\": {\"audio\": {\"output\": {\"voice\": 7}}}}", "session.audio.output.voice"),
    ("{\"session\": {\"instructions\": []}}", "session.instructions"),
    ("{\"session\": {\"tools\": {}}}", "session.tools"),
    ("{\"session\": {\"tools\": [[\"function\", \"a\", null, null]]}}", "session.tools[0]"),
    ("{\"session\": {\"tools\": [{\"type\": \"function\"}]}}", "session.tools[0]"),
    ("{\"session\": {\"tools\": [{\"type\": \"web_search\", \"name\": \"a\"}]}}", "session.tools[0].type"),
    ("{\"session\": {\"tools\": [{\"type\": \"function\", \"name\": \"a\", \"x\": 1}]}}", "session.tools[0]"),
    ("{\"expires_after\": {\"anchor\": \"last_active_at\", \"seconds\": 60}}", "expires_after.anchor"),
    ("{\"expires_after\": {\"seconds\": \"60\"}}", "expires_after.seconds"),
    ("{\"expires_after\": {\"seconds\": 60.5}}", "expires_after.seconds"),
    ("{\"expires_after\": {\"seconds\": -60}}", "expires_after.seconds"),
    ("{\"expires_after\": {\"seconds\": 4294967296}}", "expires_after.seconds"),
    // Members that there are not, at each level.
    ("{\"rol\": \"student\"}", "rol"),
    ("{\"Role\": \"student\"}", "Role"),
    ("{\"session\": {\"voice\": \"cedar\"}}", "session.voice"),
    ("{\"session\": {\"turn_detection\": null}}", "session.turn_detection"),
    ("{\"session\": {\"audio\": {\"input\": {\"format\": {}}}}}", "session.audio.input.format"),
    ("{\"session\": {\"audio\": {\"input\": []}}}", "session.audio.input"),
    ("{\"session\": {\"audio\": {\"output\": {\"voic\": \"cedar\"}}}}", "session.audio.output.voic"),
    ("{\"expires_after\": {\"anchor\": \"created_at\", \"minutes\": 1}}", "expires_after.minutes"),
    // Members twice: the object that has them. The detail names the member.
    ("{\"role\": \"student\", \"role\": \"teacher\"}", ""),
    ("{\"session\": {}, \"session\": {}}", ""),
    ("{\"session\": {\"model\": \"a\", \"model\": \"b\"}}", "session"),
    ("{\"expires_after\": {\"seconds\": 10, \"seconds\": 60}}", "expires_after"),
    // Members that have to be there.
    ("{\"expires_after\": {}}", "expires_after"),
    ("{\"expires_after\": {\"anchor\": \"created_at\"}}", "expires_after"),
    // Values that no policy could allow.
    ("{\"language\": \"\"}", "language"),
    ("{\"language\": \"not a language\"}", "language"),
    ("{\"language\": \"es-\"}", "language"),
    ("{\"language\": \"español\"}", "language"),
    ("{\"session\": {\"output_modalities\": []}}", "session.output_modalities"),
    ("{\"session\": {\"output_modalities\": [\"audio\", \"text\"]}}", "session.output_modalities"),
    ("{\"session\": {\"output_modalities\": [\"text\", \"text\"]}}", "session.output_modalities"),
    ("{\"expires_after\": {\"seconds\": 9}}", "expires_after.seconds"),
    ("{\"expires_after\": {\"seconds\": 0}}", "expires_after.seconds"),
    ("{\"expires_after\": {\"seconds\": 7201}}", "expires_after.seconds"),
];

async fn send_malformed_bodies(app: &TestApp) {
    let ana = Person::new("ana");
    let mut wrong = Vec::new();
    for (body, param) in MALFORMED {
        let answer = post(app, &ana, "application/json", body.as_bytes()).await;
        if answer.error() != error(400, "invalid_request", param) {
            wrong.push(format!("{body}: not {param:?} but {}", answer.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let not_utf8 = post(app, &ana, "application/json", b"{\"role\": \"\xff\"}").await;
    assert_eq!(not_utf8.error(), error(400, "invalid_request", "role"));
    assert_eq!(app.simulator.requests().len(), 0);
    assert_eq!(app.usage(&ana).await.json()["rate_limit"]["remaining"], 10);
}

fn error(status: u16, code: &str, param: &str) -> (u16, String, String) {
    (status, code.to_owned(), param.to_owned())
}

async fn post(app: &TestApp, person: &Person, media_type: &str, body: &[u8]) -> Answer {
    send(app.mint_request(person).header("content-type", media_type).body(body.to_vec())).await
}

on_sqlite!(a_refusal_quotes_little_of_the_request, Setup::default(), send_long_values);

async fn send_long_values(app: &TestApp) {
    let long = "x".repeat(50_000);
    let bodies = [
        json!({"role": long}),
        json!({"language": long}),
        json!({long.clone(): 1}),
        json!({"session": {"type": long}}),
        json!({"session": {"model": long}}),
        json!({"session": {long.clone(): 1}}),
        json!({"session": {"audio": {"output": {"voice": long}}}}),
    ];
    for body in bodies {
        let answer = app.mint(&Person::new("ana"), body).await;
        assert!(matches!(answer.status, 400 | 403), "{}", answer.status);
        assert!(answer.text.len() < 2_000, "{} bytes", answer.text.len());
    }
}

on_sqlite!(an_error_is_a_problem_document, Setup::default(), look_at_a_problem);

async fn look_at_a_problem(app: &TestApp) {
    let request = app.mint_request(&Person::new("ana")).header("x-request-id", "r-1");
    let answer = send(request.json(&json!({"expires_after": {"seconds": 9}}))).await;
    let detail = "A token lives 10 to 7200 seconds.";
    let param = "expires_after.seconds";
    let expected = json!({
        "type": "urn:ephemint:problem:invalid_request",
        "title": "Invalid request",
        "status": 400,
        "detail": detail,
        "instance": "urn:ephemint:request:r-1",
        "code": "invalid_request",
        "param": param,
        "error": {"message": detail, "type": "invalid_request_error", "code": "invalid_request", "param": param},
    });
    assert_eq!(answer.json(), expected);
    let nowhere = send(app.request(Method::GET, "/nowhere")).await.json();
    assert_eq!(nowhere.get("param"), None);
    assert_eq!(nowhere["error"]["param"], Value::Null);
}

on_sqlite!(
    who_is_not_signed_in_is_told_so,
    Setup::default().set("JWT_AUDIENCE", "app"),
    call_without_a_token
);

async fn call_without_a_token(app: &TestApp) {
    let ana = Person::new("ana").with("aud", json!("app"));
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    let good = ana.token();
    let now = 1_795_176_000;
    let bad_tokens = [
        String::new(),
        "garbage".to_owned(),
        "a.b.c".to_owned(),
        format!("{good}x"),
        format!("{good} {good}"),
        good.replacen('.', "..", 1),
        good.rsplit_once('.').unwrap().0.to_owned(),
        "x".repeat(9 * 1024),
        ana.clone().with("pad", json!("x".repeat(9 * 1024))).token(),
        ana.clone().with("exp", json!(now - 31)).token(),
        ana.clone().with("exp", Value::Null).token(),
        ana.clone().with("nbf", json!(now + 31)).token(),
        ana.clone().with("iss", json!("https://other.example")).token(),
        ana.clone().with("aud", json!("other")).token(),
        ana.clone().with("sub", json!("")).token(),
        ana.clone().with("sub", json!(7)).token(),
        ana.clone().with("sub", json!("x".repeat(256))).token(),
        ana.clone().with("sub", json!("a\u{0}b")).token(),
        unsigned(&good),
        foreign_signature(),
    ];
    let mut headers: Vec<Vec<String>> =
        bad_tokens.iter().map(|token| vec![format!("Bearer {token}")]).collect();
    headers.extend([
        vec![],
        vec![good.clone()],
        vec!["Bearer".to_owned()],
        vec![format!("Basic {good}")],
        vec![format!("Token {good}")],
        vec![format!("Bearer {good}"), format!("Bearer {good}")],
        vec![format!("Bearer {good}"), "Basic YTpi".to_owned()],
    ]);
    for (method, path) in [(Method::POST, MINT), (Method::GET, USAGE)] {
        for values in &headers {
            let request = app.request(method.clone(), path);
            let request =
                values.iter().fold(request, |request, value| request.header("authorization", value));
            let answer = send(request).await;
            let case = format!("{path} {:.80}: {}", values.join(" | "), answer.text);
            assert_eq!(answer.error(), error(401, "unauthorized", ""), "{case}");
            assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"", "{case}");
            assert_eq!(answer.header("ratelimit"), "", "{case}");
            assert!(answer.text.len() < 1_000, "{case}");
        }
    }
    assert_eq!(app.simulator.requests().len(), 1);
    let lower = app.request(Method::GET, USAGE).header("authorization", format!("bearer {good}"));
    assert_eq!(send(lower).await.status, 200, "schemes don't mind case");
}

/// The same claims under `alg: none`.
fn unsigned(token: &str) -> String {
    let header = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    format!("{header}.{}.", token.split('.').nth(1).unwrap())
}

/// Good claims, signed by somebody else.
fn foreign_signature() -> String {
    let claims =
        json!({"iss": ephemint_test_support::ISSUER, "aud": "app", "sub": "ana", "exp": 4_000_000_000_i64});
    ephemint::auth::sign(&claims, &"another secret of thirty-two bytes!!".to_owned().into()).unwrap()
}

on_sqlite!(a_token_ends_by_the_clock, Setup::default(), outlive_a_token);

async fn outlive_a_token(app: &TestApp) {
    let ana = Person::new("ana").with("exp", json!(1_795_176_060));
    assert_eq!(app.usage(&ana).await.status, 200);
    app.advance(89);
    assert_eq!(app.usage(&ana).await.status, 200, "clocks may differ by half a minute");
    app.advance(1);
    assert_eq!(app.usage(&ana).await.error(), error(401, "unauthorized", ""));
}

on_sqlite!(there_is_nothing_elsewhere, Setup::default(), get_lost);

async fn get_lost(app: &TestApp) {
    let long = format!("/{}", "x".repeat(5_000));
    for path in [
        "/",
        "/v1",
        "/v1/",
        "/v1/realtime",
        "/v1/realtime/client_secrets/",
        "/v1//realtime/client_secrets",
        "/V1/realtime/client_secrets",
        "/v1/me/usage/",
        "/v1/realtime/sessions",
        "/openapi.yaml/..%2fCargo.toml",
        "/.env",
        "/%00",
        &long,
    ] {
        for method in [Method::GET, Method::POST] {
            let answer = send(app.request(method, path).bearer_auth(Person::new("ana").token())).await;
            assert_eq!(answer.error(), error(404, "not_found", ""), "{path}");
            assert!(answer.text.len() < 1_000, "{path}");
        }
    }
}

on_sqlite!(each_address_takes_its_own_methods, Setup::default(), use_wrong_methods);

async fn use_wrong_methods(app: &TestApp) {
    let brew = Method::from_bytes(b"BREW").unwrap();
    let all = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, brew];
    for (path, taken) in [
        (MINT, Method::POST),
        (USAGE, Method::GET),
        ("/healthz", Method::GET),
        ("/readyz", Method::GET),
        ("/openapi.yaml", Method::GET),
    ] {
        for method in all.iter().filter(|method| **method != taken) {
            let answer = send(app.request(method.clone(), path)).await;
            assert_eq!(answer.error(), error(405, "method_not_allowed", ""), "{method} {path}");
            assert_eq!(answer.header("allow"), taken.as_str(), "{method} {path}");
        }
        let request = app.request(taken, path).bearer_auth(Person::new("ana").token());
        assert_eq!(send(request).await.status, 200, "{path}");
    }
}

const MOST: usize = 64 * 1024;

on_sqlite!(bodies_have_a_size, Setup::default(), send_large_bodies);

async fn send_large_bodies(app: &TestApp) {
    let ana = Person::new("ana");
    let padded = |size: usize| format!("{{{}}}", " ".repeat(size - 2)).into_bytes();
    let fits = post(app, &ana, "application/json", &padded(MOST)).await;
    assert_eq!(fits.status, 200, "{}", fits.text);
    for media_type in ["application/json", "text/plain"] {
        let too_large = post(app, &ana, media_type, &padded(MOST + 1)).await;
        assert_eq!(too_large.error(), error(413, "too_large", ""));
    }
    assert_eq!(chunked(app, &ana, &padded(MOST)).split(' ').nth(1), Some("200"));
    let too_large = chunked(app, &ana, &padded(MOST + 1));
    assert_eq!(too_large.split(' ').nth(1), Some("413"), "{too_large}");
    assert!(
        too_large.contains("\"code\":\"too_large\"") && too_large.contains("x-request-id: "),
        "{too_large}"
    );
}

/// Sends a body in chunks, without saying beforehand how long it is. Returns the answer as it came.
fn chunked(app: &TestApp, person: &Person, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.base().strip_prefix("http://").unwrap()).unwrap();
    let token = person.token();
    let head = format!(
        "POST {MINT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    for chunk in body.chunks(8_000) {
        stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).unwrap();
        stream.write_all(chunk).unwrap();
        stream.write_all(b"\r\n").unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

on_sqlite!(a_refusal_leaves_the_connection_open, Setup::default(), refuse_on_one_connection);

/// A server that leaves a body unread closes the connection, and the next request waits for another one.
async fn refuse_on_one_connection(app: &TestApp) {
    let body = r#"{"language": "es"}"#;
    let request = format!(
        "POST {MINT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer nobody\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(app.base().strip_prefix("http://").unwrap()).unwrap();
    for _ in 0..3 {
        stream.write_all(request.as_bytes()).unwrap();
        let answer = one_answer(&mut stream);
        assert_eq!(answer.split(' ').nth(1), Some("401"), "{answer}");
        assert!(!answer.contains("connection: close"), "{answer}");
    }
}

/// Reads an answer whose length is said in its head.
fn one_answer(stream: &mut TcpStream) -> String {
    let (mut answer, mut byte) = (Vec::new(), [0]);
    while !answer.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        answer.extend_from_slice(&byte);
    }
    let head = String::from_utf8(answer).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    head + std::str::from_utf8(&body).unwrap()
}

on_sqlite!(a_body_says_that_it_is_json, Setup::default(), send_other_media);

async fn send_other_media(app: &TestApp) {
    let ana = Person::new("ana");
    for media_type in [
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "application/json+x",
        "multipart/form-data; boundary=x",
        "json",
        "; application/json",
    ] {
        let answer = post(app, &ana, media_type, b"{}").await;
        assert_eq!(answer.error(), error(415, "unsupported_media_type", ""), "{media_type}");
    }
    let unsaid = send(app.mint_request(&ana).body("{}")).await;
    assert_eq!(unsaid.error(), error(415, "unsupported_media_type", ""));
    for media_type in ["application/json", "Application/JSON", "application/json ; charset=utf-8"] {
        assert_eq!(post(app, &ana, media_type, b"{}").await.status, 200, "{media_type}");
    }
}

on_sqlite!(without_a_key_nothing_is_minted, Setup::default().set("OPENAI_API_KEY", ""), mint_without_a_key);

async fn mint_without_a_key(app: &TestApp) {
    let answer = app.mint(&Person::new("ana"), json!({})).await;
    assert_eq!(answer.error(), error(409, "no_provider_key", ""));
    assert!(answer.json()["detail"].as_str().unwrap().contains("OPENAI_API_KEY"), "{}", answer.text);
    assert_eq!(app.simulator.requests().len(), 0);
    let usage = app.usage(&Person::new("ana")).await;
    assert_eq!((usage.status, &usage.json()["rate_limit"]["remaining"]), (200, &json!(10)));
}

const ONE_AND_NONE: &str = "
    [defaults]
    default_role = 'one'
    instructions.en = 'Speak.'
    [roles.one]
    hourly_tokens = 1
    [roles.none]
    hourly_tokens = 0
";

on_sqlite!(a_spent_hour_says_when_it_ends, Setup::policy(ONE_AND_NONE), spend_the_hour);

async fn spend_the_hour(app: &TestApp) {
    let ana = Person::new("ana");
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    app.advance(600);
    let answer = app.mint(&ana, json!({})).await;
    assert_eq!(answer.error(), error(429, "rate_limit_exceeded", ""));
    assert_eq!(answer.header("retry-after"), "3000");
    assert_eq!(answer.header("ratelimit-policy"), "\"hourly\";q=1;w=3600");
    assert_eq!(answer.header("ratelimit"), "\"hourly\";r=0;t=3000");
    assert_eq!(answer.json()["error"]["type"], "rate_limit_error");
    app.advance(3000);
    assert_eq!(app.mint(&ana, json!({})).await.status, 200);

    let answer = app.mint(&Person::new("bo").as_role("none"), json!({})).await;
    assert_eq!(answer.error(), error(429, "rate_limit_exceeded", ""));
    assert_eq!(answer.header("ratelimit-policy"), "\"hourly\";q=0;w=3600");
    assert_eq!(answer.header("retry-after"), "3600");
}
