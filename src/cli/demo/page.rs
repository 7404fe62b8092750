//! The page at `/`, and what it needs to know.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::web::{self, ServiceConfig};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::issuer::{PEOPLE, Person};
use crate::policy::{Policy, Role};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// A file of the page.
struct File {
    /// Its address.
    path: &'static str,
    media_type: &'static str,
    text: &'static str,
}

/// A file by its address, its kind and its source.
macro_rules! file {
    ($path:literal, $media_type:expr, $source:literal) => {
        File { path: $path, media_type: $media_type, text: include_str!($source) }
    };
}

static FILES: [File; 25] = [
    file!("/", HTML, "page/index.html"),
    file!("/demo/demo.css", CSS, "page/demo.css"),
    file!("/demo/journey.css", CSS, "page/journey.css"),
    file!("/demo/outcome.css", CSS, "page/outcome.css"),
    file!("/demo/talk.css", CSS, "page/talk.css"),
    file!("/demo/call-state.js", SCRIPT, "page/call-state.js"),
    file!("/demo/choices.js", SCRIPT, "page/choices.js"),
    file!("/demo/code-view.js", SCRIPT, "page/code-view.js"),
    file!("/demo/demo.js", SCRIPT, "page/demo.js"),
    file!("/demo/event-log.js", SCRIPT, "page/event-log.js"),
    file!("/demo/hour.js", SCRIPT, "page/hour.js"),
    file!("/demo/journey.js", SCRIPT, "page/journey.js"),
    file!("/demo/keys.js", SCRIPT, "page/keys.js"),
    file!("/demo/meter.js", SCRIPT, "page/meter.js"),
    file!("/demo/microphones.js", SCRIPT, "page/microphones.js"),
    file!("/demo/panes.js", SCRIPT, "page/panes.js"),
    file!("/demo/service.js", SCRIPT, "page/service.js"),
    file!("/demo/snippet.js", SCRIPT, "page/snippet.js"),
    file!("/demo/state.js", SCRIPT, "page/state.js"),
    file!("/demo/talk.js", SCRIPT, "page/talk.js"),
    file!("/demo/ticket.js", SCRIPT, "page/ticket.js"),
    file!("/demo/transcript.js", SCRIPT, "page/transcript.js"),
    file!("/demo/tricks.js", SCRIPT, "page/tricks.js"),
    file!("/demo/tries.js", SCRIPT, "page/tries.js"),
    // The library as it is published: the one copy of it.
    file!("/demo/ephemint.js", SCRIPT, "../../../client/dist/index.js"),
];

fn origin(provider: &Url) -> String {
    provider.origin().ascii_serialization()
}

/// What the page may do: it talks to this service, and to the provider.
fn content_policy(provider: &Url) -> String {
    let provider = origin(provider);
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self' {provider}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// The page's files, and the choices that it offers.
#[derive(Clone)]
pub(super) struct Page {
    choices: Arc<Value>,
    content_policy: Arc<str>,
}

impl Page {
    /// `provider` is what the page's calls go to. `admin_token` is for whoever sees the page, which answers to this machine
    /// only.
    pub(super) fn new(policy: &Policy, provider: &Url, simulated: bool, admin_token: &SecretString) -> Self {
        let key = |one: &Person| simulated.then(|| one.key());
        let people = PEOPLE
            .iter()
            .map(|one| json!({ "id": one.id, "name": one.name, "role": one.role, "key": key(one) }));
        let default = policy.default_role();
        let choices = json!({
            "mode": if simulated { "simulator" } else { "live" },
            "provider": origin(provider),
            "users": people.collect::<Vec<_>>(),
            "roles": policy.roles().map(role).collect::<Vec<_>>(),
            "default_role": default.name(),
            "default_language": policy.default_language(),
            "models": default.models().collect::<Vec<_>>(),
            "voices": default.voices().collect::<Vec<_>>(),
            "admin_token": admin_token.expose_secret(),
        });
        Self { choices: Arc::new(choices), content_policy: content_policy(provider).into() }
    }

    pub(super) fn configure(&self, routes: &mut ServiceConfig) {
        for file in &FILES {
            let content_policy = self.content_policy.clone();
            let answer = move || {
                let answer = file.answer(&content_policy);
                async { answer }
            };
            routes.route(file.path, web::get().to(answer));
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

impl File {
    fn answer(&self, content_policy: &str) -> HttpResponse {
        HttpResponse::Ok()
            .content_type(self.media_type)
            .insert_header((CONTENT_SECURITY_POLICY, content_policy))
            .body(self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_served() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/cli/demo/page");
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let path = if name == "index.html" { "/".to_owned() } else { format!("/demo/{name}") };
            assert!(FILES.iter().any(|file| file.path == path), "{path} is not served");
        }
    }

    #[test]
    fn the_page_may_talk_to_the_provider_and_to_nobody_else() {
        let policy = content_policy(&Url::parse("https://voice.example:8443/v1/").unwrap());
        assert!(policy.contains("connect-src 'self' https://voice.example:8443;"), "{policy}");
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
    }
}
