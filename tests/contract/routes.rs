//! The table of routes and `openapi.yaml`.

use std::collections::BTreeSet;

use ephemint::http::endpoints;
use ephemint_test_support::{Setup, StoreKind, TestApp, send};
use reqwest::Method;

use crate::compare::expect_same;
use crate::{openapi, repository};

const MEND: &str =
    "the table of routes (src/http/routes.rs) and openapi.yaml differ: mend the one that is wrong";

fn documented() -> BTreeSet<String> {
    let line = |(path, methods): (String, BTreeSet<String>)| {
        format!("{path} {}", methods.into_iter().collect::<Vec<_>>().join(", "))
    };
    openapi::methods(&openapi::document()).into_iter().map(line).collect()
}

fn served() -> BTreeSet<String> {
    let line = |endpoint: &ephemint::http::Endpoint| {
        let methods: BTreeSet<_> = endpoint.methods().map(ToString::to_string).collect();
        format!("{} {}", endpoint.path, methods.into_iter().collect::<Vec<_>>().join(", "))
    };
    endpoints().iter().map(line).collect()
}

#[test]
fn every_route_is_documented_and_every_documented_route_exists() {
    expect_same(("src/http/routes.rs", &served()), ("openapi.yaml", &documented()), MEND);
}

#[tokio::test]
async fn what_is_not_documented_is_refused_and_what_is_documented_is_not() {
    let app = TestApp::start(StoreKind::Sqlite, Setup::default()).await;
    for (path, methods) in openapi::methods(&openapi::document()) {
        let methods: Vec<String> = methods.into_iter().collect();
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"] {
            // There are only some files; whoever asks for others finds nothing.
            let real = path
                .replace("/dashboard/{file}", "/dashboard/dashboard.js")
                .replace("/me/{file}", "/me/me.js");
            let request = app.request(Method::from_bytes(method.as_bytes()).unwrap(), &real);
            let answer = request.send().await.unwrap();
            let status = answer.status().as_u16();
            if methods.iter().any(|documented| documented == method) {
                assert!(status != 404 && status != 405, "{method} {path} answers {status}: {MEND}");
                continue;
            }
            assert_eq!(status, 405, "{method} {path} is not documented: {MEND}");
            let allow = answer.headers().get("allow").map(|value| value.to_str().unwrap());
            assert_eq!(allow, Some(methods.join(", ").as_str()), "Allow of {method} {path}: {MEND}");
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn there_is_nothing_at_other_addresses() {
    let app = TestApp::start(StoreKind::Sqlite, Setup::default()).await;
    let known = openapi::methods(&openapi::document());
    // What comes behind a name is part of it.
    let longer = |path: &String| (!path.ends_with('}')).then(|| format!("{path}x"));
    let beside = known
        .keys()
        .flat_map(|path| [format!("{path}/"), path.to_uppercase()].into_iter().chain(longer(path)));
    for path in beside.chain(["/", "/v1", "/v1/realtime", "/nothing/here?a=b"].map(str::to_owned)) {
        let answer = send(app.request(Method::GET, &path)).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{path}: {MEND}");
    }
    app.stop().await;
}

#[tokio::test]
async fn the_service_hands_out_this_very_contract() {
    let app = TestApp::start(StoreKind::Sqlite, Setup::default()).await;
    let answer = send(app.request(Method::GET, "/openapi.yaml")).await;
    assert!(answer.text == repository::read("openapi.yaml"), "/openapi.yaml is not the file at the root");
    app.stop().await;
}

#[test]
fn the_contract_is_of_this_version() {
    let version = openapi::document()["info"]["version"].clone();
    assert_eq!(
        version,
        env!("CARGO_PKG_VERSION"),
        "write the version of Cargo.toml into openapi.yaml, info.version"
    );
}
