//! `GET /dashboard`: the page for operators, and its files. It is plain text of ours and one library in `vendor`; there is
//! nothing secret in it. What it shows it asks of `/v1/admin/…`, with what the operator types in.

use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, HeaderMap, IF_NONE_MATCH};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;

use super::Edge;
use super::problem::Problem;
use crate::kernel::code::Code;
use crate::kernel::hex::hex;

const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Browsers keep the files, and ask each time whether they are still the same.
const REVALIDATE: &str = "no-cache";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! file {
    ($name:literal, $media_type:expr) => {
        file!($name, $media_type, $name)
    };
    ($name:literal, $media_type:expr, $source:literal) => {
        ($name, $media_type, include_str!(concat!("dashboard/", $source)))
    };
}

/// Name, media type and content of each file.
const FILES: [(&str, &str, &str); 28] = [
    file!("index.html", HTML),
    file!("base.css", CSS),
    file!("dashboard.css", CSS),
    file!("uplot.css", CSS, "vendor/uPlot.min.css"),
    file!("uplot.js", SCRIPT, "vendor/uPlot.iife.min.js"),
    file!("icon.svg", "image/svg+xml"),
    file!("address.js", SCRIPT),
    file!("api.js", SCRIPT),
    file!("bars.js", SCRIPT),
    file!("by-group.js", SCRIPT),
    file!("chart.js", SCRIPT),
    file!("dashboard.js", SCRIPT),
    file!("dom.js", SCRIPT),
    file!("drawer.js", SCRIPT),
    file!("events.js", SCRIPT),
    file!("feed.js", SCRIPT),
    file!("filters.js", SCRIPT),
    file!("format.js", SCRIPT),
    file!("ledger.js", SCRIPT),
    file!("logs.js", SCRIPT),
    file!("money.js", SCRIPT),
    file!("over-time.js", SCRIPT),
    file!("panel.js", SCRIPT),
    file!("refresh.js", SCRIPT),
    file!("sign-in.js", SCRIPT),
    file!("table.js", SCRIPT),
    file!("today.js", SCRIPT),
    file!("window.js", SCRIPT),
];

/// What each of [`FILES`] is known by, in the same order: a digest of it.
static TAGS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let tag = |text: &str| format!("\"{}\"", hex(digest(&SHA256, text.as_bytes()).as_ref()));
    FILES.iter().map(|(_, _, text)| tag(text)).collect()
});

/// How operators sign in here.
#[derive(Serialize)]
pub(super) struct SignIn {
    /// With `ADMIN_TOKEN`.
    admin_token: bool,
    /// With the JWT of a user who has one of `ADMIN_ROLES`.
    operator_roles: bool,
}

pub(super) async fn page(request: HttpRequest) -> Result<HttpResponse, Problem> {
    file("index.html", request.headers())
}

pub(super) async fn part(name: Path<String>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    file(&name, request.headers())
}

pub(super) async fn sign_in(edge: Data<Edge>) -> Json<SignIn> {
    Json(SignIn {
        admin_token: edge.admin_token.is_some(),
        operator_roles: edge.administration.operators.may_be_users(),
    })
}

fn file(name: &str, asked: &HeaderMap) -> Result<HttpResponse, Problem> {
    let found = FILES.iter().zip(TAGS.iter()).find(|((known, ..), _)| *known == name);
    let Some(((_, media_type, text), tag)) = found else {
        return Err(Problem::new(Code::NotFound, "The dashboard has no such file. It begins at /dashboard."));
    };
    let mut response = if is_there(asked, tag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((CACHE_CONTROL, REVALIDATE))
        .insert_header((CONTENT_SECURITY_POLICY, CONTENT_POLICY))
        .insert_header((ETAG, tag.as_str()));
    if is_there(asked, tag) {
        return Ok(response.finish());
    }
    Ok(response.content_type(*media_type).body(*text))
}

/// Whether the browser has it already.
fn is_there(asked: &HeaderMap, tag: &str) -> bool {
    let sent = asked.get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    let mut tags = sent.flat_map(|list| list.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_served() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/http/dashboard");
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        for name in names.filter(|name| name != "vendor") {
            let name = name.into_string().unwrap();
            assert!(FILES.iter().any(|(known, ..)| *known == name), "FILES lacks {name}");
        }
    }

    #[test]
    fn what_is_there_is_not_sent_again() {
        let with = |sent: &[&str]| {
            let mut headers = HeaderMap::new();
            sent.iter().for_each(|value| headers.append(IF_NONE_MATCH, value.parse().unwrap()));
            is_there(&headers, "\"a\"")
        };
        assert!(with(&["\"a\""]) && with(&["W/\"a\""]) && with(&["*"]) && with(&["\"b\", \"a\""]));
        assert!(with(&["\"b\"", "\"a\""]));
        assert!(!with(&[]) && !with(&["\"b\""]) && !with(&["a"]));
    }
}
