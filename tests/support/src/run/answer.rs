//! What goes over the wire: answers are heard, tokens and instructions are secret.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::{Kind, Place, heard, secret};
use crate::app::{METRICS, MINT, OLDER, USAGE};

/// Where a session has words of its own that the model is told.
const WORDS: [&str; 2] = ["/session/instructions", "/session/audio/input/transcription/prompt"];

/// Looks at an answer of the service: keeps it, and remembers tokens.
pub(crate) fn answered(path: &str, status: StatusCode, headers: &HeaderMap, body: &str) {
    if status.is_client_error() || status.is_server_error() {
        heard(Place::Error, &format!("{status} {headers:?} {body}"));
        return;
    }
    match path {
        METRICS => heard(Place::Metrics, body),
        USAGE => heard(Place::Answer, body),
        _ if path.contains("/keys") => heard(Place::Answer, body),
        MINT => minted("value", body),
        OLDER => minted("token", body),
        _ => {}
    }
}

fn minted(member: &str, body: &str) {
    heard(Place::Answer, body);
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    body[member].as_str().into_iter().for_each(|token| secret(Kind::EphemeralToken, token));
}

/// Looks at what the provider was sent: remembers what the model is told.
pub(crate) fn upstream(body: &Value) {
    let told = WORDS.iter().filter_map(|words| body.pointer(words)?.as_str());
    told.for_each(|words| secret(Kind::Instructions, words));
}
