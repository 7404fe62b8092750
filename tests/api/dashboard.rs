//! The dashboard as it is served. What it does in a browser is tested in tests/browser.

use std::collections::BTreeSet;

use ephemint_test_support::{
    ADMIN_TOKEN, EmptyDirectory, JWT_SECRET, ServiceProcess, Setup, TestApp, on_sqlite, send,
};
use reqwest::Method;
use serde_json::json;

use crate::cli::PROGRAM;

const PAGE: &str = "/dashboard";
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

on_sqlite!(the_page_is_there_with_all_that_it_names, Setup::default(), read_the_page);

async fn read_the_page(app: &TestApp) {
    let seen = read(app, PAGE).await;
    assert!(seen.len() > 20, "{seen:?}");
}

/// Fetches a page and all that it names, and what that names, and looks at the headers of each.
pub(crate) async fn read(app: &TestApp, page: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut next = vec![page.to_owned()];
    while let Some(path) = next.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let answer = send(app.request(Method::GET, &path)).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-security-policy"), POLICY, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-cache");
        let expected = match path.rsplit('.').next().unwrap() {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "svg" => "image/svg+xml",
            _ => "text/html; charset=utf-8",
        };
        assert_eq!(answer.header("content-type"), expected, "{path}");
        let parts = answer.text.split('"');
        next.extend(
            parts
                .clone()
                .filter(|part| part.starts_with(&format!("{page}/")) && part.contains('.'))
                .map(str::to_owned),
        );
        let modules = parts.filter_map(|part| part.strip_prefix("./")).filter(|name| name.ends_with(".js"));
        next.extend(modules.map(|name| format!("{page}/{name}")));
    }
    seen
}

on_sqlite!(what_a_browser_has_is_not_sent_again, Setup::default(), read_twice);

async fn read_twice(app: &TestApp) {
    let get = |tag: String| app.request(Method::GET, "/dashboard/dashboard.js").header("if-none-match", tag);
    let first = send(app.request(Method::GET, "/dashboard/dashboard.js")).await;
    let tag = first.header("etag").to_owned();
    let again = send(get(tag.clone())).await;
    assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", tag.as_str()));
    assert_eq!(again.header("cache-control"), "no-cache");
    assert_eq!(send(get("\"other\"".to_owned())).await.status, 200);
    let page = send(app.request(Method::GET, PAGE)).await;
    assert_ne!(page.header("etag"), tag);
}

on_sqlite!(there_are_no_other_files, Setup::default(), ask_for_other_files);

async fn ask_for_other_files(app: &TestApp) {
    for path in
        ["nothing.js", "vendor", "vendor/uPlot.LICENSE", "..%2F..%2FCargo.toml", "%2Fetc%2Fpasswd", ""]
    {
        let answer = send(app.request(Method::GET, &format!("{PAGE}/{path}"))).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{path}");
    }
}

on_sqlite!(the_page_knows_how_one_signs_in, Setup::default().with_operator(), ask_how_to_sign_in);

async fn ask_how_to_sign_in(app: &TestApp) {
    let ways = send(app.request(Method::GET, "/dashboard/sign-in")).await;
    assert_eq!(ways.json(), json!({"admin_token": true, "operator_roles": false}));
    assert_eq!(ways.header("cache-control"), "no-store");
}

on_sqlite!(and_whether_anybody_can, Setup::default().set("ADMIN_TOKEN", ""), ask_where_nobody_signs_in);

async fn ask_where_nobody_signs_in(app: &TestApp) {
    let ways = send(app.request(Method::GET, "/dashboard/sign-in")).await;
    assert_eq!(ways.json(), json!({"admin_token": false, "operator_roles": false}));
}

#[test]
fn the_log_says_where_it_is_when_there_are_operators() {
    let said = |admin_token: &str| {
        let data = EmptyDirectory::create();
        let settings = [
            ("BIND_ADDR", "127.0.0.1:0"),
            ("JWT_SECRET", JWT_SECRET),
            ("DATA_DIR", data.0.to_str().unwrap()),
            ("ADMIN_TOKEN", admin_token),
        ];
        let service = ServiceProcess::start(PROGRAM, &settings.map(|(name, value)| (name, value.to_owned())));
        let url = format!("{}/dashboard", service.base());
        let (status, output) = service.stop();
        assert!(status.success(), "{output}");
        output.contains(&url)
    };
    assert!(said(ADMIN_TOKEN));
    assert!(!said(""));
}
