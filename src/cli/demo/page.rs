//! The page at `/`, and what it needs to know.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::web::{self, ServiceConfig};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::issuer::{PEOPLE, Person};
use crate::policy::{Policy, Role};

const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// Address, media type and content of each file.
const FILES: [(&str, &str, &str); 7] = [
    ("/", "text/html; charset=utf-8", include_str!("page/index.html")),
    ("/demo/demo.css", "text/css; charset=utf-8", include_str!("page/demo.css")),
    ("/demo/demo.js", JAVASCRIPT, include_str!("page/demo.js")),
    ("/demo/panels.js", JAVASCRIPT, include_str!("page/panels.js")),
    ("/demo/keys.js", JAVASCRIPT, include_str!("page/keys.js")),
    ("/demo/journey.js", JAVASCRIPT, include_str!("page/journey.js")),
    ("/demo/code-view.js", JAVASCRIPT, include_str!("page/code-view.js")),
];

/// The page's files, and the choices that it offers.
#[derive(Clone)]
pub(super) struct Page {
    choices: Arc<Value>,
}

impl Page {
    /// `admin_token` is for whoever sees the page, which answers to this machine only.
    pub(super) fn new(policy: &Policy, simulated: bool, admin_token: &SecretString) -> Self {
        let key = |one: &Person| simulated.then(|| one.key());
        let people = PEOPLE
            .iter()
            .map(|one| json!({ "id": one.id, "name": one.name, "role": one.role, "key": key(one) }));
        let default = policy.default_role();
        let choices = json!({
            "mode": if simulated { "simulator" } else { "live" },
            "users": people.collect::<Vec<_>>(),
            "roles": policy.roles().map(role).collect::<Vec<_>>(),
            "default_role": default.name(),
            "default_language": policy.default_language(),
            "models": default.models().collect::<Vec<_>>(),
            "voices": default.voices().collect::<Vec<_>>(),
            "admin_token": admin_token.expose_secret(),
        });
        Self { choices: Arc::new(choices) }
    }

    pub(super) fn configure(&self, routes: &mut ServiceConfig) {
        for (path, media_type, content) in FILES {
            routes.route(path, web::get().to(async move || file(media_type, content)));
        }
        let choices = self.choices.clone();
        let config = move || {
            let answer = HttpResponse::Ok().json(&*choices);
            async { answer }
        };
        routes.route("/demo/config", web::get().to(config));
    }
}

fn role(role: &Role) -> Value {
    json!({
        "name": role.name(),
        "self_assignable": role.self_assignable(),
        "hourly_tokens": role.hourly_limit(),
        "languages": role.languages().collect::<Vec<_>>(),
    })
}

fn file(media_type: &str, content: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((CONTENT_SECURITY_POLICY, CONTENT_POLICY))
        .body(content)
}
