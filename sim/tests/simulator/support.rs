//! A client that speaks like the service would.

use std::time::Duration;

use ephemint_sim::{DEMO_API_KEY, Settings, Simulator};
use reqwest::{Client, RequestBuilder, StatusCode, header::HeaderMap, redirect::Policy};
use serde_json::{Value, json};

pub(crate) const SECRETS: &str = "/realtime/client_secrets";
pub(crate) const TRANSLATION_SECRETS: &str = "/realtime/translations/client_secrets";

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// The member of `error` of that name.
    pub(crate) fn error(&self, member: &str) -> &Value {
        self.body.pointer(&format!("/error/{member}")).unwrap_or(&Value::Null)
    }
}

pub(crate) async fn start() -> Simulator {
    Simulator::start(Settings::default()).await.unwrap()
}

/// Follows no redirect, asks no proxy and needs no certificates.
pub(crate) fn client() -> Client {
    Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .redirect(Policy::none())
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap()
}

/// A POST of `body` with the right key.
pub(crate) fn post(simulator: &Simulator, path: &str, body: &Value) -> RequestBuilder {
    let url = format!("{}{path}", simulator.base_url());
    client().post(url).bearer_auth(DEMO_API_KEY).json(body)
}

/// A request that is minted.
pub(crate) fn good(simulator: &Simulator) -> RequestBuilder {
    post(simulator, SECRETS, &session(json!({})))
}

/// Sends, and reads an answer that is JSON.
pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    Answer {
        status: response.status(),
        headers: response.headers().clone(),
        body: response.json().await.unwrap(),
    }
}

/// A body for a conversation that has `fields`.
pub(crate) fn session(fields: Value) -> Value {
    let mut session = json!({ "type": "realtime" });
    session.as_object_mut().unwrap().append(&mut fields.as_object().unwrap().clone());
    json!({ "session": session })
}

/// The rows of a table: all lines but comments.
pub(crate) fn rows(table: &str) -> impl Iterator<Item = &str> {
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}
