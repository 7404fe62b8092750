//! Calls over WebRTC.

mod beginning;
mod browsers;
mod ending;
mod many;
mod refused;
mod sound;

use ephemint_sim::{DEMO_API_KEY, Simulator};
use reqwest::{
    RequestBuilder,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, Call},
    support::{SECRETS, answer, client, post},
};

pub(crate) const CALLS: &str = "/realtime/calls";
const TRANSLATION_CALLS: &str = "/realtime/translations/calls";

/// Mints a client secret for a session.
pub(crate) async fn secret(simulator: &Simulator, path: &str, session: &Value) -> String {
    let minted = answer(post(simulator, path, &json!({ "session": session }))).await;
    minted.body.get("value").unwrap().as_str().unwrap().to_owned()
}

/// A request to begin a call with a client secret, as browsers send it.
fn by_secret(simulator: &Simulator, path: &str, secret: &str, sdp: String) -> RequestBuilder {
    typed(simulator, path, secret, "application/sdp", sdp)
}

fn typed(simulator: &Simulator, path: &str, token: &str, content_type: &str, body: String) -> RequestBuilder {
    let url = format!("{}{path}", simulator.base_url());
    client().post(url).bearer_auth(token).header("content-type", content_type).body(body)
}

/// A request to begin a call with an API key, as servers send it.
pub(crate) fn by_key(simulator: &Simulator, path: &str, session: &Value, sdp: String) -> RequestBuilder {
    form(
        simulator,
        path,
        DEMO_API_KEY,
        Form::new().part("sdp", offer_part(sdp)).part("session", session_part(session)),
    )
}

fn form(simulator: &Simulator, path: &str, token: &str, form: Form) -> RequestBuilder {
    client().post(format!("{}{path}", simulator.base_url())).bearer_auth(token).multipart(form)
}

fn offer_part(sdp: String) -> Part {
    Part::text(sdp).mime_str("application/sdp").unwrap()
}

fn session_part(session: &Value) -> Part {
    Part::text(session.to_string()).mime_str("application/json").unwrap()
}

pub(crate) fn hang_up(simulator: &Simulator, id: &str, token: &str) -> RequestBuilder {
    client().post(format!("{}{CALLS}/{id}/hangup", simulator.base_url())).bearer_auth(token)
}

/// A browser in a call that was opened with a secret of its own, greeted already.
pub(crate) async fn connected(simulator: &Simulator) -> (Browser, Call, String) {
    let secret = secret(simulator, SECRETS, &json!({ "type": "realtime" })).await;
    let (mut browser, call) = Browser::call(|sdp| by_secret(simulator, CALLS, &secret, sdp)).await;
    browser.event("session.created").await;
    (browser, call, secret)
}
