//! The page of users as it is served. What it does in a browser is tested in tests/browser.

use ephemint_test_support::{Setup, TestApp, on_sqlite, send};
use reqwest::Method;
use serde_json::json;

use crate::dashboard;

const PAGE: &str = "/me";

fn two_origins() -> Setup {
    Setup::default().set("ALLOWED_ORIGINS", "https://app.example.com, http://localhost:5173")
}

on_sqlite!(the_page_is_there_with_all_that_it_names, Setup::default(), read_the_page);

async fn read_the_page(app: &TestApp) {
    let seen = dashboard::read(app, PAGE).await;
    assert!(seen.len() > 15, "{seen:?}");
    for path in ["nothing.js", "dashboard.js", "..%2Fme.rs", ""] {
        let answer = send(app.request(Method::GET, &format!("{PAGE}/{path}"))).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{path}");
    }
}

on_sqlite!(it_knows_whose_pages_may_sign_users_in, two_origins(), ask_for_origins);

async fn ask_for_origins(app: &TestApp) {
    let answer = send(app.request(Method::GET, "/me/origins")).await;
    assert_eq!(answer.json(), json!({ "origins": ["https://app.example.com", "http://localhost:5173"] }));
    assert_eq!(answer.header("cache-control"), "no-store");
}

on_sqlite!(without_any_nobody_may, Setup::default().set("ALLOWED_ORIGINS", ""), ask_where_there_are_none);

async fn ask_where_there_are_none(app: &TestApp) {
    assert_eq!(send(app.request(Method::GET, "/me/origins")).await.json(), json!({ "origins": [] }));
}
